//! Thresholds for a limit: the existing factory's shares, moved up where the working memory
//! would otherwise stand above them and make the level flap.

use memtool_profile_model::{MemoryThresholds, Mib};

use super::Reasons;
use super::ranges::{CRITICAL_MIN, FALLBACK_MIN, GC_MIN, HIGH_MIN, MODERATE_MIN};

/// Shares of the limit in the existing factory.
const MODERATE: f64 = 0.50;
const GC: f64 = 0.60;
const HIGH: f64 = 0.75;
const FALLBACK: f64 = 0.80;
const CRITICAL: f64 = 0.90;
/// The moderate level is moved up at most to this share; the room above holds the others.
const MODERATE_MOST: f64 = 0.75;
/// The GC trigger is moved up at most to this share.
const GC_MOST: f64 = 0.81;
/// Least distance between two thresholds, as a share of the limit.
const APART: f64 = 0.02;
/// Critical above this share of the limit leaves no time to act.
const CRITICAL_MOST: f64 = 0.95;

/// What the runs say about the memory at the chosen size.
#[derive(Debug, Clone, Copy)]
pub(super) struct Working {
    /// The upper predicted peak.
    pub(super) peak_mb: f64,
    /// What stays between batches.
    pub(super) floor_mb: f64,
}

/// Thresholds for a limit, with their reasons; the reason alone where the limit is too small.
pub(super) fn thresholds(
    limit: f64,
    working: Working,
    reasons: &mut Reasons,
) -> Result<MemoryThresholds, String> {
    let step = if limit < 4096.0 { 10.0 } else { 50.0 };
    let apart = (APART * limit).max(step);
    let place = |wanted: f64, least: f64| (wanted.max(least) / step).ceil() * step;
    let over = |below: f64| below + apart;
    let wanted = (working.peak_mb * 1.02).clamp(MODERATE * limit, MODERATE_MOST * limit);
    let moderate = place(wanted, MODERATE_MIN);
    let above_floor = (working.floor_mb + apart).min(GC_MOST * limit);
    let gc = place((GC * limit).max(over(moderate)).max(above_floor), GC_MIN);
    let high = place((HIGH * limit).max(over(gc)), HIGH_MIN);
    let fallback = place((FALLBACK * limit).max(over(high)), FALLBACK_MIN);
    let critical = place((CRITICAL * limit).max(fallback + step), CRITICAL_MIN);
    if !limit.is_finite() || critical > CRITICAL_MOST * limit {
        return Err(format!(
            "the limit of {limit:.0} MiB is too small for the ranges that the config's loader enforces \
             (fallback trigger and critical from {FALLBACK_MIN:.0} MiB): critical would be {critical:.0} MiB"
        ));
    }
    explain(limit, working, [moderate, gc, high, fallback, critical], reasons);
    Ok(MemoryThresholds {
        moderate_mb: Mib::new(moderate),
        high_mb: Mib::new(high),
        critical_mb: Mib::new(critical),
        gc_trigger_mb: Mib::new(gc),
        fallback_trigger_mb: Mib::new(fallback),
    })
}

fn explain(limit: f64, working: Working, values: [f64; 5], reasons: &mut Reasons) {
    let [moderate, gc, high, fallback, critical] = values;
    let share = |value: f64| 100.0 * value / limit;
    let flap = if moderate > working.peak_mb {
        format!(
            "above the upper predicted peak of {:.0} MiB, so that the level does not flap",
            working.peak_mb
        )
    } else {
        format!(
            "below the upper predicted peak of {:.0} MiB, which leaves no room: the level may change \
             inside batches",
            working.peak_mb
        )
    };
    reasons.insert(
        "thresholds.moderate_mb".to_owned(),
        format!("{:.0} % of the limit {limit:.0} MiB (factory 50 %); {flap}", share(moderate)),
    );
    let floor = if gc > working.floor_mb { "above" } else { "not above" };
    reasons.insert(
        "thresholds.gc_trigger_mb".to_owned(),
        format!(
            "{:.0} % of the limit (factory 60 %), over moderate; {floor} the {:.0} MiB that stay between \
             batches (95 % of the troughs), where a collection frees nothing",
            share(gc),
            working.floor_mb
        ),
    );
    for (name, value, factory) in
        [("high_mb", high, 75), ("fallback_trigger_mb", fallback, 80), ("critical_mb", critical, 90)]
    {
        reasons.insert(
            format!("thresholds.{name}"),
            format!("{:.0} % of the limit {limit:.0} MiB (factory {factory} %), kept in order", share(value)),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(limit: f64, peak: f64) -> Result<MemoryThresholds, String> {
        thresholds(limit, Working { peak_mb: peak, floor_mb: peak / 2.0 }, &mut Reasons::new())
    }

    #[test]
    fn a_small_job_gets_the_factory_shares() {
        let t = chosen(6249.0, 600.0).expect("fits");
        let values = [t.moderate_mb, t.gc_trigger_mb, t.high_mb, t.fallback_trigger_mb, t.critical_mb];
        assert_eq!(values.map(Mib::get), [3150.0, 3750.0, 4700.0, 5000.0, 5650.0]);
    }

    #[test]
    fn moderate_stands_above_a_large_working_memory() {
        let t = chosen(6249.0, 4400.0).expect("fits");
        assert!(t.moderate_mb.get() > 4400.0 && t.moderate_mb < t.gc_trigger_mb);
    }

    #[test]
    fn a_limit_below_the_loaders_ranges_is_refused() {
        let reason = chosen(1500.0, 100.0).expect_err("too small");
        assert!(reason.contains("too small for the ranges"), "{reason}");
    }
}
