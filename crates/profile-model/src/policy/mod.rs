//! The control policy: a pure state machine that acts live and in replay.
//!
//! `(config, state, observation) → (state, step)`. The recorder runs it on live samples, the
//! simulator replays it, so that the two cannot drift apart. With the default settings it is
//! the compatible form: the rules of the existing manager as they stand. Two settings change
//! them, each off at zero:
//!
//! - **hysteresis**: a stricter level is taken at once; a less strict one only after it was
//!   possible with the margin's memory in use as well, without a break, for the dwell time;
//! - **GC cool-down**: above the trigger the policy collects again only once memory grew by
//!   the given share of what the last collection freed, of 5 % of the trigger at least. So a
//!   collection that freed nothing is not tried again at every sample.

mod allowance;
mod cooldown;
mod dwell;
mod pressure;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::config::AdaptiveConfig;
use crate::level::{OptimizationLevel, PressureLevel};
use crate::units::{Mib, Offset};

pub use cooldown::LastCollection;
pub use dwell::Dwell;
pub use pressure::{Cause, Pressure, pressure};

/// What the policy sees at one sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// When it was seen.
    pub at: Offset,
    /// Resident memory.
    pub rss: Mib,
    /// Memory still available; `None` where the system cannot tell.
    pub available: Option<Mib>,
}

/// Running totals, with the names of the existing manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Counters {
    /// Collections that the policy asked for.
    pub total_gc_collections: u64,
    /// Times fallback began.
    pub automatic_fallbacks: u64,
    /// Times the optimization level changed.
    pub batch_size_adjustments: u64,
    /// Samples under high or critical pressure.
    pub memory_warnings: u64,
    /// Samples under critical pressure.
    pub critical_events: u64,
}

/// What the policy remembers between two samples.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PolicyState {
    /// The level in force.
    pub level: OptimizationLevel,
    /// Whether fallback began, and neither critical pressure nor the fallback size has ended since.
    pub fallback_active: bool,
    /// Running totals.
    pub counters: Counters,
    /// How long less strict levels have been possible.
    pub dwell: Dwell,
    /// The last collection that the policy asked for.
    pub last_collection: Option<LastCollection>,
}

/// A change of the optimization level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelChange {
    /// The level before.
    pub from: OptimizationLevel,
    /// The level after.
    pub to: OptimizationLevel,
    /// Since when pressure alone would have allowed larger batches, where hysteresis held a
    /// less strict level back; `None` for a change that came at once.
    pub held_since: Option<Offset>,
}

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
#[must_use]
pub fn step(config: &AdaptiveConfig, state: PolicyState, seen: Observation) -> (PolicyState, Step) {
    let mut next = state;
    let collect = collects(config, &mut next, seen.rss);
    let pressure = pressure(config, seen);
    let wanted = allowance::allowed(config, seen);
    relax_or_tighten(config, &mut next, seen, wanted);

    let falls_back = wanted == OptimizationLevel::Fallback;
    next.counters.automatic_fallbacks += u64::from(falls_back && !state.fallback_active);
    let ends = pressure.level != PressureLevel::Critical && next.level != OptimizationLevel::Fallback;
    next.fallback_active = !ends && (falls_back || state.fallback_active);

    let change = (next.level != state.level).then(|| LevelChange {
        from: state.level,
        to: next.level,
        held_since: state.dwell.held_since().filter(|_| next.level > state.level),
    });
    next.counters.batch_size_adjustments += u64::from(change.is_some());
    next.counters.memory_warnings += u64::from(pressure.level >= PressureLevel::High);
    next.counters.critical_events += u64::from(pressure.level == PressureLevel::Critical);
    (next, Step { collect, pressure, change })
}

/// Tells the policy what a collection that it asked for came to, by resident memory right
/// before and right after. Where nobody tells, it is taken to have freed nothing.
#[must_use]
pub fn collected(state: PolicyState, before: Mib, after: Mib) -> PolicyState {
    PolicyState { last_collection: Some(LastCollection::new(before, after)), ..state }
}

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
