//! The pressure level of one sample.

use serde::{Deserialize, Serialize};

use crate::config::AdaptiveConfig;
use crate::level::PressureLevel;
use crate::units::{Mib, Offset};

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

/// The pressure of one observation.
///
/// It remembers nothing, so that the pressure of any recorded sample follows from the sample
/// and the settings alone; hysteresis acts on the optimization level only.
#[inline]
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

#[inline]
fn highest(value: Mib, reached: impl Fn(Mib) -> [bool; 3]) -> PressureLevel {
    match reached(value) {
        [true, _, _] => PressureLevel::Critical,
        [_, true, _] => PressureLevel::High,
        [_, _, true] => PressureLevel::Moderate,
        _ => PressureLevel::Low,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(rss: f64, available: f64) -> Observation {
        Observation { at: Offset::START, rss: Mib::new(rss), available: Some(Mib::new(available)) }
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
        let seen = Observation { available: None, ..seen(1.0, 0.0) };
        assert_eq!(pressure(&AdaptiveConfig::default(), seen).level, PressureLevel::Low);
    }
}
