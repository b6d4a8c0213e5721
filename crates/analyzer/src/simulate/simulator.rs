//! What all scenarios on the same runs share, done once: the runs' models, the draws of everything
//! unknown, the error of a replay of the recorded sizes.
//!
//! Scenarios are compared on the same draws (common random numbers), so that a difference between two of
//! them is theirs.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use memtool_profile_model::Run;

use super::base_runs::{bases, known_peaks, models, tells};
use super::batch_controller::BatchController;
use super::calibration::{Evidence, GATE};
use super::peak_correction::PeakCorrection;
use super::plan::{Plan, Scale};
use super::prediction::Prediction;
use super::replay::{Outcome, as_recorded, replay};
use super::scenario::{Scenario, SimulateOptions};
use super::summary::{self, Replayed};
use super::warnings;
use crate::memory_model::MemoryModel;
use crate::memory_model::resident::Keeping;
use crate::memory_model::run_model::RunModel;
use crate::stats::Random;

/// Steps of batches in all replays together, at most: long runs are replayed fewer times.
const MOST_BATCHES: f64 = 2.0e6;
/// Replays at least.
const FEWEST_REPLAYS: u32 = 40;
/// Processor time of the same work differs by 8 to 11 % from run to run, a ratio of two by √2 times that.
const SPEED_NOISE: f64 = 0.13;
/// Repeats of a fixed size reach this share of its peak at least.
const REPEATED: f64 = 0.97;
/// Cells of all plans below which a second thread is not worth its start.
const WORTH_A_THREAD: usize = 100_000;

/// Simulates scenarios on runs of one job, pooled: each replay takes one of the runs.
#[derive(Debug)]
pub struct Simulator<'a> {
    memory_model: &'a MemoryModel,
    options: SimulateOptions,
    shared: Rc<Shared<'a>>,
}

/// The parts that depend neither on a limit nor on the number of draws.
#[derive(Debug)]
struct Shared<'a> {
    models: Vec<Cow<'a, RunModel>>,
    replay_error: f64,
    /// For fixed sizes, configs and the recorded runs themselves, which may start from other runs.
    draws: [RefCell<Draws>; 3],
    /// Replays of fixed sizes, which no limit steers, in the order of their draws.
    fixed: RefCell<BTreeMap<u32, Vec<Replayed>>>,
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
    correction: PeakCorrection,
    /// Place among the bases.
    base: usize,
    noise: f64,
}

/// Simulates one scenario on runs of one job, pooled: each replay takes one of the runs.
///
/// Callers with several scenarios keep a [`Simulator`], or give them all to
/// [`Simulator::simulate_many`]: what they share is done once.
#[must_use]
pub fn simulate(
    runs: &[&Run],
    memory_model: &MemoryModel,
    scenario: &Scenario,
    options: &SimulateOptions,
) -> Prediction {
    Simulator::new(runs, memory_model, options).simulate(scenario)
}

/// The memory of one replay, as seconds and MiB: the line of a before-and-after chart. Empty where the run
/// holds no readable sample.
#[must_use]
pub fn simulated_path(run: &Run, memory_model: &MemoryModel, scenario: &Scenario) -> (Vec<f64>, Vec<f64>) {
    let (mut seconds, mut rss_mb) = (Vec::new(), Vec::new());
    for (model, _) in models(&[run], memory_model).into_iter().map(proven) {
        let mut random = Random::seeded(SimulateOptions::default().seed);
        let plan = Plan::draw(&model, false, &mut random);
        let known = known_peaks(memory_model);
        let correction = correction(&plan, &model, known);
        let scale = Scale::of(&model, &scenario.sizes(), known).corrected(&plan, correction);
        let mut controller = BatchController::new(scenario, plan.operations.len(), scale.total);
        replay(&plan, &scale, &mut controller, |at, rss| {
            seconds.push(at);
            rss_mb.push(rss);
        });
    }
    (seconds, rss_mb)
}

impl<'a> Simulator<'a> {
    /// For the runs that the memory model is of, or others of the same job.
    #[must_use]
    pub fn new(runs: &[&Run], memory_model: &'a MemoryModel, options: &SimulateOptions) -> Self {
        let (models, errors): (Vec<_>, Vec<f64>) = models(runs, memory_model).into_iter().map(proven).unzip();
        let draws = || RefCell::new(Draws { random: Random::seeded(options.seed), drawn: Vec::new() });
        let shared = Shared {
            replay_error: errors.into_iter().fold(0.0, f64::max),
            models,
            draws: [draws(), draws(), draws()],
            fixed: RefCell::default(),
        };
        Self { memory_model, options: *options, shared: Rc::new(shared) }
    }

    /// The same runs and draws under another limit, or with another number of draws. The seed stays, and another machine
    /// stays any other than the recorded one.
    #[must_use]
    pub fn with(&self, options: &SimulateOptions) -> Self {
        let same = |options: &SimulateOptions| (options.seed, options.machine_limit_mb.is_some());
        debug_assert_eq!(same(&self.options), same(options), "they would be other draws");
        Self { memory_model: self.memory_model, options: *options, shared: Rc::clone(&self.shared) }
    }

    /// What would have happened under each scenario, in order.
    #[must_use]
    pub fn simulate_many(&self, scenarios: &[Scenario]) -> Vec<Prediction> {
        scenarios.iter().map(|scenario| self.simulate(scenario)).collect()
    }

    /// What would have happened under one scenario.
    #[must_use]
    pub fn simulate(&self, scenario: &Scenario) -> Prediction {
        if self.knows_no_size(scenario) {
            return Prediction::withheld(self.recorded_peak_mb());
        }
        let replays = self.replays(scenario);
        self.draw(scenario, replays);
        let known = known_peaks(self.memory_model);
        let bases = bases(&self.shared.models, known, scenario);
        let sizes = scenario.sizes();
        let machine_mb = self.options.machine_limit_mb;
        let scale = |model: &&RunModel| Scale::of(model, &sizes, known).on_machine(machine_mb);
        let scales: Vec<Scale> = bases.iter().map(scale).collect();
        let draws = self.shared.draws[place(scenario)].borrow();
        let tells = tells(&bases, scenario);
        let chosen: Vec<&Drawn> = draws.drawn[..replays].iter().filter(|drawn| tells[drawn.base]).collect();
        let replayed = |drawn: &Drawn| {
            let scale = scales[drawn.base].clone().corrected(&drawn.plan, drawn.correction.clone());
            let outcome = match scenario {
                Scenario::AsRecorded => as_recorded(&drawn.plan, bases[drawn.base]),
                _ => outcome(&drawn.plan, &scale, scenario),
            };
            Replayed {
                outcome,
                recorded_seconds: drawn.plan.recorded_seconds + drawn.plan.outside,
                noise: drawn.noise,
            }
        };
        let Scenario::FixedBatch(size) = scenario else {
            return self.prediction(scenario, &on_all_threads(&chosen, replayed));
        };
        let mut fixed = self.shared.fixed.borrow_mut();
        let known = fixed.entry(*size).or_default();
        let further = chosen.get(known.len()..).unwrap_or_default();
        known.extend(on_all_threads(further, replayed));
        self.prediction(scenario, &known[..chosen.len()])
    }

    /// Whether other sizes are asked of a job that recorded none: nothing follows from its memory.
    fn knows_no_size(&self, scenario: &Scenario) -> bool {
        let other = !matches!(scenario, Scenario::AsRecorded);
        other && self.memory_model.sizes_seen.is_empty() && !self.shared.models.is_empty()
    }

    fn recorded_peak_mb(&self) -> Option<f64> {
        self.shared.models.iter().map(|model| model.peak).reduce(f64::max)
    }

    /// How many numbers the draws so far hold: what keeping the simulator takes, in units of 8 bytes.
    #[must_use]
    pub fn drawn_numbers(&self) -> usize {
        let of = |draws: &RefCell<Draws>| {
            draws.borrow().drawn.iter().map(|d| 4 * d.plan.resident.len()).sum::<usize>()
        };
        self.shared.draws.iter().map(of).sum()
    }

    /// Draws missing plans up to the requested number.
    fn draw(&self, scenario: &Scenario, replays: usize) {
        let known = known_peaks(self.memory_model);
        let bases = bases(&self.shared.models, known, scenario);
        let Draws { random, drawn } = &mut *self.shared.draws[place(scenario)].borrow_mut();
        while drawn.len() < replays {
            let base = drawn.len() % bases.len();
            let plan = Plan::draw(bases[base], self.options.machine_limit_mb.is_some(), random);
            let noise = (SPEED_NOISE * random.normal()).exp();
            let correction = correction(&plan, bases[base], known);
            drawn.push(Drawn { plan, correction, base, noise });
        }
    }

    fn prediction(&self, scenario: &Scenario, replayed: &[Replayed]) -> Prediction {
        let anchored = !known_peaks(self.memory_model).is_empty();
        let evidence = match scenario {
            // Its own peak is the recorded one.
            Scenario::AsRecorded => Evidence::FixedSizes,
            _ => Evidence::of(&self.shared.models, anchored, self.shared.replay_error),
        };
        let (limit, least) = (self.options.limit_mb, self.least(scenario));
        let mut prediction =
            summary::summary(replayed, scenario, limit, evidence.widening(self.beyond(scenario)), least);
        prediction.bounds_only = !evidence.carries_a_figure();
        prediction.identifiable =
            self.memory_model.identifiable() || matches!(scenario, Scenario::AsRecorded);
        prediction.recorded_peak_mb = self.recorded_peak_mb();
        prediction.throughput_assumed = self.shared.models.iter().any(|model| model.cost_assumed());
        prediction.replay_error = self.shared.replay_error;
        prediction.warnings =
            warnings::warnings(self.memory_model, scenario, &prediction, &self.shared.models);
        prediction
    }

    /// A fixed size over the largest recorded one; 1 where it is no larger.
    fn beyond(&self, scenario: &Scenario) -> f64 {
        match (scenario, self.memory_model.sizes_seen.last()) {
            (Scenario::FixedBatch(size), Some(largest)) => (f64::from(*size) / largest).max(1.0),
            _ => 1.0,
        }
    }

    /// The peak that a fixed size reaches at least, and what was charged then: the recorded one of a run whose batches were
    /// no larger, less what repeats differ by.
    fn least(&self, scenario: &Scenario) -> (f64, f64) {
        let Scenario::FixedBatch(size) = scenario else { return (0.0, 0.0) };
        let largest = |model: &RunModel| model.sizes.iter().copied().fold(0.0, f64::max);
        let models = self.shared.models.iter();
        let smaller = models.filter(|m| !m.sizes.is_empty() && largest(m) <= f64::from(*size));
        let least = |value: fn(&RunModel) -> f64| {
            smaller.clone().map(|model| REPEATED * value(model)).fold(0.0, f64::max)
        };
        // On another machine others are not those of the recording.
        let charged = if self.options.machine_limit_mb.is_none() { least(|m| m.charged_peak) } else { 0.0 };
        (least(|m| m.peak), charged)
    }

    /// How many replays a scenario is worth; none without a readable sample.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a bounded count")]
    fn replays(&self, scenario: &Scenario) -> usize {
        if self.shared.models.is_empty() {
            return 0;
        }
        let smallest = match scenario {
            Scenario::Config(config) => f64::from(config.batch_sizes.medium).max(1.0),
            Scenario::FixedBatch(size) => f64::from(*size),
            Scenario::AsRecorded => f64::INFINITY,
        };
        let batches =
            |m: &Cow<'_, RunModel>| m.segments.iter().map(|s| s.items / smallest + 1.0).sum::<f64>();
        let most = self.shared.models.iter().map(batches).fold(1.0, f64::max);
        let affordable = (MOST_BATCHES / most) as u32;
        self.options.draws.max(1).min(affordable.max(FEWEST_REPLAYS)) as usize
    }
}

/// The correction that makes a plan give the known peaks at their sizes.
fn correction(plan: &Plan, model: &RunModel, known: &[(f64, f64)]) -> PeakCorrection {
    let modelled = |(size, _): &(f64, f64)| {
        let scale = Scale::of(model, &[*size], known);
        replay(plan, &scale, &mut BatchController::Fixed(*size), |_, _| ()).peak
    };
    PeakCorrection::of(known, plan.base, known.iter().map(modelled))
}

/// Place of a scenario's draws.
fn place(scenario: &Scenario) -> usize {
    match scenario {
        Scenario::FixedBatch(_) => 0,
        Scenario::Config(_) => 1,
        Scenario::AsRecorded => 2,
    }
}

fn outcome(plan: &Plan, scale: &Scale, scenario: &Scenario) -> Outcome {
    let mut controller = BatchController::new(scenario, plan.operations.len(), scale.total);
    replay(plan, scale, &mut controller, |_, _| ())
}

/// The result of each draw, in order; the threads share the work.
fn on_all_threads(drawn: &[&Drawn], replayed: impl Fn(&Drawn) -> Replayed + Sync) -> Vec<Replayed> {
    let cells: usize = drawn.iter().map(|drawn| drawn.plan.resident.len()).sum();
    let worth = cells / WORTH_A_THREAD + 1;
    // The number of processors is read only if several are of use.
    let threads =
        if worth < 2 { 1 } else { worth.min(std::thread::available_parallelism().map_or(1, usize::from)) };
    if threads < 2 {
        return drawn.iter().map(|drawn| replayed(drawn)).collect();
    }
    let chunks = drawn.chunks(drawn.len().div_ceil(threads));
    let of = |chunk: &[&Drawn]| chunk.iter().map(|drawn| replayed(drawn)).collect::<Vec<_>>();
    std::thread::scope(|scope| {
        let running: Vec<_> = chunks.map(|chunk| (chunk, scope.spawn(move || of(chunk)))).collect();
        // The panic of a thread has been reported; its part is done here.
        running.into_iter().flat_map(|(chunk, thread)| thread.join().unwrap_or_else(|_| of(chunk))).collect()
    })
}

/// The model with what memory that stays after its batches means, as its own replay decides, and the error of that
/// replay: only where a heap that does not shrink fails the gate, every batch may keep something.
fn proven(model: Cow<'_, RunModel>) -> (Cow<'_, RunModel>, f64) {
    let error = replay_error(&model);
    if error <= GATE {
        return (model, error);
    }
    let keeps = RunModel { keeping: Keeping::EveryBatch, ..model.clone().into_owned() };
    let kept = replay_error(&keeps);
    if kept < error { (Cow::Owned(keeps), kept) } else { (model, error) }
}

/// Relative error of the peak when the recorded sizes are laid over the model's work: the median of a few draws.
fn replay_error(model: &RunModel) -> f64 {
    let mut random = Random::seeded(0);
    let scale = Scale::of(model, &model.sizes, &[]);
    let mut peaks = [0.0; 7].map(|_: f64| {
        let plan = Plan::draw(model, false, &mut random);
        let scale = scale.clone().corrected(&plan, PeakCorrection::default());
        replay(&plan, &scale, &mut BatchController::Recorded { sizes: &model.sizes, next: 0 }, |_, _| ()).peak
    });
    peaks.sort_by(f64::total_cmp);
    ((peaks[peaks.len() / 2] - model.peak) / model.peak.max(1.0)).abs()
}
