//! Which optimization level an observation allows, for itself and with its margin.

use memtool_profile_model::{AdaptiveConfig, Mib, Observation, OptimizationLevel, PressureLevel, pressure};

/// The level that an observation allows by itself.
#[inline]
pub(super) fn allowed(config: &AdaptiveConfig, seen: Observation) -> OptimizationLevel {
    allowed_at(config, seen, pressure(config, seen).level)
}

/// The same where its pressure is known.
#[inline]
pub(super) fn allowed_at(
    config: &AdaptiveConfig,
    seen: Observation,
    pressure: PressureLevel,
) -> OptimizationLevel {
    match pressure {
        PressureLevel::Low => OptimizationLevel::High,
        PressureLevel::Moderate => OptimizationLevel::Medium,
        PressureLevel::High => OptimizationLevel::Low,
        PressureLevel::Critical
            if config.fallback_enabled && seen.rss >= config.thresholds.fallback_trigger_mb =>
        {
            OptimizationLevel::Fallback
        }
        PressureLevel::Critical => OptimizationLevel::Low,
    }
}

/// The level that it would allow with the margin's memory in use as well: with every threshold
/// lowered by the margin. Never less strict than [`allowed`].
#[inline]
pub(super) fn allowed_with_margin(config: &AdaptiveConfig, seen: Observation) -> OptimizationLevel {
    let margin = config.hysteresis.margin_mb.get().max(0.0);
    let fuller = Observation {
        at: seen.at,
        rss: Mib::new(seen.rss.get() + margin),
        available: seen.available.map(|available| Mib::new(available.get() - margin)),
    };
    allowed(config, fuller)
}
