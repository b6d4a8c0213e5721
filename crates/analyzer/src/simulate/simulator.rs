//! What all scenarios on the same runs share, done once: the runs' models, the draws of everything
//! unknown, how far the recorded settings are missed.
//!
//! Scenarios are compared on the same draws (common random numbers), so that a difference between two of
//! them is theirs.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Mutex;

use memtool_profile_model::Run;

use super::hand::Hand;
use super::lanes::{Task, replay_all};
use super::plan::{Plan, Scale};
use super::random::Random;
use super::replay::replay;
use super::{
    Prediction, Replayed, SPEED_NOISE, Scenario, SimulateOptions, bases, cost_assumed, known, models, sizes,
    summary, warnings,
};
use crate::respond::Response;
use crate::respond::model::RunModel;

/// Steps of batches in all replays together, at most: long runs are replayed fewer times.
const MOST_BATCHES: f64 = 2.0e6;
/// Replays that are held at a time, about, whatever the number of scenarios: some MB.
const MOST_TOGETHER: u32 = 1 << 14;
/// Replays at least.
const FEWEST_REPLAYS: u32 = 40;

/// Simulates scenarios on runs of one job, pooled: each replay takes one of the runs.
#[derive(Debug)]
pub struct Simulator<'a> {
    models: Vec<Cow<'a, RunModel>>,
    response: &'a Response,
    options: SimulateOptions,
    factual_error: f64,
    /// For fixed sizes and for configs, which may start from other runs.
    draws: [RefCell<Draws>; 2],
}

/// The draws so far, in the order of their random numbers.
#[derive(Debug)]
struct Draws {
    random: Random,
    drawn: Vec<Drawn>,
}

#[derive(Debug)]
struct Drawn {
    plan: Plan,
    /// Place among the bases.
    base: usize,
    noise: f64,
    last: Mutex<Option<Scale>>,
}

impl<'a> Simulator<'a> {
    /// For the runs that the response is of, or others of the same job.
    #[must_use]
    pub fn new(runs: &[&Run], response: &'a Response, options: &SimulateOptions) -> Self {
        let models = models(runs, response);
        let draws = || RefCell::new(Draws { random: Random::seeded(options.seed), drawn: Vec::new() });
        Self {
            factual_error: models.iter().map(|model| factual_error(model)).fold(0.0, f64::max),
            models,
            response,
            options: *options,
            draws: [draws(), draws()],
        }
    }

    /// What one scenario would have come to.
    #[must_use]
    pub fn simulate(&self, scenario: &Scenario) -> Prediction {
        self.predict(std::slice::from_ref(scenario)).remove(0)
    }

    /// What each scenario would have come to, in order.
    #[must_use]
    pub fn simulate_many(&self, scenarios: &[Scenario]) -> Vec<Prediction> {
        let together = (MOST_TOGETHER / self.options.draws.max(1)).max(1) as usize;
        scenarios.chunks(together).flat_map(|some| self.predict(some)).collect()
    }

    /// How many numbers the draws so far hold: what keeping the simulator takes, in eights of bytes.
    #[must_use]
    pub fn drawn_numbers(&self) -> usize {
        let of = |draws: &RefCell<Draws>| {
            draws.borrow().drawn.iter().map(|d| 4 * d.plan.held.len()).sum::<usize>()
        };
        self.draws.iter().map(of).sum()
    }

    fn predict(&self, scenarios: &[Scenario]) -> Vec<Prediction> {
        let replays: Vec<usize> = scenarios.iter().map(|scenario| self.replays(scenario)).collect();
        for (scenario, replays) in scenarios.iter().zip(&replays) {
            self.draw(scenario, *replays);
        }
        let draws = self.draws.each_ref().map(RefCell::borrow);
        let drawn = |scenario: &Scenario, replays: usize| &draws[kind(scenario)].drawn[..replays];
        let tasks: Vec<Task<'_>> = scenarios
            .iter()
            .zip(&replays)
            .flat_map(|(scenario, replays)| self.tasks(scenario, drawn(scenario, *replays)))
            .collect();
        let mut outcomes = replay_all(&tasks).into_iter();
        let predict = |(scenario, replays): (&Scenario, &usize)| {
            let drawn = drawn(scenario, *replays);
            let replayed = drawn.iter().zip(outcomes.by_ref()).map(|(drawn, outcome)| Replayed {
                outcome,
                recorded_seconds: drawn.plan.recorded_seconds + drawn.plan.outside,
                noise: drawn.noise,
            });
            self.prediction(scenario, &replayed.collect::<Vec<_>>())
        };
        scenarios.iter().zip(&replays).map(predict).collect()
    }

    /// Draws as many plans as are asked for, unless they are there.
    fn draw(&self, scenario: &Scenario, replays: usize) {
        let bases = bases(&self.models, known(self.response), scenario);
        let Draws { random, drawn } = &mut *self.draws[kind(scenario)].borrow_mut();
        while drawn.len() < replays {
            let base = drawn.len() % bases.len();
            let plan = Plan::draw(bases[base], self.options.machine_limit_mb, random);
            let noise = (SPEED_NOISE * random.normal()).exp();
            drawn.push(Drawn { plan, base, noise, last: Mutex::default() });
        }
    }

    fn tasks<'b>(&'b self, scenario: &'b Scenario, drawn: &'b [Drawn]) -> impl Iterator<Item = Task<'b>> {
        let known = known(self.response);
        let sizes = sizes(scenario);
        let bases = bases(&self.models, known, scenario);
        let scales: Vec<Scale> = bases.iter().map(|model| Scale::of(model, &sizes, known)).collect();
        drawn.iter().map(move |drawn| Task {
            plan: &drawn.plan,
            scale: scales[drawn.base].clone(),
            known,
            scenario,
            last: &drawn.last,
        })
    }

    fn prediction(&self, scenario: &Scenario, replayed: &[Replayed]) -> Prediction {
        // Peaks of several fixed sizes hold a prediction as well as batch records do.
        let anchored = !known(self.response).is_empty();
        let recorded = anchored || self.models.iter().all(|model| model.recorded);
        let mut prediction = summary::summary(replayed, scenario, (self.options.limit_mb, recorded));
        prediction.identifiable = self.response.identifiable();
        prediction.recorded_peak_mb = self.models.iter().map(|m| m.peak).reduce(f64::max);
        prediction.throughput_assumed = self.models.iter().any(|model| cost_assumed(model));
        prediction.factual_error = self.factual_error;
        prediction.warnings = warnings::warnings(self.response, scenario, &prediction, &self.models);
        prediction
    }

    /// How many replays a scenario is worth; none without a readable sample.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a bounded count")]
    fn replays(&self, scenario: &Scenario) -> usize {
        if self.models.is_empty() {
            return 0;
        }
        let smallest = match scenario {
            Scenario::Config(config) => f64::from(config.batch_sizes.medium).max(1.0),
            Scenario::FixedBatch(size) => f64::from(*size),
        };
        let batches = |m: &Cow<'_, RunModel>| m.stages.iter().map(|s| s.items / smallest + 1.0).sum::<f64>();
        let most = self.models.iter().map(batches).fold(1.0, f64::max);
        let affordable = (MOST_BATCHES / most) as u32;
        self.options.draws.max(1).min(affordable.max(FEWEST_REPLAYS)) as usize
    }
}

/// Place of a scenario's draws.
fn kind(scenario: &Scenario) -> usize {
    usize::from(matches!(scenario, Scenario::Config(_)))
}

/// How far the recorded sizes, laid over the model's work, miss the recorded peak, in the middle of a few
/// draws.
fn factual_error(model: &RunModel) -> f64 {
    let mut random = Random::seeded(0);
    let scale = Scale::of(model, &model.sizes, &[]);
    let mut peaks = [0.0; 7].map(|_: f64| {
        let plan = Plan::draw(model, None, &mut random);
        let scale = Scale { factor: plan.factor, ..scale.clone() };
        replay(&plan, &scale, &mut Hand::Recorded { sizes: &model.sizes, next: 0 }, |_, _| ()).peak
    });
    peaks.sort_by(f64::total_cmp);
    ((peaks[peaks.len() / 2] - model.peak) / model.peak.max(1.0)).abs()
}
