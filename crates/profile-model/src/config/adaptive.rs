//! The settings of a job: thresholds, batch sizes and switches of the policy.

use serde::{Deserialize, Serialize};

use crate::level::OptimizationLevel;
use crate::units::Mib;

/// The settings of one job, with the names and defaults of the existing manager.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AdaptiveConfig {
    /// Whether anything is sampled at all.
    pub enabled: bool,
    /// Seconds between two samples.
    pub monitoring_interval_seconds: f64,
    /// Samples kept in the ring of a profile.
    pub history_size: u32,
    /// Where the pressure levels begin.
    pub thresholds: MemoryThresholds,
    /// Items of a batch at each optimization level.
    pub batch_sizes: BatchSizes,
    /// Whether the policy collects garbage.
    pub auto_gc_enabled: bool,
    /// Whether critical pressure may switch to the fallback size.
    pub fallback_enabled: bool,
    /// Whether profiling hooks are called.
    pub profiling_enabled: bool,
    /// Minutes a live recommendation looks back.
    pub recommendation_window_minutes: f64,
    /// Samples a live recommendation needs.
    pub min_samples_for_recommendation: u32,
    /// Whether the live leak rule runs.
    pub leak_detection_enabled: bool,
    /// Growth the live leak rule fires at.
    pub leak_threshold_mb: Mib,
    /// Minutes the live leak rule looks back.
    pub leak_window_minutes: f64,
    /// Floors on available memory; not part of the existing manager's file, as all below.
    pub available_limits: AvailableLimits,
    /// What a larger batch size waits for after pressure fell.
    pub hysteresis: Hysteresis,
    /// The policy collects again only once memory grew by this share of what the last
    /// collection freed; 0 collects at every sample above the trigger.
    pub gc_cooldown_share: f64,
    /// Batch sizes from predicted peaks.
    pub predictive: Predictive,
}

/// Where pressure levels begin and actions trigger, as resident memory.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MemoryThresholds {
    /// Moderate pressure begins here.
    pub moderate_mb: Mib,
    /// High pressure begins here.
    pub high_mb: Mib,
    /// Critical pressure begins here.
    pub critical_mb: Mib,
    /// Garbage is collected from here on.
    pub gc_trigger_mb: Mib,
    /// Critical pressure means the fallback size from here on.
    pub fallback_trigger_mb: Mib,
}

/// Items of a batch at each optimization level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BatchSizes {
    /// Size under high pressure.
    pub low: u32,
    /// Size under moderate pressure, and at the start.
    pub medium: u32,
    /// Size under low pressure.
    pub high: u32,
    /// Size in fallback.
    pub fallback: u32,
}

/// Floors on available memory: below one, pressure is at least that level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AvailableLimits {
    /// Less than this is critical.
    pub critical_mb: Mib,
    /// Less than this is high.
    pub high_mb: Mib,
    /// Less than this is moderate.
    pub moderate_mb: Mib,
}

/// What a larger batch size waits for after pressure fell; zeros switch both off.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Hysteresis {
    /// Memory must have fallen this far below the threshold that it crossed.
    pub margin_mb: Mib,
    /// And stayed there for this long.
    pub dwell_seconds: f64,
}

/// Batch sizes from predicted peaks rather than from pressure levels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Predictive {
    /// Whether predictions choose the batch size.
    pub enabled: bool,
    /// The share of the memory limit that a predicted peak may reach.
    pub safe_share: f64,
    /// The largest batch it may choose; 0 means the size `high`.
    pub largest: u32,
}

impl Default for Predictive {
    fn default() -> Self {
        Self { enabled: false, safe_share: 0.9, largest: 0 }
    }
}

impl Default for AdaptiveConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            monitoring_interval_seconds: 1.0,
            history_size: 100,
            thresholds: MemoryThresholds::default(),
            batch_sizes: BatchSizes::default(),
            auto_gc_enabled: true,
            fallback_enabled: true,
            profiling_enabled: false,
            recommendation_window_minutes: 5.0,
            min_samples_for_recommendation: 10,
            leak_detection_enabled: true,
            leak_threshold_mb: Mib::new(800.0),
            leak_window_minutes: 15.0,
            available_limits: AvailableLimits::default(),
            hysteresis: Hysteresis::default(),
            gc_cooldown_share: 0.0,
            predictive: Predictive::default(),
        }
    }
}

impl Default for MemoryThresholds {
    fn default() -> Self {
        Self {
            moderate_mb: Mib::new(2000.0),
            high_mb: Mib::new(3000.0),
            critical_mb: Mib::new(3500.0),
            gc_trigger_mb: Mib::new(2500.0),
            fallback_trigger_mb: Mib::new(3200.0),
        }
    }
}

impl MemoryThresholds {
    /// The existing factory's thresholds for a limit: 50, 75 and 90 % of it, with the GC
    /// trigger at 60 % and the fallback trigger at 80 %.
    #[must_use]
    pub fn from_limit(limit: Mib) -> Self {
        Self {
            moderate_mb: limit.scaled(0.50),
            high_mb: limit.scaled(0.75),
            critical_mb: limit.scaled(0.90),
            gc_trigger_mb: limit.scaled(0.60),
            fallback_trigger_mb: limit.scaled(0.80),
        }
    }
}

impl Default for BatchSizes {
    fn default() -> Self {
        Self { low: 250, medium: 500, high: 1000, fallback: 100 }
    }
}

impl BatchSizes {
    /// The size at a level.
    #[must_use]
    pub const fn size(&self, level: OptimizationLevel) -> u32 {
        match level {
            OptimizationLevel::Fallback => self.fallback,
            OptimizationLevel::Low => self.low,
            OptimizationLevel::Medium => self.medium,
            OptimizationLevel::High => self.high,
        }
    }
}

impl Default for AvailableLimits {
    fn default() -> Self {
        Self { critical_mb: Mib::new(500.0), high_mb: Mib::new(1000.0), moderate_mb: Mib::new(2000.0) }
    }
}

impl AvailableLimits {
    /// No floors: only resident memory decides.
    pub const NONE: Self = Self { critical_mb: Mib::ZERO, high_mb: Mib::ZERO, moderate_mb: Mib::ZERO };

    /// The default floors, scaled down in proportion where the machine has less than 4 GiB.
    #[must_use]
    pub fn scaled_to(total: Mib) -> Self {
        let factor = (total.get() / 4096.0).clamp(0.0, 1.0);
        let full = Self::default();
        Self {
            critical_mb: full.critical_mb.scaled(factor),
            high_mb: full.high_mb.scaled(factor),
            moderate_mb: full.moderate_mb.scaled(factor),
        }
    }
}
