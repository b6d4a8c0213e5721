//! What a loader accepts, and the order that an emitted config keeps.

use std::sync::LazyLock;

use memtool_job_config::{loader_range, loader_violations};
use memtool_profile_model::{AdaptiveConfig, BatchSizes};

/// Who reads the config.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reader {
    /// The existing manager, whose loader enforces ranges and whose floors on available memory
    /// are fixed.
    #[default]
    Existing,
    /// memtool's recorder: any limit, any size, floors scaled to a small machine.
    Recorder,
}

/// The ranges a reader enforces; thresholds in MiB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ranges {
    /// Least moderate, GC, high, fallback and critical thresholds.
    pub(super) least: [f64; 5],
    pub(super) high: (u32, u32),
    pub(super) medium: (u32, u32),
    pub(super) low: (u32, u32),
    pub(super) fallback: (u32, u32),
}

static EXISTING: LazyLock<Ranges> = LazyLock::new(|| Ranges {
    least: THRESHOLDS.map(|path| loader_range(path).map_or(0.0, |range| range.least)),
    high: size_range("batch_sizes.high"),
    medium: size_range("batch_sizes.medium"),
    low: size_range("batch_sizes.low"),
    fallback: size_range("batch_sizes.fallback"),
});

/// The thresholds in order.
const THRESHOLDS: [&str; 5] = [
    "thresholds.moderate_mb",
    "thresholds.gc_trigger_mb",
    "thresholds.high_mb",
    "thresholds.fallback_trigger_mb",
    "thresholds.critical_mb",
];

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the loader's ranges are small and whole"
)]
fn size_range(path: &str) -> (u32, u32) {
    loader_range(path).map_or(ANY, |range| (range.least as u32, range.most as u32))
}

const ANY: (u32, u32) = (1, 10_000_000);
const OWN: Ranges =
    Ranges { least: [1.0, 2.0, 3.0, 4.0, 5.0], high: ANY, medium: ANY, low: ANY, fallback: ANY };

impl Reader {
    pub(super) fn ranges(self) -> &'static Ranges {
        match self {
            Self::Existing => &EXISTING,
            Self::Recorder => &OWN,
        }
    }
}

/// Sizes are multiples of 25, of less where all of them are small.
pub(super) const fn size_step(top: u32) -> u32 {
    match top {
        0..40 => 1,
        40..200 => 5,
        _ => 25,
    }
}

/// Thresholds in order: moderate, GC trigger, high, fallback trigger, critical.
pub(super) fn in_order(config: &AdaptiveConfig) -> [f64; 5] {
    let t = &config.thresholds;
    [t.moderate_mb, t.gc_trigger_mb, t.high_mb, t.fallback_trigger_mb, t.critical_mb].map(|mb| mb.get())
}

/// The sizes below a high one, in the ratios of the existing defaults: 50, 25 and 10 %.
pub(super) fn usual_sizes(high: u32, reader: Reader) -> BatchSizes {
    sizes(high, [0.5, 0.25, 0.1].map(|share| share * f64::from(high)), reader)
}

/// Sizes near some wanted ones — medium, low, fallback — in steps, within the ranges, in order.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the ranges")]
pub(super) fn sizes(high: u32, wanted: [f64; 3], reader: Reader) -> BatchSizes {
    let (ranges, step) = (reader.ranges(), size_step(high));
    let place = |wanted: f64, (least, most): (u32, u32), above: u32| {
        let stepped = (wanted / f64::from(step)).round() * f64::from(step);
        (stepped.clamp(f64::from(least), f64::from(most)) as u32).min(above)
    };
    let medium = place(wanted[0], ranges.medium, high);
    let low = place(wanted[1], ranges.low, medium);
    BatchSizes { high, medium, low, fallback: place(wanted[2], ranges.fallback, low) }
}

/// Whether a config is ordered, within a reader's ranges and below its limit.
pub(super) fn fits_reader(config: &AdaptiveConfig, limit_mb: f64, reader: Reader) -> bool {
    let (values, ranges, b) = (in_order(config), reader.ranges(), &config.batch_sizes);
    let within = |size: u32, (least, most): (u32, u32)| (least..=most).contains(&size);
    values.iter().all(|v| v.is_finite())
        && values.windows(2).all(|pair| pair[0] < pair[1])
        && values[4] < limit_mb
        && values.iter().zip(ranges.least).all(|(value, least)| *value >= least)
        && b.fallback <= b.low
        && b.low <= b.medium
        && b.medium <= b.high
        && within(b.fallback, ranges.fallback)
        && within(b.low, ranges.low)
        && within(b.medium, ranges.medium)
        && within(b.high, ranges.high)
        && (reader == Reader::Recorder || loader_violations(config).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_high_size_has_ordered_sizes_below() {
        for high in (200..=5000).step_by(25) {
            let config = AdaptiveConfig {
                batch_sizes: usual_sizes(high, Reader::Existing),
                thresholds: memtool_profile_model::MemoryThresholds::from_limit(
                    memtool_profile_model::Mib::new(4000.0),
                ),
                ..AdaptiveConfig::default()
            };
            assert!(fits_reader(&config, 4000.0, Reader::Existing), "{:?}", config.batch_sizes);
        }
    }

    #[test]
    fn the_recorder_takes_sizes_that_the_loader_refuses() {
        let b = usual_sizes(8, Reader::Recorder);
        assert_eq!((b.high, b.medium, b.low, b.fallback), (8, 4, 2, 1));
    }
}
