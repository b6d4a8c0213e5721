//! What a recorded job would have done under another config, or with one fixed batch size.
//!
//! The policy's own state machine is replayed on the trace, with the memory moved by what the
//! other batch sizes would change (`replay`). What is not known — memory per item within its
//! interval, fixed cost of a batch, timing — is drawn anew for each of some hundred replays;
//! the quantiles over the replays are the prediction.
//!
//! The recorded config itself is replayed too: what that misses of the recorded peak widens
//! the interval.
//!
//! Limits: batches begin where they began in the trace, although smaller ones would ask more
//! often; memory that a collection would free is not modelled; adaptive runs depend on timing.

mod random;
mod replay;
mod speed;
#[cfg(test)]
mod tests;

use memtool_profile_model::{AdaptiveConfig, Run};
use serde::Serialize;

use crate::respond::trace::Trace;
use crate::respond::{Interval, Response, Status, quantile_of};
use random::Random;
use replay::{Draw, Outcome, replay};
use speed::HalfSize;

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
    /// Share of replays whose peak lies above the limit; `None` without one.
    pub oom_probability: Option<f64>,
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
    /// Largest share by which a replay of the recorded settings misses the recorded peak.
    pub factual_error: f64,
    /// What a reader should know.
    pub warnings: Vec<String>,
}

/// Repeats of the same settings differ so much, as a share of the peak.
const REPEAT_SPREAD: f64 = 0.02;
/// What the policy sees differs so much between repeats, as a share.
const TIMING_JITTER: f64 = 0.05;
/// Where the policy steers the trace or the replay, the replay's own error is up to so much of
/// the peak: measured on recorded runs of nine workloads under several configs.
const STEERED_SPREAD: f64 = 0.25;
/// Samples miss so much of the height over the base, at most: 8 % at 10–20 Hz, 21 % at 1 Hz.
const MISSED: (f64, f64) = (0.08, 0.21);
/// Samples further apart than this, in seconds, are counted as 1 Hz.
const SPARSE_SECONDS: f64 = 0.5;
/// Sizes beyond these shares of the recorded ones are extrapolation, which is widened.
const EXTRAPOLATION: (f64, f64) = (0.5, 2.0);
const EXTRAPOLATION_FACTOR: f64 = 1.5;

/// Simulates one scenario on runs of one job, pooled: each replay takes one of the runs.
#[must_use]
pub fn simulate(
    runs: &[&Run],
    response: &Response,
    scenario: &Scenario,
    options: &SimulateOptions,
) -> Prediction {
    let traces: Vec<Trace> = runs.iter().filter_map(|run| Trace::of(run)).collect();
    let per_item = per_item_of(response, scenario);
    let half_size = HalfSize::of(&traces);
    let factual = runs.iter().map(|run| factual_error(run, response)).fold(0.0, f64::max);
    let mut random = Random::seeded(options.seed);
    let mut outcomes = Vec::new();
    for (_, trace) in (0..options.draws.max(1)).zip(traces.iter().cycle()) {
        let draw = Draw {
            per_item: per_item.at(random.share()).max(0.0),
            half_size: half_size.draw(random.share(), random.around_zero()),
            jitter: TIMING_JITTER * random.around_zero(),
            fresh: random.share() < 0.5,
            limit_mb: options.machine_limit_mb,
        };
        let mut outcome = replay(trace, scenario, draw, |_, _| ());
        let over_base = (outcome.peak - trace.base).max(0.0);
        outcome.peak += over_base * missed_share(trace) * random.share().powi(2);
        outcome.peak *= 1.0 + spread(trace, scenario) * random.around_zero();
        outcomes.push(outcome);
    }
    let mut prediction = summarize(&outcomes, scenario, factual, options.limit_mb);
    prediction.identifiable = response.identifiable();
    prediction.recorded_peak_mb = traces.iter().map(|t| t.peak).reduce(f64::max);
    prediction.throughput_assumed = half_size == HalfSize::Assumed;
    prediction.warnings = warnings(response, scenario, &prediction, &traces);
    prediction
}

/// The memory of one replay in the middle of everything unknown, as seconds and MiB: the line of
/// a before-and-after chart. Empty where the run holds no readable sample.
#[must_use]
pub fn simulated_path(run: &Run, response: &Response, scenario: &Scenario) -> (Vec<f64>, Vec<f64>) {
    let (mut seconds, mut rss_mb) = (Vec::new(), Vec::new());
    if let Some(trace) = Trace::of(run) {
        let per_item = response.per_item_mb.median;
        let draw = Draw { per_item, half_size: 0.0, jitter: 0.0, fresh: false, limit_mb: None };
        replay(&trace, scenario, draw, |at, rss| {
            seconds.push(at);
            rss_mb.push(rss);
        });
    }
    (seconds, rss_mb)
}

/// Half the width of the peak's own error, as a share.
fn spread(trace: &Trace, scenario: &Scenario) -> f64 {
    let steered = trace.fixed.is_none() || matches!(scenario, Scenario::Config(_));
    if steered { STEERED_SPREAD } else { 1.5 * REPEAT_SPREAD }
}

fn missed_share(trace: &Trace) -> f64 {
    match trace.interval() {
        _ if trace.recorded => 0.0,
        Some(seconds) if seconds < SPARSE_SECONDS => MISSED.0,
        _ => MISSED.1,
    }
}

/// The interval of memory per item, widened where the sizes asked for were never seen.
fn per_item_of(response: &Response, scenario: &Scenario) -> Interval {
    let per_item = response.per_item_mb;
    if !extrapolates(response, scenario) {
        return per_item;
    }
    Interval {
        low: per_item.median - EXTRAPOLATION_FACTOR * (per_item.median - per_item.low),
        median: per_item.median,
        high: per_item.median + EXTRAPOLATION_FACTOR * (per_item.high - per_item.median),
    }
    .at_least(0.0)
}

fn extrapolates(response: &Response, scenario: &Scenario) -> bool {
    let largest = match scenario {
        Scenario::Config(config) => config.batch_sizes.high,
        Scenario::FixedBatch(size) => *size,
    };
    match (response.sizes_seen.first(), response.sizes_seen.last()) {
        (Some(min), Some(max)) => {
            f64::from(largest) < EXTRAPOLATION.0 * min || f64::from(largest) > EXTRAPOLATION.1 * max
        }
        _ => true,
    }
}

/// How far a replay of the recorded settings misses the recorded peak, as a share of it. Predicted
/// sizes are not replayed, so that there is nothing to compare with.
fn factual_error(run: &Run, response: &Response) -> f64 {
    let Some(trace) = Trace::of(run).filter(|_| !run.config.predictive.enabled) else { return 0.0 };
    let as_recorded = match trace.fixed {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "was a u32")]
        Some(size) => Scenario::FixedBatch(size as u32),
        None => Scenario::Config(Box::new(run.config.clone())),
    };
    let draw = Draw {
        per_item: response.per_item_mb.median,
        half_size: 0.0,
        jitter: 0.0,
        fresh: false,
        limit_mb: None,
    };
    let outcome = replay(&trace, &as_recorded, draw, |_, _| ());
    ((outcome.peak - trace.peak) / trace.peak.max(1.0)).abs()
}

fn summarize(outcomes: &[Outcome], scenario: &Scenario, factual: f64, limit: Option<f64>) -> Prediction {
    let column = |value: fn(&Outcome) -> f64| outcomes.iter().map(value).collect::<Vec<f64>>();
    let peaks = column(|o| o.peak);
    let median = |values: Vec<f64>| quantile_of(values, 0.5).unwrap_or(0.0);
    let widen = |i: Interval| i.widened(i.median * factual / 2.0).at_least(0.0);
    let share_at = |level: usize| {
        let shares =
            outcomes.iter().map(|o| o.seconds_at[level] / o.seconds_at.iter().sum::<f64>().max(1e-9));
        shares.sum::<f64>() / count(outcomes.len()).max(1.0)
    };
    let adaptive = matches!(scenario, Scenario::Config(_));
    Prediction {
        identifiable: true,
        peak_rss_mb: Interval::of(&peaks).map(widen),
        recorded_peak_mb: None,
        oom_probability: limit
            .filter(|_| !peaks.is_empty())
            .map(|limit| count(peaks.iter().filter(|p| **p > limit).count()) / count(peaks.len())),
        throughput_ratio: Interval::of(&column(|o| o.throughput)),
        throughput_assumed: true,
        level_changes: median(column(|o| count_u64(o.level_changes))),
        gc_runs: median(column(|o| count_u64(o.gc_runs))),
        fallback_share: if adaptive { share_at(0) } else { 0.0 },
        level_share: adaptive.then(|| LevelShare {
            fallback: share_at(0),
            low: share_at(1),
            medium: share_at(2),
            high: share_at(3),
        }),
        factual_error: factual,
        warnings: Vec::new(),
    }
}

fn warnings(
    response: &Response,
    scenario: &Scenario,
    prediction: &Prediction,
    traces: &[Trace],
) -> Vec<String> {
    let mut warnings = response.warnings.clone();
    if traces.is_empty() {
        warnings.push("no readable sample: nothing was simulated".to_owned());
    }
    if extrapolates(response, scenario) && response.identifiable() {
        warnings.push("extrapolation: a size this far from the recorded ones was never seen".to_owned());
    }
    if matches!(scenario, Scenario::Config(_)) {
        warnings.push(
            "a replay takes batches to begin where they began in the trace; an adaptive run's peak depends \
             on the memory at those moments and differs between repeats, and no threshold acts inside a batch"
                .to_owned(),
        );
    }
    if traces.iter().any(|t| !t.recorded) {
        warnings.push(
            "no batch records: batches are guessed from the memory's troughs, and peaks between samples \
             are missed"
                .to_owned(),
        );
    }
    if prediction.factual_error > 0.10 {
        warnings.push(format!(
            "a replay of the recorded settings misses the recorded peak by {:.0} %: compare scenarios, do \
             not read the figures alone",
            100.0 * prediction.factual_error
        ));
    }
    if prediction.throughput_assumed {
        warnings.push("throughput: a batch's fixed cost is assumed (2 to 500 items' worth)".to_owned());
    }
    if response.status == Status::Bounded {
        warnings.push("memory per item is known only within bounds".to_owned());
    }
    if matches!(scenario, Scenario::Config(config) if config.predictive.enabled) {
        warnings.push("predicted batch sizes are not replayed: these are the sizes by level".to_owned());
    }
    warnings
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn count(n: usize) -> f64 {
    n as f64
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn count_u64(n: u64) -> f64 {
    n as f64
}
