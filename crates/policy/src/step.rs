//! One step of the policy, from one observation.

use memtool_profile_model::{
    AdaptiveConfig, LevelChange, Mib, Observation, OptimizationLevel, Pressure, PressureLevel, pressure,
};

use crate::allowance;
use crate::cooldown::LastCollection;
use crate::state::PolicyState;

/// What one sample made the policy do, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Collect garbage first; tell [`collected`] what came of it.
    pub collect: bool,
    /// The pressure before the collection, which decides the rest.
    pub pressure: Pressure,
    /// Then allow batches of another level.
    pub change: Option<LevelChange>,
}

/// One step of the policy.
#[inline]
#[must_use]
pub fn step(config: &AdaptiveConfig, state: PolicyState, seen: Observation) -> (PolicyState, Step) {
    let mut next = state;
    let step = advance(config, &mut next, seen);
    (next, step)
}

/// The same step in place: a state is 144 bytes, and copying them takes a replay longer than the step.
#[inline]
pub fn advance(config: &AdaptiveConfig, state: &mut PolicyState, seen: Observation) -> Step {
    let (level, was_active, held_since) = (state.level, state.fallback_active, state.dwell.held_since());
    let collect = collects(config, state, seen.rss);
    let pressure = pressure(config, seen);
    let wanted = allowance::allowed_at(config, seen, pressure.level);
    relax_or_tighten(config, state, seen, wanted);

    let falls_back = wanted == OptimizationLevel::Fallback;
    state.counters.automatic_fallbacks += u64::from(falls_back && !was_active);
    let ends = pressure.level != PressureLevel::Critical && state.level != OptimizationLevel::Fallback;
    state.fallback_active = !ends && (falls_back || was_active);

    let change = (state.level != level).then(|| LevelChange {
        from: level,
        to: state.level,
        held_since: held_since.filter(|_| state.level > level),
    });
    state.counters.batch_size_adjustments += u64::from(change.is_some());
    state.counters.memory_warnings += u64::from(pressure.level >= PressureLevel::High);
    state.counters.critical_events += u64::from(pressure.level == PressureLevel::Critical);
    Step { collect, pressure, change }
}

/// Gives the policy the result of a collection that it requested, by resident memory right
/// before and right after. Without a result, the collection counts as having freed nothing.
#[must_use]
pub fn collected(state: PolicyState, before: Mib, after: Mib) -> PolicyState {
    PolicyState { last_collection: Some(LastCollection::new(before, after)), ..state }
}

#[inline]
fn collects(config: &AdaptiveConfig, next: &mut PolicyState, rss: Mib) -> bool {
    next.last_collection = next.last_collection.map(|last| last.seen(rss));
    let reached = config.auto_gc_enabled && rss >= config.thresholds.gc_trigger_mb;
    let cooled = config.gc_cooldown_share <= 0.0
        || next.last_collection.is_none_or(|last| last.has_regrown(config, rss));
    let collect = reached && cooled;
    if collect {
        next.last_collection = Some(LastCollection::new(rss, rss));
        next.counters.total_gc_collections += 1;
    }
    collect
}

#[inline]
fn relax_or_tighten(
    config: &AdaptiveConfig,
    next: &mut PolicyState,
    seen: Observation,
    wanted: OptimizationLevel,
) {
    next.dwell.note(seen.at, allowance::allowed_with_margin(config, seen));
    let possible = next.dwell.loosest(config.hysteresis.dwell_seconds);
    next.level = next.level.max(possible).min(wanted);
    next.dwell.hold(wanted > next.level);
}
