//! The cost that a size would have had for a finished run.

use memtool_profile_model::Mib;

/// GB (10^9 bytes) of a MiB.
const GB: f64 = Mib::BYTES / 1e9;
/// A retry gets the largest peak seen and so much.
const RETRY: f64 = 1.02;
/// It doubles instead where that is not at least so much more than what failed.
const WORTH: f64 = 1.05;
/// Attempts after which nothing more is counted: 2^40 times anything is enough.
const MOST_ATTEMPTS: u32 = 40;

/// Memory held and not used, and attempts that failed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Cost {
    /// GB (10^9 bytes) times hours: all of a failed attempt, and what the last left unused.
    pub waste_gb_h: f64,
    /// Failed attempts.
    pub failures: u32,
}

/// What a run of this runtime held of its memory and did not use, in GB (10^9 bytes) times hours.
#[must_use]
pub fn unused_gb_h(given_mb: f64, used_mb: f64, runtime_s: f64) -> f64 {
    (given_mb - used_mb).max(0.0) * GB * runtime_s / 3600.0
}

impl Cost {
    /// Of a run of this peak and runtime that was given this much, each failed attempt running for all of
    /// it; `largest_mb` is the largest peak seen before.
    pub(super) fn of(given_mb: f64, peak_mb: f64, runtime_s: f64, largest_mb: f64) -> Self {
        let mut cost = Self::default();
        let mut given = given_mb.max(f64::MIN_POSITIVE);
        while given < peak_mb && cost.failures < MOST_ATTEMPTS {
            cost.waste_gb_h += unused_gb_h(given, 0.0, runtime_s);
            cost.failures += 1;
            given = retry_mb(given, largest_mb);
        }
        cost.waste_gb_h += unused_gb_h(given, peak_mb, runtime_s);
        cost
    }

    /// Whether the first attempt failed.
    #[must_use]
    pub const fn failed(&self) -> bool {
        self.failures > 0
    }
}

/// What the next attempt gets after one with this much failed, in MiB: the largest peak seen and 2 % where that is
/// 5 % more, else double.
pub(super) fn retry_mb(given_mb: f64, largest_mb: f64) -> f64 {
    if largest_mb * RETRY > given_mb * WORTH { largest_mb * RETRY } else { given_mb * 2.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unused_and_lost_memory() {
        let near = |cost: Cost, waste: f64, failures: u32| {
            assert!((cost.waste_gb_h / GB - waste).abs() < 1e-9 && cost.failures == failures, "{cost:?}");
        };
        near(Cost::of(150.0, 100.0, 3600.0, 100.0), 50.0, 0);
        near(Cost::of(90.0, 100.0, 3600.0, 120.0), 90.0 + 22.4, 1);
        near(Cost::of(90.0, 300.0, 7200.0, 90.0), 2.0 * (90.0 + 180.0 + 60.0), 2);
    }
}
