//! # `allocator_retention`
//!
//! The allocator keeps freed memory.
//!
//! ## The rule
//!
//! In half of the recorded moments the C allocator holds free bytes of 30 % of RSS and 50 MiB or more.
//!
//! The job has freed them, and the system cannot use them: pages that a few small survivors pin, or arenas that wait for the next batch. A heap
//! like this grows RSS without a leak.
//!
//! ## What it shows
//!
//! Bytes in use and free at the median, and the share of RSS that is free.
//!
//! ## What to do
//!
//! Give it back between batches (`malloc_trim(0)`), use fewer arenas (`MALLOC_ARENA_MAX=2`), or keep survivors apart from what a batch
//! allocates: make them first, or copy them out when the batch ends.
//!
//! ## Where it is wrong, and savings
//!
//! Free memory that the next batch takes again costs nothing by itself. Needs live bytes in the recording. Savings are the quartiles of
//! the free bytes, the most that trimming could give back: survivors may pin some of it.

use crate::detect::case::Case;
use crate::detect::finding::{Details, Estimate, Evidence, Finding, Severity};
use crate::detect::kind::FindingKind;
use crate::stats::quantiles;

/// Free bytes that matter: a share of RSS, and MiB.
const FREE: (f64, f64) = (0.3, 50.0);
/// Share of moments at which they are.
const HALF: f64 = 0.5;
/// Moments below which nothing is said.
const FEWEST: usize = 5;

#[expect(clippy::cast_precision_loss, reason = "a count")]
pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    let (series, context) = (case.series, case.context);
    let rss_at = |at_s: f64| {
        let next = series.seconds.partition_point(|s| *s < at_s).min(series.len().checked_sub(1)?);
        Some(series.rss_mb[next])
    };
    let known: Vec<(f64, f64)> =
        context.live.iter().filter_map(|point| Some((point.free_mb?, rss_at(point.at_s)?))).collect();
    let large = |(free, rss): &&(f64, f64)| *free >= FREE.1 && *free >= FREE.0 * rss;
    if known.len() < FEWEST || (known.iter().filter(large).count() as f64) < HALF * known.len() as f64 {
        return None;
    }
    let free: Vec<f64> = known.iter().map(|(free, _)| *free).collect();
    let shares: Vec<f64> = known.iter().map(|(free, rss)| free / rss.max(1.0)).collect();
    let [low, median, high] = quantiles(&free, [0.25, 0.5, 0.75])?;
    let [share] = quantiles(&shares, [0.5])?;
    let used: Vec<f64> = context.live.iter().filter_map(|point| point.used_mb).collect();
    let mut details = Details::from([("free_mb", median)]);
    details.extend(quantiles(&used, [0.5]).map(|[used]| ("in_use_mb", used)));
    Some(Finding {
        kind: FindingKind::AllocatorRetention,
        severity: if series.rss_mb.iter().any(|rss| *rss >= context.high_mb) {
            Severity::Medium
        } else {
            Severity::Low
        },
        confidence: 0.9,
        evidence: Evidence {
            rule: "allocator_retention.free_share".into(),
            window_s: (context.live.first()?.at_s, context.live.last()?.at_s),
            samples: known.len(),
            statistic: "share of RSS that the allocator holds free".into(),
            value: share,
            interval: None,
            operation: None,
            details,
        },
        action: format!(
            "The allocator keeps {median:.0} MiB that are freed: trim between batches (`malloc_trim(0)`), use fewer arenas \
             (`MALLOC_ARENA_MAX=2`), or keep small survivors apart from what a batch allocates."
        ),
        estimated_savings_mb: Some(Estimate { low, median, high }),
        savings_withheld: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::context::Context;
    use crate::detect::examples::context;
    use crate::detect::observed::ObservedLive;
    use crate::series::shapes::series;

    #[test]
    fn free_bytes_that_make_a_third_of_rss_are_retention() {
        let found = |free: f64| {
            let at = |i: usize| ObservedLive {
                at_s: i as f64,
                batch_end: true,
                used_mb: Some(100.0),
                free_mb: Some(free),
                py_blocks: None,
            };
            let context = Context { live: (0..20).map(at).collect(), ..context() };
            detect(&Case::new(&series(1.0, &[600.0; 60]), &context))
        };
        let finding = found(240.0).expect("a finding");
        assert_eq!((finding.evidence.value, finding.evidence.details["in_use_mb"]), (0.4, 100.0));
        assert_eq!(found(100.0), None);
        assert_eq!(detect(&Case::new(&series(1.0, &[600.0; 60]), &context())), None);
    }
}
