//! # `held_after_work`
//!
//! Memory is still held when the work is done.
//!
//! ## The rule
//!
//! After the last batch the job goes on for a minute and a tenth of the run, and never falls below three quarters of its peak.
//!
//! The batches are gone, and what they took is not: results that are kept, a cache, or a heap that is not given back. On a shared
//! machine nobody else can use it.
//!
//! ## What it shows
//!
//! The least memory after the last batch, the peak, and for how long.
//!
//! ## What to do
//!
//! Drop what the last batches left (`del`, `clear()`), close pools and connections, and give the heap back (`malloc_trim(0)`, a
//! library's own release) before the job waits or does something else.
//!
//! ## Where it is wrong, and savings
//!
//! Work that is not recorded as batches may need it. Savings are withheld: who holds it is not known.

use crate::detect::case::Case;
use crate::detect::finding::{Details, Evidence, Finding, Severity};
use crate::detect::kind::FindingKind;

/// Share of the peak that is still held.
const HELD: f64 = 0.75;
/// How long it must be held, in seconds and as a share of the run.
const LONG: (f64, f64) = (60.0, 0.1);
/// Batches that make the work.
const FEWEST_BATCHES: usize = 5;
/// Less does not matter, in MiB.
const LEAST_MB: f64 = 100.0;

pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    let (series, context) = (case.series, case.context);
    let end_s = context.batches.iter().map(|batch| batch.end_s).reduce(f64::max)?;
    let held_s = series.duration_s() - end_s;
    if context.batches.len() < FEWEST_BATCHES || held_s < LONG.0.max(LONG.1 * series.duration_s()) {
        return None;
    }
    let after = series.seconds.partition_point(|s| *s <= end_s);
    let least = series.rss_mb[after..].iter().copied().reduce(f64::min)?;
    let peak = case.largest_mb;
    if least < HELD * peak || least < LEAST_MB {
        return None;
    }
    Some(Finding {
        kind: FindingKind::HeldAfterWork,
        severity: if peak >= context.high_mb { Severity::Medium } else { Severity::Low },
        confidence: 0.9,
        evidence: Evidence {
            rule: "held_after_work.least_after_last_batch".into(),
            window_s: (end_s, series.duration_s()),
            samples: series.len() - after,
            statistic: "least memory after the last batch as a share of the peak".into(),
            value: least / peak,
            interval: None,
            operation: None,
            details: Details::from([("held_mb", least), ("peak_mb", peak), ("held_s", held_s)]),
        },
        action: format!(
            "{least:.0} MiB are held for {held_s:.0} s after the last batch: drop results and caches, close pools, and give \
             the heap back before the job waits."
        ),
        estimated_savings_mb: None,
        savings_withheld: Some("who holds it is not known".into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::context::Context;
    use crate::detect::examples::{batch, context};
    use crate::series::shapes::series;

    #[test]
    fn memory_that_outlives_the_last_batch_for_long_is_found() {
        let found = |after: f64| {
            let rss: Vec<f64> = (0..400).map(|i| if i < 200 { 1000.0 } else { after }).collect();
            let batches =
                (0..20).map(|i| batch(f64::from(i) * 10.0, f64::from(i) * 10.0 + 9.0, 1000.0, true));
            detect(&Case::new(&series(1.0, &rss), &Context { batches: batches.collect(), ..context() }))
        };
        let finding = found(900.0).expect("a finding");
        assert_eq!((finding.evidence.value, finding.evidence.details["held_mb"]), (0.9, 900.0));
        assert_eq!(found(700.0), None, "most of it was given back");
        assert_eq!(detect(&Case::new(&series(1.0, &[1000.0; 400]), &context())), None, "no batch is known");
    }
}
