//! What the job's own Python loader takes.

use memtool_profile_model::{AdaptiveConfig, Setting, Violation};

/// The ranges of the existing Python loader: path, smallest and largest value it takes.
const LOADER_RANGES: [(&str, f64, f64); 11] = [
    ("monitoring_interval_seconds", 0.1, 60.0),
    ("history_size", 10.0, 1000.0),
    ("thresholds.moderate_mb", 500.0, f64::INFINITY),
    ("thresholds.high_mb", 1000.0, f64::INFINITY),
    ("thresholds.critical_mb", 1500.0, f64::INFINITY),
    ("thresholds.gc_trigger_mb", 1000.0, f64::INFINITY),
    ("thresholds.fallback_trigger_mb", 1500.0, f64::INFINITY),
    ("batch_sizes.low", 50.0, 1000.0),
    ("batch_sizes.medium", 100.0, 2000.0),
    ("batch_sizes.high", 200.0, 5000.0),
    ("batch_sizes.fallback", 25.0, 500.0),
];

/// Lists the values that the existing Python loader refuses; it checks ranges only, no order
/// between settings. memtool's own recorder has no such floors.
#[must_use]
pub fn loader_violations(config: &AdaptiveConfig) -> Vec<Violation> {
    LOADER_RANGES
        .iter()
        .filter_map(|&(path, low, high)| {
            let value = Setting::find(path)?.get(config).as_number()?;
            let expected =
                if high.is_finite() { format!("from {low} to {high}") } else { format!("at least {low}") };
            let inside = (low..=high).contains(&value);
            (!inside).then(|| Violation { path, found: value.to_string(), expected })
        })
        .collect()
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
                "history_size: expected from 10 to 1000, found 1001",
                "thresholds.moderate_mb: expected at least 500, found 499",
                "batch_sizes.fallback: expected from 25 to 500, found 24",
            ]
        );
    }
}
