//! What a recorded job would have done under another config, or with one fixed batch size.
//!
//! A closed loop over the *remaining work*: batches of the new sizes are laid over the positions of the
//! work that the runs recorded, each reaches the peak that the memory response gives there, and the size of
//! the next one is what the policy's own state machine allows at that moment (`replay`, `hand`). What is not
//! known — level and need of memory within their covariance, which memory model, what a batch costs,
//! when samples fall, what others do, what collections give back — is drawn anew for each of some
//! hundred replays (`plan`); the quantiles over the replays are the prediction.
//!
//! Limits: what the heap keeps after other sizes is not foreseen; adaptive runs depend on timing, so that
//! theirs is a distribution; a killed run says nothing of the work it did not reach.

mod anchors;
mod hand;
mod kill;
mod lanes;
mod plan;
mod random;
mod replay;
mod simulator;
mod summary;
#[cfg(test)]
mod tests;
mod ticks;
mod warnings;

use std::borrow::Cow;
use std::sync::Mutex;

use memtool_profile_model::{AdaptiveConfig, Run};
use serde::Serialize;

use crate::respond::model::{Mark, RunModel, model_of};
use crate::respond::{Interval, Response};
use hand::Hand;
use lanes::Task;
use plan::{Plan, Scale};
use random::Random;
use replay::{Outcome, replay};
pub use simulator::Simulator;

/// What is asked: another config, or no controller.
#[derive(Debug, Clone, PartialEq)]
pub enum Scenario {
    /// The policy with these settings.
    Config(Box<AdaptiveConfig>),
    /// Always this batch size.
    FixedBatch(u32),
}

/// How to simulate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SimulateOptions {
    /// Where a kernel would kill the job.
    pub limit_mb: Option<f64>,
    /// On another machine: what is available there is this less the job's memory.
    pub machine_limit_mb: Option<f64>,
    /// Replays.
    pub draws: u32,
    /// Start of the random numbers.
    pub seed: u64,
}

impl Default for SimulateOptions {
    fn default() -> Self {
        Self { limit_mb: None, machine_limit_mb: None, draws: 200, seed: 0x6D65_6D74_6F6F_6C00 }
    }
}

/// Shares of time at each optimization level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LevelShare {
    /// At the fallback size.
    pub fallback: f64,
    /// At the low size.
    pub low: f64,
    /// At the medium size.
    pub medium: f64,
    /// At the high size.
    pub high: f64,
}

/// What would have happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Whether the effect of another batch size is known.
    pub identifiable: bool,
    /// Largest memory; `None` where the runs hold no readable sample.
    pub peak_rss_mb: Option<Interval>,
    /// Largest memory of the recorded runs.
    pub recorded_peak_mb: Option<f64>,
    /// Probability that what counts against the limit reaches it, by replays and what the model is known to
    /// be off by; `None` without a limit.
    pub oom_probability: Option<f64>,
    /// Share of replays where it does, without what the model is known to be off by: for who adds a margin
    /// of their own.
    pub replays_killed: Option<f64>,
    /// Replays that this is over.
    pub replays: usize,
    /// Memory that counts against the limit at the peak, median: mapped pages do not, a neighbour may.
    pub charged_mb: Option<f64>,
    /// Items per second over the recorded run's.
    pub throughput_ratio: Option<Interval>,
    /// Whether the throughput rests on an assumed fixed cost of a batch.
    pub throughput_assumed: bool,
    /// Changes of the optimization level, median.
    pub level_changes: f64,
    /// Collections the policy would ask for, median.
    pub gc_runs: f64,
    /// Share of time at the fallback size, median.
    pub fallback_share: f64,
    /// Shares of time at each level, means; `None` without a controller.
    pub level_share: Option<LevelShare>,
    /// Share by which a replay of the recorded settings, of which only sizes and work are taken over,
    /// misses the recorded peak; the largest of the runs.
    pub factual_error: f64,
    /// What a reader should know.
    pub warnings: Vec<String>,
}

/// Processor time of the same work differs by 8 to 11 % from run to run, a ratio of two by √2 times that.
const SPEED_NOISE: f64 = 0.13;

/// Where less than this share of the time is known by size, the cost of a batch counts as assumed.
const TIMED_SHARE: f64 = 0.8;

/// Simulates one scenario on runs of one job, pooled: each replay takes one of the runs.
///
/// Whoever asks for several scenarios keeps a [`Simulator`], or gives them all to
/// [`Simulator::simulate_many`]: what they share is done once.
#[must_use]
pub fn simulate(
    runs: &[&Run],
    response: &Response,
    scenario: &Scenario,
    options: &SimulateOptions,
) -> Prediction {
    Simulator::new(runs, response, options).simulate(scenario)
}

/// One replay's outcome beside what the recorded run takes by the same draw.
#[derive(Debug, Clone, Copy)]
struct Replayed {
    outcome: Outcome,
    recorded_seconds: f64,
    /// By what a ratio of two measured speeds differs without a reason.
    noise: f64,
}

/// The memory of one replay, as seconds and MiB: the line of a before-and-after chart. Empty where the run
/// holds no readable sample.
#[must_use]
pub fn simulated_path(run: &Run, response: &Response, scenario: &Scenario) -> (Vec<f64>, Vec<f64>) {
    let (mut seconds, mut rss_mb) = (Vec::new(), Vec::new());
    for model in models(&[run], response) {
        let mut random = Random::seeded(SimulateOptions::default().seed);
        let plan = Plan::draw(&model, None, &mut random);
        let known = known(response);
        let scale = Scale::of(&model, &sizes(scenario), known);
        let scale = Task { plan: &plan, scale, known, scenario, last: &Mutex::default() }.anchored();
        let mut hand = Hand::new(scenario, plan.operations.len(), plan.total);
        replay(&plan, &scale, &mut hand, |at, rss| {
            seconds.push(at);
            rss_mb.push(rss);
        });
    }
    (seconds, rss_mb)
}

/// The models of the runs: those of the response, and for others one with its need of an item.
fn models<'a>(runs: &[&Run], response: &'a Response) -> Vec<Cow<'a, RunModel>> {
    let of = |run: &&Run| {
        let mark = Mark::of(run);
        match response.models.iter().find(|model| model.mark == mark) {
            Some(model) => Some(Cow::Borrowed(model)),
            None => model_of(run, response.slope_prior()).map(Cow::Owned),
        }
    };
    runs.iter().filter_map(of).collect()
}

/// The runs that replays start from: a killed one only where none saw all the work, and for a fixed size
/// those of fixed sizes, where several tell.
fn bases<'a>(
    models: &'a [Cow<'_, RunModel>],
    known: &[(f64, f64)],
    scenario: &Scenario,
) -> Vec<&'a RunModel> {
    let all = || models.iter().map(AsRef::as_ref);
    let finished: Vec<&RunModel> = all().filter(|model| model.finished).collect();
    let fixed = finished.iter().filter(|model| model.fixed.is_some() && !known.is_empty());
    let fixed: Vec<&RunModel> = fixed.copied().collect();
    match scenario {
        Scenario::FixedBatch(_) if !fixed.is_empty() => fixed,
        _ if !finished.is_empty() => finished,
        _ => all().collect(),
    }
}

/// Sizes whose peaks are known, where there are several: one alone would only correct a run to itself.
fn known(response: &Response) -> &[(f64, f64)] {
    if response.fixed_peaks.len() > 1 { &response.fixed_peaks } else { &[] }
}

/// The size that most batches of a scenario may have.
fn typical_size(scenario: &Scenario) -> f64 {
    match scenario {
        Scenario::Config(config) => f64::from(config.batch_sizes.high),
        Scenario::FixedBatch(size) => f64::from(*size),
    }
    .max(1.0)
}

/// The sizes that batches of a scenario may have.
fn sizes(scenario: &Scenario) -> Vec<f64> {
    match scenario {
        Scenario::Config(config) => {
            let sizes = config.batch_sizes;
            [sizes.fallback, sizes.low, sizes.medium, sizes.high].map(f64::from).to_vec()
        }
        Scenario::FixedBatch(size) => vec![f64::from(*size)],
    }
}

/// Whether a good part of the time was spent in operations of which only one size was timed.
fn cost_assumed(model: &RunModel) -> bool {
    let all: f64 = model.operations.iter().map(|o| o.seconds).sum();
    let told: f64 = model.operations.iter().filter(|o| o.pace.told).map(|o| o.seconds).sum();
    told < TIMED_SHARE * all || all <= 0.0
}
