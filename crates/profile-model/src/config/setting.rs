//! The table of settings: every key of the job's block, in the order it is written.
//!
//! Reading, writing, editing and checking all go by this one table, so that a key cannot
//! be known to one of them and unknown to another.

use super::adaptive::AdaptiveConfig;
use crate::units::Mib;

/// The value of one setting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scalar {
    /// A switch.
    Bool(bool),
    /// A whole number: samples or items.
    Count(u32),
    /// Any other number: mebibytes, seconds or minutes.
    Number(f64),
}

/// One key of the block and where its value stands in [`AdaptiveConfig`].
pub struct Setting {
    /// The path below the block, joined by dots.
    pub path: &'static str,
    access: Access,
}

type Field<T> = fn(&mut AdaptiveConfig) -> &mut T;

enum Access {
    Bool(Field<bool>),
    Count(Field<u32>),
    /// Written with a decimal point.
    Number(Field<f64>),
    /// Written without one where it is whole: the existing manager counts whole minutes.
    Minutes(Field<f64>),
    Size(Field<Mib>),
}

use Access::{Bool, Count, Minutes, Number, Size};

/// The mappings that hold settings, besides the block itself.
pub const SECTIONS: [&str; 6] = [
    "thresholds",
    "batch_sizes",
    "memtool",
    "memtool.available_limits",
    "memtool.hysteresis",
    "memtool.predictive",
];

/// Every setting, in the order of the file.
pub static SETTINGS: [Setting; 29] = [
    Setting { path: "enabled", access: Bool(|c| &mut c.enabled) },
    Setting { path: "monitoring_interval_seconds", access: Number(|c| &mut c.monitoring_interval_seconds) },
    Setting { path: "history_size", access: Count(|c| &mut c.history_size) },
    Setting { path: "thresholds.moderate_mb", access: Size(|c| &mut c.thresholds.moderate_mb) },
    Setting { path: "thresholds.high_mb", access: Size(|c| &mut c.thresholds.high_mb) },
    Setting { path: "thresholds.critical_mb", access: Size(|c| &mut c.thresholds.critical_mb) },
    Setting { path: "thresholds.gc_trigger_mb", access: Size(|c| &mut c.thresholds.gc_trigger_mb) },
    Setting {
        path: "thresholds.fallback_trigger_mb",
        access: Size(|c| &mut c.thresholds.fallback_trigger_mb),
    },
    Setting { path: "batch_sizes.low", access: Count(|c| &mut c.batch_sizes.low) },
    Setting { path: "batch_sizes.medium", access: Count(|c| &mut c.batch_sizes.medium) },
    Setting { path: "batch_sizes.high", access: Count(|c| &mut c.batch_sizes.high) },
    Setting { path: "batch_sizes.fallback", access: Count(|c| &mut c.batch_sizes.fallback) },
    Setting { path: "auto_gc_enabled", access: Bool(|c| &mut c.auto_gc_enabled) },
    Setting { path: "fallback_enabled", access: Bool(|c| &mut c.fallback_enabled) },
    Setting { path: "profiling_enabled", access: Bool(|c| &mut c.profiling_enabled) },
    Setting {
        path: "recommendation_window_minutes",
        access: Minutes(|c| &mut c.recommendation_window_minutes),
    },
    Setting {
        path: "min_samples_for_recommendation",
        access: Count(|c| &mut c.min_samples_for_recommendation),
    },
    Setting { path: "leak_detection_enabled", access: Bool(|c| &mut c.leak_detection_enabled) },
    Setting { path: "leak_threshold_mb", access: Size(|c| &mut c.leak_threshold_mb) },
    Setting { path: "leak_window_minutes", access: Minutes(|c| &mut c.leak_window_minutes) },
    Setting {
        path: "memtool.available_limits.critical_mb",
        access: Size(|c| &mut c.available_limits.critical_mb),
    },
    Setting { path: "memtool.available_limits.high_mb", access: Size(|c| &mut c.available_limits.high_mb) },
    Setting {
        path: "memtool.available_limits.moderate_mb",
        access: Size(|c| &mut c.available_limits.moderate_mb),
    },
    Setting { path: "memtool.hysteresis.margin_mb", access: Size(|c| &mut c.hysteresis.margin_mb) },
    Setting { path: "memtool.hysteresis.dwell_seconds", access: Number(|c| &mut c.hysteresis.dwell_seconds) },
    Setting { path: "memtool.predictive.enabled", access: Bool(|c| &mut c.predictive.enabled) },
    Setting { path: "memtool.predictive.safe_share", access: Number(|c| &mut c.predictive.safe_share) },
    Setting { path: "memtool.predictive.largest", access: Count(|c| &mut c.predictive.largest) },
    Setting { path: "memtool.gc_cooldown_share", access: Number(|c| &mut c.gc_cooldown_share) },
];

impl Setting {
    /// The setting at a dotted path.
    pub fn find(path: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.path == path)
    }

    /// Whether it is one of memtool's own, which the existing manager does not know.
    pub fn is_ours(&self) -> bool {
        self.path.starts_with("memtool.")
    }

    /// The section it stands in, as a dotted path; empty for the block itself.
    pub fn section(&self) -> &'static str {
        self.path.rsplit_once('.').map_or("", |(section, _)| section)
    }

    /// Its key within the section.
    pub fn key(&self) -> &'static str {
        self.path.rsplit_once('.').map_or(self.path, |(_, key)| key)
    }

    /// What a value of it looks like, for messages.
    pub const fn expected(&self) -> &'static str {
        match self.access {
            Bool(_) => "true or false",
            Count(_) => "a whole number",
            Number(_) | Minutes(_) | Size(_) => "a number",
        }
    }

    /// Its value in a config.
    pub fn get(&self, config: &AdaptiveConfig) -> Scalar {
        let mut copy = config.clone();
        match self.access {
            Bool(field) => Scalar::Bool(*field(&mut copy)),
            Count(field) => Scalar::Count(*field(&mut copy)),
            Number(field) | Minutes(field) => Scalar::Number(*field(&mut copy)),
            Size(field) => Scalar::Number(field(&mut copy).get()),
        }
    }

    /// Puts a value into a config; false, and nothing done, if the kind does not fit.
    pub fn set(&self, config: &mut AdaptiveConfig, value: Scalar) -> bool {
        match (&self.access, value) {
            (Bool(field), Scalar::Bool(value)) => *field(config) = value,
            (Count(field), Scalar::Count(value)) => *field(config) = value,
            (Number(field) | Minutes(field), Scalar::Number(value)) => *field(config) = value,
            (Number(field) | Minutes(field), Scalar::Count(value)) => *field(config) = f64::from(value),
            (Size(field), Scalar::Number(value)) => *field(config) = Mib::new(value),
            (Size(field), Scalar::Count(value)) => *field(config) = Mib::new(f64::from(value)),
            _ => return false,
        }
        true
    }

    /// Whether a whole number is written without a decimal point.
    pub const fn writes_whole(&self) -> bool {
        matches!(self.access, Minutes(_) | Count(_))
    }
}

impl Scalar {
    /// The value as a plain number; a switch has none.
    #[must_use]
    pub fn as_number(self) -> Option<f64> {
        match self {
            Self::Bool(_) => None,
            Self::Count(value) => Some(f64::from(value)),
            Self::Number(value) => Some(value),
        }
    }
}

impl From<bool> for Scalar {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<u32> for Scalar {
    fn from(value: u32) -> Self {
        Self::Count(value)
    }
}

impl From<f64> for Scalar {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<Mib> for Scalar {
    fn from(value: Mib) -> Self {
        Self::Number(value.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_unique_and_reach_their_own_field() {
        for (index, setting) in SETTINGS.iter().enumerate() {
            assert!(SETTINGS[..index].iter().all(|other| other.path != setting.path), "{}", setting.path);
            let mut config = AdaptiveConfig::default();
            let value = match setting.get(&config) {
                Scalar::Bool(value) => Scalar::Bool(!value),
                Scalar::Count(value) => Scalar::Count(value + 7),
                Scalar::Number(value) => Scalar::Number(value + 7.5),
            };
            assert!(setting.set(&mut config, value));
            assert_eq!(setting.get(&config), value);
            for other in SETTINGS.iter().filter(|other| other.path != setting.path) {
                assert_eq!(other.get(&config), other.get(&AdaptiveConfig::default()), "{}", other.path);
            }
        }
    }

    #[test]
    fn a_value_of_another_kind_is_refused() {
        let mut config = AdaptiveConfig::default();
        let setting = Setting::find("batch_sizes.low").expect("in the table");
        assert!(!setting.set(&mut config, Scalar::Number(1.5)));
        assert!(!setting.set(&mut config, Scalar::Bool(true)));
        assert_eq!(config, AdaptiveConfig::default());
    }
}
