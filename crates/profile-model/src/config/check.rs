//! The conditions of a valid config.

use std::fmt;

use serde::Serialize;

use super::adaptive::AdaptiveConfig;
use super::setting::{SETTINGS, Scalar, Setting};
use crate::units::Mib;

/// A setting whose value cannot stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The setting, as a dotted path below the block.
    pub path: &'static str,
    /// The value, as text.
    pub found: String,
    /// What it would have to be.
    pub expected: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.path, self.expected, self.found)
    }
}

/// The ascending chain of thresholds.
const THRESHOLD_ORDER: [&str; 5] = [
    "thresholds.moderate_mb",
    "thresholds.gc_trigger_mb",
    "thresholds.high_mb",
    "thresholds.fallback_trigger_mb",
    "thresholds.critical_mb",
];

/// The ascending chain of batch sizes; equals are allowed.
const BATCH_ORDER: [&str; 4] =
    ["batch_sizes.fallback", "batch_sizes.low", "batch_sizes.medium", "batch_sizes.high"];

/// The ascending chain of floors on available memory; equals are allowed, zero switches one off.
const FLOOR_ORDER: [&str; 3] = [
    "memtool.available_limits.critical_mb",
    "memtool.available_limits.high_mb",
    "memtool.available_limits.moderate_mb",
];

/// The one setting of ours that zero does not switch off.
const SAFE_SHARE: &str = "memtool.predictive.safe_share";

impl AdaptiveConfig {
    /// Checks that every number is finite and positive (a floor on available memory may be
    /// zero), that moderate < GC trigger < high < fallback trigger < critical (< the limit,
    /// if given), and that fallback ≤ low ≤ medium ≤ high batch size.
    ///
    /// An empty answer means that the config is sound. Whether the existing Python loader
    /// takes it is a separate question, of the crate for the job's configuration.
    #[must_use]
    pub fn validate(&self, limit: Option<Mib>) -> Vec<Violation> {
        let mut violations = self.unusable();
        violations.extend(self.out_of_order(&THRESHOLD_ORDER, Order::Strict));
        violations.extend(self.out_of_order(&BATCH_ORDER, Order::AtLeast));
        violations.extend(self.out_of_order(&FLOOR_ORDER, Order::AtLeast));
        let critical = self.thresholds.critical_mb.get();
        if let Some(limit) = limit.map(Mib::get)
            && usable(critical)
            && (critical >= limit || limit.is_nan())
        {
            violations.push(Violation {
                path: "thresholds.critical_mb",
                found: critical.to_string(),
                expected: format!("less than the memory limit ({limit})"),
            });
        }
        violations
    }

    /// Lists numbers that are not finite or out of range; their order is not checked.
    #[must_use]
    pub fn unusable(&self) -> Vec<Violation> {
        SETTINGS.iter().filter_map(|setting| self.unusable_number(setting)).collect()
    }

    fn number(&self, path: &str) -> Option<f64> {
        Setting::find(path)?.get(self).as_number()
    }

    fn unusable_number(&self, setting: &Setting) -> Option<Violation> {
        let value = match setting.get(self) {
            Scalar::Bool(_) => return None,
            number => number.as_number()?,
        };
        let (fine, expected) = match setting.path {
            SAFE_SHARE => (usable(value) && value <= 1.0, "a share of the limit: more than 0, at most 1"),
            _ if setting.is_ours() => (usable(value) || value == 0.0, "zero or a positive number"),
            _ => (usable(value), "a positive number"),
        };
        (!fine).then(|| Violation {
            path: setting.path,
            found: value.to_string(),
            expected: expected.to_owned(),
        })
    }

    /// Compares each setting of an ascending chain with the one before it; numbers that are
    /// unusable in themselves are reported elsewhere.
    fn out_of_order(&self, chain: &[&'static str], order: Order) -> Vec<Violation> {
        chain
            .windows(2)
            .filter_map(|pair| {
                let (below, above) = (self.number(pair[0])?, self.number(pair[1])?);
                let usable_or_zero = |value: f64| usable(value) || value == 0.0;
                let wrong = match order {
                    Order::Strict => usable(below) && usable(above) && above <= below,
                    Order::AtLeast => usable_or_zero(below) && usable_or_zero(above) && above < below,
                };
                wrong.then(|| Violation {
                    path: pair[1],
                    found: above.to_string(),
                    expected: format!("{} {} ({below})", order.words(), leaf(pair[0])),
                })
            })
            .collect()
    }
}

#[derive(Clone, Copy)]
enum Order {
    Strict,
    AtLeast,
}

impl Order {
    const fn words(self) -> &'static str {
        match self {
            Self::Strict => "more than",
            Self::AtLeast => "at least",
        }
    }
}

fn usable(value: f64) -> bool {
    value.is_finite() && value > 0.0
}

fn leaf(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::super::adaptive::{AvailableLimits, MemoryThresholds};
    use super::*;

    fn texts(violations: &[Violation]) -> Vec<String> {
        violations.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_defaults_are_sound() {
        let config = AdaptiveConfig::default();
        assert_eq!(config.validate(None), []);
        assert_eq!(config.validate(Some(Mib::new(3500.1))), []);
    }

    #[test]
    fn thresholds_scaled_to_a_limit_are_sound_below_it() {
        let limit = Mib::from_gib(2.0);
        let config = AdaptiveConfig { thresholds: MemoryThresholds::from_limit(limit), ..Default::default() };
        assert_eq!(config.validate(Some(limit)), []);
    }

    #[test]
    fn a_threshold_below_its_predecessor() {
        let mut config = AdaptiveConfig::default();
        config.thresholds.high_mb = Mib::new(2400.0);
        assert_eq!(
            texts(&config.validate(None)),
            ["thresholds.high_mb: expected more than gc_trigger_mb (2500), found 2400"]
        );
    }

    #[test]
    fn equal_thresholds_are_out_of_order() {
        let mut config = AdaptiveConfig::default();
        config.thresholds.critical_mb = Mib::new(3200.0);
        assert_eq!(
            texts(&config.validate(None)),
            ["thresholds.critical_mb: expected more than fallback_trigger_mb (3200), found 3200"]
        );
    }

    #[test]
    fn critical_at_the_limit() {
        let config = AdaptiveConfig::default();
        assert_eq!(
            texts(&config.validate(Some(Mib::new(3500.0)))),
            ["thresholds.critical_mb: expected less than the memory limit (3500), found 3500"]
        );
        assert_eq!(config.validate(Some(Mib::new(f64::NAN))).len(), 1);
    }

    #[test]
    fn numbers_that_are_none() {
        let mut config = AdaptiveConfig { monitoring_interval_seconds: f64::NAN, ..Default::default() };
        config.thresholds.high_mb = Mib::new(f64::INFINITY);
        config.leak_threshold_mb = Mib::new(-1.0);
        config.batch_sizes.fallback = 0;
        assert_eq!(
            texts(&config.validate(None)),
            [
                "monitoring_interval_seconds: expected a positive number, found NaN",
                "thresholds.high_mb: expected a positive number, found inf",
                "batch_sizes.fallback: expected a positive number, found 0",
                "leak_threshold_mb: expected a positive number, found -1",
            ]
        );
    }

    #[test]
    fn batch_sizes_may_be_equal_but_not_fall() {
        let mut config = AdaptiveConfig::default();
        config.batch_sizes.medium = 250;
        assert_eq!(config.validate(None), []);
        config.batch_sizes.medium = 249;
        assert_eq!(
            texts(&config.validate(None)),
            ["batch_sizes.medium: expected at least low (250), found 249"]
        );
    }

    #[test]
    fn floors_may_be_off_but_not_negative_or_falling() {
        let mut config = AdaptiveConfig { available_limits: AvailableLimits::NONE, ..Default::default() };
        assert_eq!(config.validate(None), []);
        config.available_limits.critical_mb = Mib::new(-5.0);
        assert_eq!(
            texts(&config.validate(None)),
            ["memtool.available_limits.critical_mb: expected zero or a positive number, found -5"]
        );
        config.available_limits.critical_mb = Mib::new(5.0);
        assert_eq!(
            texts(&config.validate(None)),
            ["memtool.available_limits.high_mb: expected at least critical_mb (5), found 0"]
        );
    }
}
