//! The control policy: a pure state machine that acts live and in replay.
//!
//! `(config, state, observation) → (state, step)`. The recorder runs it on live samples, the
//! simulator replays it, so that the two cannot drift apart. This is the compatible form: the
//! rules of the existing manager as they stand, without hysteresis, dwell or prediction.

use serde::{Deserialize, Serialize};

use crate::config::AdaptiveConfig;
use crate::level::{OptimizationLevel, PressureLevel};
use crate::units::Mib;

/// What the policy sees at one sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// Resident memory.
    pub rss: Mib,
    /// Memory still available; `None` where the system cannot tell.
    pub available: Option<Mib>,
}

/// Which of the two rules set the pressure level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Resident memory against a threshold.
    Rss,
    /// Available memory against a floor.
    Available,
}

/// A pressure level and the rule that set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pressure {
    /// The level.
    pub level: PressureLevel,
    /// The rule; resident memory where both say the same.
    pub cause: Cause,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PolicyState {
    /// The level in force.
    pub level: OptimizationLevel,
    /// Whether fallback began and critical pressure has not ended since.
    pub fallback_active: bool,
    /// Running totals.
    pub counters: Counters,
}

/// A change of the optimization level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LevelChange {
    /// The level before.
    pub from: OptimizationLevel,
    /// The level after.
    pub to: OptimizationLevel,
}

/// What one sample made the policy do, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Collect garbage first.
    pub collect: bool,
    /// The pressure before the collection, which decides the rest.
    pub pressure: Pressure,
    /// Then allow batches of another level.
    pub change: Option<LevelChange>,
}

/// The pressure of one observation.
#[must_use]
pub fn pressure(config: &AdaptiveConfig, seen: Observation) -> Pressure {
    let thresholds = &config.thresholds;
    let by_rss = highest(seen.rss, |rss| {
        [rss >= thresholds.critical_mb, rss >= thresholds.high_mb, rss >= thresholds.moderate_mb]
    });
    let floors = &config.available_limits;
    let by_available = seen.available.map_or(PressureLevel::Low, |available| {
        highest(available, |left| {
            [left < floors.critical_mb, left < floors.high_mb, left < floors.moderate_mb]
        })
    });
    if by_available > by_rss {
        Pressure { level: by_available, cause: Cause::Available }
    } else {
        Pressure { level: by_rss, cause: Cause::Rss }
    }
}

fn highest(value: Mib, reached: impl Fn(Mib) -> [bool; 3]) -> PressureLevel {
    match reached(value) {
        [true, _, _] => PressureLevel::Critical,
        [_, true, _] => PressureLevel::High,
        [_, _, true] => PressureLevel::Moderate,
        _ => PressureLevel::Low,
    }
}

/// One step of the policy.
#[must_use]
pub fn step(config: &AdaptiveConfig, state: PolicyState, seen: Observation) -> (PolicyState, Step) {
    let mut next = state;
    let collect = config.auto_gc_enabled && seen.rss >= config.thresholds.gc_trigger_mb;
    next.counters.total_gc_collections += u64::from(collect);

    let pressure = pressure(config, seen);
    next.level = allowed(config, pressure.level, seen.rss);
    let falls_back = next.level == OptimizationLevel::Fallback;
    next.counters.automatic_fallbacks += u64::from(falls_back && !state.fallback_active);
    next.fallback_active = pressure.level == PressureLevel::Critical && (falls_back || state.fallback_active);

    let change = (next.level != state.level).then_some(LevelChange { from: state.level, to: next.level });
    next.counters.batch_size_adjustments += u64::from(change.is_some());
    next.counters.memory_warnings += u64::from(pressure.level >= PressureLevel::High);
    next.counters.critical_events += u64::from(pressure.level == PressureLevel::Critical);
    (next, Step { collect, pressure, change })
}

fn allowed(config: &AdaptiveConfig, pressure: PressureLevel, rss: Mib) -> OptimizationLevel {
    match pressure {
        PressureLevel::Low => OptimizationLevel::High,
        PressureLevel::Moderate => OptimizationLevel::Medium,
        PressureLevel::High => OptimizationLevel::Low,
        PressureLevel::Critical
            if config.fallback_enabled && rss >= config.thresholds.fallback_trigger_mb =>
        {
            OptimizationLevel::Fallback
        }
        PressureLevel::Critical => OptimizationLevel::Low,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(rss: f64, available: f64) -> Observation {
        Observation { rss: Mib::new(rss), available: Some(Mib::new(available)) }
    }

    fn level(rss: f64, available: f64) -> PressureLevel {
        pressure(&AdaptiveConfig::default(), seen(rss, available)).level
    }

    #[test]
    fn a_level_begins_at_its_threshold() {
        assert_eq!(level(1999.99, 9000.0), PressureLevel::Low);
        assert_eq!(level(2000.0, 9000.0), PressureLevel::Moderate);
        assert_eq!(level(3000.0, 9000.0), PressureLevel::High);
        assert_eq!(level(3500.0, 9000.0), PressureLevel::Critical);
    }

    #[test]
    fn a_floor_on_available_memory_counts_below_it() {
        assert_eq!(level(1.0, 2000.0), PressureLevel::Low);
        assert_eq!(level(1.0, 1999.9), PressureLevel::Moderate);
        assert_eq!(level(1.0, 999.9), PressureLevel::High);
        assert_eq!(level(1.0, 499.9), PressureLevel::Critical);
    }

    #[test]
    fn the_cause_is_the_stricter_rule() {
        let config = AdaptiveConfig::default();
        assert_eq!(pressure(&config, seen(2500.0, 100.0)).cause, Cause::Available);
        assert_eq!(pressure(&config, seen(3600.0, 100.0)).cause, Cause::Rss);
    }

    #[test]
    fn unknown_available_memory_never_raises_the_level() {
        let seen = Observation { rss: Mib::new(1.0), available: None };
        assert_eq!(pressure(&AdaptiveConfig::default(), seen).level, PressureLevel::Low);
    }

    #[test]
    fn critical_below_the_fallback_trigger_is_low_and_not_fallback() {
        let config = AdaptiveConfig::default();
        let (state, step) = step(&config, PolicyState::default(), seen(100.0, 100.0));
        assert_eq!(step.pressure.level, PressureLevel::Critical);
        assert_eq!(state.level, OptimizationLevel::Low);
        assert!(!state.fallback_active);
    }

    #[test]
    fn fallback_is_counted_once_and_ends_with_critical_pressure() {
        let config = AdaptiveConfig::default();
        let mut state = PolicyState::default();
        for _ in 0..3 {
            state = step(&config, state, seen(3600.0, 9000.0)).0;
        }
        assert_eq!(state.level, OptimizationLevel::Fallback);
        assert_eq!(state.counters.automatic_fallbacks, 1);
        assert_eq!(state.counters.critical_events, 3);
        let (state, _) = step(&config, state, seen(3100.0, 9000.0));
        assert_eq!(state.level, OptimizationLevel::Low);
        assert!(!state.fallback_active);
    }

    #[test]
    fn garbage_is_collected_at_every_sample_above_the_trigger() {
        let config = AdaptiveConfig::default();
        let (state, first) = step(&config, PolicyState::default(), seen(2500.0, 9000.0));
        let (state, second) = step(&config, state, seen(2500.0, 9000.0));
        assert!(first.collect && second.collect);
        assert_eq!(state.counters.total_gc_collections, 2);
        let off = AdaptiveConfig { auto_gc_enabled: false, ..config };
        assert!(!step(&off, state, seen(2500.0, 9000.0)).1.collect);
    }

    #[test]
    fn the_first_quiet_sample_leaves_medium_for_high() {
        let (state, step) = step(&AdaptiveConfig::default(), PolicyState::default(), seen(100.0, 9000.0));
        let change = LevelChange { from: OptimizationLevel::Medium, to: OptimizationLevel::High };
        assert_eq!(step.change, Some(change));
        assert_eq!(state.counters.batch_size_adjustments, 1);
    }
}
