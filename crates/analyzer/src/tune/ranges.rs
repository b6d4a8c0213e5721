//! What an existing loader accepts, and the order that an emitted config keeps.

use memtool_profile_model::{AdaptiveConfig, BatchSizes};

/// Least thresholds the loader accepts, in MiB.
pub(super) const MODERATE_MIN: f64 = 500.0;
pub(super) const HIGH_MIN: f64 = 1000.0;
pub(super) const CRITICAL_MIN: f64 = 1500.0;
pub(super) const GC_MIN: f64 = 1000.0;
pub(super) const FALLBACK_MIN: f64 = 1500.0;
/// Batch sizes the loader accepts.
pub(super) const HIGH_SIZES: (u32, u32) = (200, 5000);
const MEDIUM_SIZES: (u32, u32) = (100, 2000);
const LOW_SIZES: (u32, u32) = (50, 1000);
const FALLBACK_SIZES: (u32, u32) = (25, 500);
/// Sizes are multiples of this.
pub(super) const SIZE_STEP: u32 = 25;

/// The sizes below a high one, in the ratios of the existing defaults: 50, 25 and 10 %.
pub(super) fn sizes_below(high: u32) -> BatchSizes {
    let share = |divisor: u32, (least, most): (u32, u32)| {
        (high / divisor / SIZE_STEP * SIZE_STEP).clamp(least, most).min(high)
    };
    BatchSizes {
        high,
        medium: share(2, MEDIUM_SIZES),
        low: share(4, LOW_SIZES),
        fallback: share(10, FALLBACK_SIZES),
    }
}

/// Whether a config is ordered, within the loader's ranges and below its limit.
#[must_use]
pub fn fits_loader(config: &AdaptiveConfig, limit_mb: f64) -> bool {
    let t = &config.thresholds;
    let thresholds = [
        t.moderate_mb.get(),
        t.gc_trigger_mb.get(),
        t.high_mb.get(),
        t.fallback_trigger_mb.get(),
        t.critical_mb.get(),
        limit_mb,
    ];
    let least = [MODERATE_MIN, GC_MIN, HIGH_MIN, FALLBACK_MIN, CRITICAL_MIN, 0.0];
    let b = &config.batch_sizes;
    let within = |size: u32, (least, most): (u32, u32)| (least..=most).contains(&size);
    thresholds.iter().all(|v| v.is_finite())
        && thresholds.windows(2).all(|pair| pair[0] < pair[1])
        && thresholds.iter().zip(least).all(|(value, least)| *value >= least)
        && b.fallback <= b.low
        && b.low <= b.medium
        && b.medium <= b.high
        && within(b.fallback, FALLBACK_SIZES)
        && within(b.low, LOW_SIZES)
        && within(b.medium, MEDIUM_SIZES)
        && within(b.high, HIGH_SIZES)
        && (10..=1000).contains(&config.history_size)
        && (0.1..=60.0).contains(&config.monitoring_interval_seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_high_size_has_ordered_sizes_below() {
        for high in (HIGH_SIZES.0..=HIGH_SIZES.1).step_by(25) {
            let config = AdaptiveConfig { batch_sizes: sizes_below(high), ..AdaptiveConfig::default() };
            let b = config.batch_sizes;
            assert!(b.fallback <= b.low && b.low <= b.medium && b.medium <= b.high, "{b:?}");
            assert!(b.fallback >= 25 && b.low >= 50 && b.medium >= 100 && b.low <= 1000 && b.medium <= 2000);
        }
    }
}
