//! The policy against the rules as they stand in a sentence each, over any settings and observations.
#![no_main]

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use memtool_fuzz::{config, size};
use memtool_policy::{PolicyState, Step, collected, step};
use memtool_profile_model::{
    AdaptiveConfig, Hysteresis, Observation, Offset, OptimizationLevel, PressureLevel, pressure,
};

/// The level that an observation allows where nothing waits.
fn plain(config: &AdaptiveConfig, seen: Observation) -> OptimizationLevel {
    match pressure(config, seen).level {
        PressureLevel::Critical
            if config.fallback_enabled && seen.rss >= config.thresholds.fallback_trigger_mb =>
        {
            OptimizationLevel::Fallback
        }
        PressureLevel::Critical | PressureLevel::High => OptimizationLevel::Low,
        PressureLevel::Moderate => OptimizationLevel::Medium,
        PressureLevel::Low => OptimizationLevel::High,
    }
}

fn assert_levels(config: &AdaptiveConfig, before: PolicyState, after: PolicyState, seen: Observation) {
    let allowed = plain(config, seen);
    assert!(after.level <= allowed, "{:?} where {allowed:?} is allowed", after.level);
    if allowed <= before.level || config.hysteresis == Hysteresis::default() {
        assert_eq!(after.level, allowed, "a stricter level is taken at once");
    }
    assert!(after.level >= before.level.min(allowed), "never stricter than asked");
    if after.level == OptimizationLevel::Fallback {
        assert!(after.fallback_active);
    }
}

fn assert_counted(before: PolicyState, after: PolicyState, step: &Step) {
    let (was, is) = (before.counters, after.counters);
    let high = u64::from(step.pressure.level >= PressureLevel::High);
    let critical = u64::from(step.pressure.level == PressureLevel::Critical);
    assert_eq!(is.total_gc_collections, was.total_gc_collections + u64::from(step.collect));
    assert_eq!(is.batch_size_adjustments, was.batch_size_adjustments + u64::from(step.change.is_some()));
    assert_eq!(is.memory_warnings, was.memory_warnings + high);
    assert_eq!(is.critical_events, was.critical_events + critical);
    assert!(is.automatic_fallbacks - was.automatic_fallbacks <= 1);
    assert_eq!(step.change.map(|change| (change.from, change.to)), {
        (before.level != after.level).then_some((before.level, after.level))
    });
}

fn run(bytes: &[u8]) -> Result<()> {
    let mut bytes = Unstructured::new(bytes);
    let config = config(&mut bytes)?;
    let mut state = PolicyState::default();
    let mut at = 0_i64;
    while !bytes.is_empty() {
        at += i64::from(bytes.arbitrary::<i8>()?) * 250_000_000;
        let rss = size(&mut bytes)?;
        let available = Some(size(&mut bytes)?).filter(|left| left.get() != 0.0);
        let seen = Observation { at: Offset::from_nanos(at), rss, available };
        let (mut next, step) = step(&config, state, seen);
        assert_eq!(step.pressure, pressure(&config, seen));
        assert_levels(&config, state, next, seen);
        assert_counted(state, next, &step);
        let above = config.auto_gc_enabled && rss >= config.thresholds.gc_trigger_mb;
        assert!(above || !step.collect, "a collection below the trigger");
        assert!(config.gc_cooldown_share > 0.0 || step.collect == above, "no cool-down, and no collection");
        if step.collect {
            next = collected(next, rss, size(&mut bytes)?);
        }
        state = next;
    }
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    let _used_up = run(bytes);
});
