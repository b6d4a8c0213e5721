//! # `waiting_garbage`
//!
//! Garbage waits for the collector, and memory with it.
//!
//! ## The rule
//!
//! At least three times memory falls by a quarter of its largest with a collection, and rises again.
//!
//! Objects in reference cycles are freed by the collector alone, and the interpreter collects by the number of objects, not by their
//! bytes: a few arrays in cycles may hold gigabytes until it runs. Falls count where four of five come with a collection and fewer than
//! a third of the samples do.
//!
//! ## What it shows
//!
//! How much was freed, how often, and the share of the peak that was garbage.
//!
//! ## What to do
//!
//! Break the cycle (weak references, `del` of the back-reference), or call `gc.collect()` at the end of each batch.
//!
//! ## Where it is wrong, and savings
//!
//! Needs the interpreter's count of collections in the samples. Savings are the quartiles of what one collection freed: that much less
//! would be held at the peak.

use crate::detect::case::Case;
use crate::detect::finding::{Details, Estimate, Evidence, Finding, Severity};
use crate::detect::kind::FindingKind;
use crate::stats::quantiles;

/// Share of the largest RSS that the median fall frees.
const LARGE: f64 = 0.25;

#[expect(clippy::cast_precision_loss, reason = "a count")]
pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    let falls = case.falls_at_collections();
    let freed: Vec<f64> = falls.iter().map(|fall| fall.mb).collect();
    let [low, median, high] = quantiles(&freed, [0.25, 0.5, 0.75])?;
    let largest = case.largest_mb;
    if median < LARGE * largest {
        return None;
    }
    Some(Finding {
        kind: FindingKind::WaitingGarbage,
        severity: if largest >= case.context.high_mb { Severity::High } else { Severity::Medium },
        confidence: 0.9,
        evidence: Evidence {
            rule: "waiting_garbage.falls_at_collections".into(),
            window_s: (falls.first()?.at_s, falls.last()?.at_s),
            samples: falls.len(),
            statistic: "share of the largest RSS that a collection frees".into(),
            value: median / largest,
            interval: None,
            operation: None,
            details: Details::from([
                ("falls", falls.len() as f64),
                ("freed_mb", median),
                ("peak_mb", largest),
            ]),
        },
        action: format!(
            "{median:.0} of {largest:.0} MiB are garbage that waits for the collector: break the reference cycle, or collect \
             at the end of each batch."
        ),
        estimated_savings_mb: Some(Estimate { low, median, high }),
        savings_withheld: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::examples::context;
    use crate::series::Series;
    use crate::series::shapes::series;

    /// Ramps of 8000 MiB in a minute, five of them; a collection at each fall, and now and then another.
    fn ramps(collected: bool) -> Series {
        let rss: Vec<f64> = (0..300).map(|i| 2000.0 + f64::from(i % 60) / 59.0 * 8000.0).collect();
        let mut run = series(1.0, &rss);
        let mut count = 3;
        for i in 0..300 {
            count += u64::from(i % 17 == 0) + if collected && i > 0 && i % 60 == 0 { 4 } else { 0 };
            run.collections[i] = Some(count);
        }
        run
    }

    #[test]
    fn falls_with_collections_are_garbage_that_waited_and_other_falls_are_not() {
        let finding = detect(&Case::new(&ramps(true), &context())).expect("a finding");
        assert_eq!((finding.evidence.samples, finding.evidence.value), (4, 0.8));
        assert_eq!(finding.estimated_savings_mb.expect("savings").median, 8000.0);
        assert_eq!(detect(&Case::new(&ramps(false), &context())), None);
    }

    #[test]
    fn a_counter_that_always_rises_says_nothing() {
        let mut run = ramps(true);
        run.collections = (0..300).map(|i| Some(3 + i)).collect();
        assert_eq!(detect(&Case::new(&run, &context())), None);
    }
}
