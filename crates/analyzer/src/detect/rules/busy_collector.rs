//! # `busy_collector`
//!
//! The interpreter's collector never rests, and the file does not say what it finds.
//!
//! ## The rule
//!
//! The counter of collections rises 300 times a second over the run and 20 times a second in 60 % of its windows, while memory does not grow by
//! what those objects would take, and neither batches nor collections are recorded that would say what was freed.
//!
//! The counter sums all generations and rises once for some 700 containers that were made and not freed at once. One collection took 7 to
//! 33 µs when measured, so 300 a second are 1 % of the run at the least.
//!
//! ## What it shows
//!
//! Collections and containers a second, and the share of the run's windows that are busy.
//!
//! ## What to do
//!
//! Record the job as a stream: its batches and collections tell garbage in cycles ([gc_churn](gc_churn.md)) from plain records that a batch
//! holds by the thousand. In the job itself the field `collected` of `gc.get_stats()` tells them apart: it rises with garbage only. Plain
//! records want a larger `gc.set_threshold`, or `gc.freeze` for what lives long.
//!
//! ## Where it is wrong, and savings
//!
//! It says that the collector is busy, which was counted; not that this is a fault. Savings are withheld: what garbage holds was not seen.

use crate::detect::case::Case;
use crate::detect::finding::{Details, Evidence, Finding, Severity};
use crate::detect::gc::counter::CONTAINERS;
use crate::detect::gc::garbage::{busy, returned_by_batches};
use crate::detect::kind::FindingKind;

#[expect(clippy::cast_precision_loss, reason = "a count")]
pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    if returned_by_batches(case.context).is_some() {
        return None;
    }
    let counter = busy(case)?;
    Some(Finding {
        kind: FindingKind::BusyCollector,
        severity: Severity::Low,
        confidence: 0.95,
        evidence: Evidence {
            rule: "busy_collector.counter".into(),
            window_s: (0.0, case.series.duration_s()),
            samples: case.series.len(),
            statistic: "automatic collections per second".into(),
            value: counter.per_second,
            interval: None,
            operation: None,
            details: Details::from([
                ("automatic_collections", counter.total as f64),
                ("busy_share_of_time", counter.busy_share),
                ("containers_a_second", counter.per_second * CONTAINERS),
            ]),
        },
        action: format!(
            "The collector runs {:.0} times a second; whether it frees garbage or meets plain records, this file does not say: record \
             the job's stream, or watch `collected` of gc.get_stats().",
            counter.per_second
        ),
        estimated_savings_mb: None,
        savings_withheld: Some("what garbage holds was not seen".into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::context::Context;
    use crate::detect::examples::{batch, context};
    use crate::detect::gc::examples::counted;
    use crate::detect::leak::Leak;

    fn found(rises: &[u64]) -> Option<Finding> {
        detect(&Case::new(&counted(rises), &context()))
    }

    #[test]
    fn a_counter_that_never_rests_is_a_busy_collector() {
        let finding = found(&[40; 100]).expect("a finding");
        assert!((finding.evidence.value - 400.0).abs() < 5.0);
        let batches = Context { batches: vec![batch(1.0, 2.0, 600.0, true); 6], ..context() };
        assert_eq!(detect(&Case::new(&counted(&[40; 100]), &batches)), None, "batches say what it is");
    }

    #[test]
    fn a_burst_or_a_slow_counter_is_ordinary() {
        let burst: Vec<u64> = (0..100).map(|i| if i < 20 { 100 } else { 0 }).collect();
        assert_eq!(found(&burst), None);
        assert_eq!(found(&[1; 100]), None);
        assert_eq!(found(&[20; 100]), None, "200 per second are under 1 % of its time");
    }

    #[test]
    fn objects_that_are_kept_are_not_all_made_again() {
        let (run, context) = (counted(&[40; 100]), context());
        let with = |kept_mb: f64| {
            let leak = Leak { kept_mb, ..Leak::of(&run, &context) };
            detect(&Case { leak, ..Case::new(&run, &context) })
        };
        assert!(with(5.0).is_some());
        assert_eq!(with(100.0), None);
    }
}
