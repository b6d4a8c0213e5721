//! # `outside_the_heap`
//!
//! Much of the process's memory is not in its runtime's heap.
//!
//! ## The rule
//!
//! The run's file and a log of its runtime's heap lie in time beside each other, and in the middle of the run at least 64 MiB and a
//! quarter of RSS lie outside what the runtime had committed for its heap.
//!
//! Stacks, code, buffers that the runtime allocates directly and native libraries live there. Medium where that part grows over the
//! whole run by more than a tenth of RSS, else low.
//!
//! ## What it shows
//!
//! The part outside in the middle of the run and at its end, and its growth per minute.
//!
//! ## What to do
//!
//! A heap limit (`-Xmx`, `--max-old-space-size`, `GOMEMLIMIT`) does not bound this part: give the process room beside it, and look for
//! direct buffers and native libraries where it grows.
//!
//! ## Where it is wrong, and savings
//!
//! A collector that maps its pages several times (ZGC without generations) counts them in RSS several times. Shared libraries are in RSS
//! too. Savings are withheld.

use crate::detect::case::Case;
use crate::detect::finding::{Details, Evidence, Finding, Severity};
use crate::detect::kind::FindingKind;
use crate::stats::{median, trend};

/// Less outside the heap is what every runtime has, in MiB: an idle JVM has 30 to 60, Node 40.
const LEAST_MB: f64 = 64.0;
/// Share of RSS above which it is much.
const MUCH: f64 = 0.25;
/// Growth over the run, as a share of RSS, above which it matters.
const GROWTH: f64 = 0.1;
/// Points that the trend is drawn through, its cost being square in them.
const MOST_POINTS: usize = 200;
/// Fewer points show no course.
const FEWEST_POINTS: usize = 5;

pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    let heap = &case.context.heap_committed_mb;
    let points = outside(&case.series.seconds, &case.series.rss_mb, heap);
    if points.len() < FEWEST_POINTS {
        return None;
    }
    let rss = median(&points.iter().map(|point| point.1).collect::<Vec<f64>>())?;
    let outside: Vec<f64> = points.iter().map(|point| point.2).collect();
    let middle = median(&outside)?;
    if middle < LEAST_MB || middle < MUCH * rss {
        return None;
    }
    let seconds: Vec<f64> = points.iter().map(|point| point.0).collect();
    let course = trend(&seconds, &outside)?;
    let (start, end) = (seconds[0], seconds[seconds.len() - 1]);
    let grows = course.interval.0 > 0.0 && course.slope * (end - start) > GROWTH * rss;
    let per_minute = course.slope * 60.0;
    let growth = if grows { format!(" and grow by {per_minute:.1} MiB/min") } else { String::new() };
    Some(Finding {
        kind: FindingKind::OutsideTheHeap,
        severity: if grows { Severity::Medium } else { Severity::Low },
        confidence: 0.8,
        evidence: Evidence {
            rule: "outside_the_heap.rss_above_committed".into(),
            window_s: (start, end),
            samples: points.len(),
            statistic: "RSS outside the committed heap in the middle of the run, in MiB".into(),
            value: middle,
            interval: None,
            operation: None,
            details: Details::from([
                ("median_rss_mb", rss),
                ("outside_at_end_mb", outside[outside.len() - 1]),
                ("growth_mb_per_min", per_minute),
                ("growth_low_mb_per_min", course.interval.0 * 60.0),
                ("growth_high_mb_per_min", course.interval.1 * 60.0),
            ]),
        },
        action: format!(
            "{middle:.0} of {rss:.0} MiB lie outside the runtime's heap{growth}: a heap limit does not bound them; leave room \
             beside it, and look at direct buffers and native libraries."
        ),
        estimated_savings_mb: None,
        savings_withheld: Some("what lies outside the heap is not known in detail".into()),
    })
}

/// Time, RSS and RSS outside the heap at samples inside the heap's log, evenly chosen.
fn outside(seconds: &[f64], rss_mb: &[f64], heap: &[(f64, f64)]) -> Vec<(f64, f64, f64)> {
    let (Some(first), Some(last)) = (heap.first(), heap.last()) else { return Vec::new() };
    let inside: Vec<usize> =
        (0..seconds.len()).filter(|at| (first.0..=last.0).contains(&seconds[*at])).collect();
    let every = inside.len().div_ceil(MOST_POINTS).max(1);
    let point = |at: usize| {
        let known = heap.partition_point(|(time, _)| *time <= seconds[at]);
        (seconds[at], rss_mb[at], rss_mb[at] - heap[known.saturating_sub(1)].1)
    };
    inside.into_iter().step_by(every).map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::context::Context;
    use crate::detect::examples::context;
    use crate::series::shapes::series;

    /// A hundred seconds in which RSS rises by so much a second, beside a heap of 100 MiB.
    fn beside_heap(rss: f64, per_second: f64) -> Option<Finding> {
        let rss: Vec<f64> = (0..100).map(|second| rss + per_second * f64::from(second)).collect();
        let context = Context { heap_committed_mb: vec![(0.0, 100.0), (99.0, 100.0)], ..context() };
        detect(&Case::new(&series(1.0, &rss), &context))
    }

    #[test]
    fn much_outside_is_told_and_growth_weighs() {
        let steady = beside_heap(300.0, 0.0).expect("a finding");
        assert_eq!((steady.severity, steady.evidence.value), (Severity::Low, 200.0));
        let growing = beside_heap(300.0, 2.0).expect("a finding");
        assert_eq!(growing.severity, Severity::Medium);
        assert!((growing.evidence.details["growth_mb_per_min"] - 120.0).abs() < 1e-6);
    }

    #[test]
    fn what_every_runtime_has_is_not() {
        assert_eq!(beside_heap(160.0, 0.0), None);
        let run = series(1.0, &[300.0; 100]);
        assert_eq!(detect(&Case::new(&run, &context())), None, "no heap log beside it");
    }
}
