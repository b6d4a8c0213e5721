//! One replay of a trace under another config or size, for one draw of the unknowns.
//!
//! At each sample the memory is moved by what the other size of the batch in flight would
//! change: rss' = rss + w · (b' − b) · phase, not below the run's base. The phase tells how much
//! of the batch's memory is held: 1 at the batch's peak, 0 where the memory lies w · b below it;
//! where the memory stays after a batch, the phase stays near 1. The policy sees rss' and
//! available' = available − (rss' − rss). It steers only the size of the *next* batch: b' is
//! taken anew where the trace asks for a batch. Whether the policy's last look came before or
//! after the batch's memory was returned is a matter of timing, and drawn.

use memtool_profile_model::policy::{Observation, PolicyState, collected, step};
use memtool_profile_model::{AdaptiveConfig, Mib, Offset, OptimizationLevel};

use super::Scenario;
use crate::respond::trace::{Point, Trace};

/// The unknowns of one replay.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draw {
    /// Memory per item.
    pub(super) per_item: f64,
    /// Items whose processing takes as long as a batch's fixed cost.
    pub(super) half_size: f64,
    /// What the policy sees is this much larger.
    pub(super) jitter: f64,
    /// Whether a sample is taken right when a batch is asked for, rather than some time before.
    pub(super) fresh: bool,
    /// What is available is the limit less the memory, where the machine is another one.
    pub(super) limit_mb: Option<f64>,
}

/// What one replay came to.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Outcome {
    pub(super) peak: f64,
    /// Items per second over the recorded run's.
    pub(super) throughput: f64,
    pub(super) level_changes: u64,
    pub(super) gc_runs: u64,
    /// Seconds at fallback, low, medium and high.
    pub(super) seconds_at: [f64; 4],
}

/// Replays one trace; `rss_at` hears time and memory at each point.
pub(super) fn replay(
    trace: &Trace,
    scenario: &Scenario,
    draw: Draw,
    mut rss_at: impl FnMut(f64, f64),
) -> Outcome {
    let mut hand = Hand::new(scenario);
    let mut outcome = Outcome::default();
    let (mut recorded_time, mut time) = (0.0, 0.0);
    for (index, point) in trace.points.iter().enumerate() {
        let rss = counterfactual(point, hand.in_flight, draw.per_item).max(trace.base.min(point.rss));
        outcome.peak = outcome.peak.max(rss);
        rss_at(point.seconds, rss);
        let available = match draw.limit_mb {
            Some(limit) => Some(limit - rss),
            None => point.available.map(|available| available + point.rss - rss),
        };
        let seen = Observation {
            at: Offset::from_seconds(time),
            rss: Mib::new(rss * (1.0 + draw.jitter)),
            available: available.map(Mib::new),
        };
        if point.acts {
            hand.see(seen);
        }
        if point.asks {
            hand.in_flight = if draw.fresh { hand.allowed_at(seen) } else { hand.allowed() };
        }
        let next = trace.points.get(index + 1).map_or(point.seconds, |p| p.seconds);
        let seconds = (next - point.seconds).max(0.0);
        outcome.seconds_at[hand.level()] += seconds;
        recorded_time += seconds;
        time += seconds * slowdown(point.in_flight, hand.in_flight, draw.half_size);
    }
    outcome.throughput = if time > 0.0 { recorded_time / time } else { 1.0 };
    if let Some((_, state)) = &hand.policy {
        outcome.level_changes = state.counters.batch_size_adjustments;
        outcome.gc_runs = state.counters.total_gc_collections;
    }
    outcome
}

/// Memory had the batch in flight had another size.
fn counterfactual(point: &Point, size: f64, per_item: f64) -> f64 {
    let held = per_item * point.in_flight;
    if held <= 0.0 {
        return point.rss;
    }
    let phase = (1.0 - (point.batch_peak - point.rss) / held).clamp(0.0, 1.0);
    point.rss + per_item * (size - point.in_flight) * phase
}

/// Time per item at one size over another: (1 + B/b') / (1 + B/b).
fn slowdown(from: f64, to: f64, half_size: f64) -> f64 {
    if from <= 0.0 || to <= 0.0 {
        return 1.0;
    }
    (1.0 + half_size / to) / (1.0 + half_size / from)
}

/// What holds the batch size: the policy, or nobody.
struct Hand<'a> {
    policy: Option<(&'a AdaptiveConfig, PolicyState)>,
    fixed: f64,
    in_flight: f64,
}

impl<'a> Hand<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        let (policy, fixed) = match scenario {
            Scenario::Config(config) => (Some((&**config, PolicyState::default())), 0.0),
            Scenario::FixedBatch(size) => (None, f64::from(*size)),
        };
        let mut hand = Self { policy, fixed, in_flight: 0.0 };
        hand.in_flight = hand.allowed();
        hand
    }

    fn allowed(&self) -> f64 {
        self.policy
            .as_ref()
            .map_or(self.fixed, |(config, state)| f64::from(config.batch_sizes.size(state.level)))
    }

    /// What would be allowed if a sample were taken now.
    fn allowed_at(&self, seen: Observation) -> f64 {
        self.policy.as_ref().map_or(self.fixed, |(config, state)| {
            f64::from(config.batch_sizes.size(step(config, *state, seen).0.level))
        })
    }

    fn see(&mut self, seen: Observation) {
        if let Some((config, state)) = &mut self.policy {
            let (next, done) = step(config, *state, seen);
            // What a collection would have freed is not known: taken as nothing.
            *state = if done.collect { collected(next, seen.rss, seen.rss) } else { next };
        }
    }

    /// Place of the level in force, from fallback to high; without a policy, high.
    fn level(&self) -> usize {
        match self.policy.as_ref().map_or(OptimizationLevel::High, |(_, state)| state.level) {
            OptimizationLevel::Fallback => 0,
            OptimizationLevel::Low => 1,
            OptimizationLevel::Medium => 2,
            OptimizationLevel::High => 3,
        }
    }
}
