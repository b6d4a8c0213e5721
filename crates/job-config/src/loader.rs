//! The values that the job's own Python loader accepts.

use memtool_profile_model::{AdaptiveConfig, Setting, Violation};

/// What the existing Python loader takes for one setting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoaderRange {
    /// The setting, as a dotted path below the block.
    pub path: &'static str,
    /// The smallest value.
    pub least: f64,
    /// The largest value; infinite where there is none.
    pub most: f64,
    /// Whether only whole numbers are taken.
    pub whole: bool,
}

const fn from_to(path: &'static str, least: f64, most: f64) -> LoaderRange {
    LoaderRange { path, least, most, whole: false }
}

const fn at_least(path: &'static str, least: f64) -> LoaderRange {
    from_to(path, least, f64::INFINITY)
}

const fn whole(path: &'static str, least: f64, most: f64) -> LoaderRange {
    LoaderRange { path, least, most, whole: true }
}

/// The ranges of the existing Python loader. Settings that are not here have none.
pub const LOADER_RANGES: [LoaderRange; 15] = [
    from_to("monitoring_interval_seconds", 0.1, 60.0),
    whole("history_size", 10.0, 1000.0),
    at_least("thresholds.moderate_mb", 500.0),
    at_least("thresholds.high_mb", 1000.0),
    at_least("thresholds.critical_mb", 1500.0),
    at_least("thresholds.gc_trigger_mb", 1000.0),
    at_least("thresholds.fallback_trigger_mb", 1500.0),
    whole("batch_sizes.low", 50.0, 1000.0),
    whole("batch_sizes.medium", 100.0, 2000.0),
    whole("batch_sizes.high", 200.0, 5000.0),
    whole("batch_sizes.fallback", 25.0, 500.0),
    whole("recommendation_window_minutes", 1.0, 60.0),
    whole("min_samples_for_recommendation", 5.0, 100.0),
    at_least("leak_threshold_mb", 100.0),
    whole("leak_window_minutes", 5.0, 60.0),
];

impl LoaderRange {
    /// Whether the loader takes a value.
    #[must_use]
    pub fn takes(&self, value: f64) -> bool {
        (self.least..=self.most).contains(&value) && !(self.whole && value.fract() != 0.0)
    }

    fn expected(&self) -> String {
        let kind = if self.whole { "a whole number " } else { "" };
        let Self { least, most, .. } = self;
        if most.is_finite() {
            format!("{kind}from {least} to {most}")
        } else {
            format!("{kind}at least {least}")
        }
    }

    fn violation(&self, config: &AdaptiveConfig) -> Option<Violation> {
        let value = Setting::find(self.path)?.get(config).as_number()?;
        let found = value.to_string();
        (!self.takes(value)).then(|| Violation { path: self.path, found, expected: self.expected() })
    }
}

/// The loader's range of a setting.
#[must_use]
pub fn loader_range(path: &str) -> Option<&'static LoaderRange> {
    const { &LOADER_RANGES }.iter().find(|range| range.path == path)
}

/// Lists the values that the existing Python loader refuses; it checks ranges only, no order
/// between settings. memtool's own recorder has no such floors.
#[must_use]
pub fn loader_violations(config: &AdaptiveConfig) -> Vec<Violation> {
    LOADER_RANGES.iter().filter_map(|range| range.violation(config)).collect()
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::Mib;

    use super::*;

    fn texts(violations: &[Violation]) -> Vec<String> {
        violations.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_defaults_are_taken() {
        assert_eq!(loader_violations(&AdaptiveConfig::default()), []);
    }

    #[test]
    fn loader_ranges_include_their_ends() {
        let mut config = AdaptiveConfig { history_size: 1000, ..Default::default() };
        config.batch_sizes.fallback = 25;
        assert_eq!(loader_violations(&config), []);
        config.history_size = 1001;
        config.batch_sizes.fallback = 24;
        config.thresholds.moderate_mb = Mib::new(499.0);
        assert_eq!(
            texts(&loader_violations(&config)),
            [
                "history_size: expected a whole number from 10 to 1000, found 1001",
                "thresholds.moderate_mb: expected at least 500, found 499",
                "batch_sizes.fallback: expected a whole number from 25 to 500, found 24",
            ]
        );
    }

    #[test]
    fn minutes_are_whole_and_the_advice_has_ranges_of_its_own() {
        let mut config = AdaptiveConfig { recommendation_window_minutes: 60.0, ..Default::default() };
        (config.leak_window_minutes, config.leak_threshold_mb) = (5.0, Mib::new(100.0));
        config.min_samples_for_recommendation = 100;
        assert_eq!(loader_violations(&config), []);
        config.recommendation_window_minutes = 7.25;
        (config.leak_window_minutes, config.leak_threshold_mb) = (61.0, Mib::new(99.5));
        config.min_samples_for_recommendation = 4;
        assert_eq!(
            texts(&loader_violations(&config)),
            [
                "recommendation_window_minutes: expected a whole number from 1 to 60, found 7.25",
                "min_samples_for_recommendation: expected a whole number from 5 to 100, found 4",
                "leak_threshold_mb: expected at least 100, found 99.5",
                "leak_window_minutes: expected a whole number from 5 to 60, found 61",
            ]
        );
    }
}
