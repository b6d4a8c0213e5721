//! Settings and sizes of memory from a fuzzer's bytes.

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use memtool_profile_model::{
    AdaptiveConfig, AvailableLimits, BatchSizes, Hysteresis, MemoryThresholds, Mib, Predictive,
};

/// A size of memory: mostly between 0 and 4 GiB, in quarters of a MiB, where thresholds lie; sometimes any
/// that a reader lets through.
pub fn size(bytes: &mut Unstructured<'_>) -> Result<Mib> {
    let drawn = bytes.arbitrary::<u16>()?;
    if drawn < u16::MAX - 16 {
        return Ok(Mib::new(f64::from(drawn % 16_384) / 4.0));
    }
    let any: f64 = bytes.arbitrary()?;
    Ok(Mib::new(if any.is_finite() { any.abs().min(1e9) } else { 0.0 }))
}

/// A size above zero, as a threshold is.
fn threshold(bytes: &mut Unstructured<'_>) -> Result<Mib> {
    size(bytes).map(|size| Mib::new(size.get().max(0.25)))
}

/// Settings that a config file may have: every number usable, their order as it comes.
pub fn config(bytes: &mut Unstructured<'_>) -> Result<AdaptiveConfig> {
    let switches: u8 = bytes.arbitrary()?;
    let thresholds = MemoryThresholds {
        moderate_mb: threshold(bytes)?,
        high_mb: threshold(bytes)?,
        critical_mb: threshold(bytes)?,
        gc_trigger_mb: threshold(bytes)?,
        fallback_trigger_mb: threshold(bytes)?,
    };
    let available_limits = match switches & 3 {
        0 => AvailableLimits::NONE,
        1 => AvailableLimits::scaled_to(size(bytes)?),
        _ => AvailableLimits::default(),
    };
    let hysteresis = match switches & 4 {
        0 => Hysteresis::default(),
        _ => Hysteresis { margin_mb: size(bytes)?, dwell_seconds: f64::from(bytes.arbitrary::<u8>()?) / 8.0 },
    };
    Ok(AdaptiveConfig {
        thresholds,
        available_limits,
        hysteresis,
        batch_sizes: BatchSizes {
            high: u32::from(bytes.arbitrary::<u16>()?).max(1),
            ..BatchSizes::default()
        },
        auto_gc_enabled: switches & 8 != 0,
        fallback_enabled: switches & 16 != 0,
        gc_cooldown_share: if switches & 32 == 0 { 0.0 } else { f64::from(bytes.arbitrary::<u8>()?) / 64.0 },
        predictive: Predictive { enabled: switches & 64 != 0, ..Predictive::default() },
        ..AdaptiveConfig::default()
    })
}
