//! Batch sizes that grow with memory.
//!
//! A heap keeps the room that its largest batch took, so memory between batches climbs as long as sizes reach new ground. Where
//! most of what memory rose by came in batches larger than any before, it may be that room; where batches are not recorded, so where troughs
//! rose while the size in force did. Limits: a leak that grows with the size of batches looks the same, so such growth is unsure and not
//! ruled out.

use std::ops::Range;

use crate::detect::observed::ObservedBatch;
use crate::series::Series;
use crate::stats::median;

/// Share of the batches that is start-up.
const START_UP: usize = 5;

/// The share of what memory after batches rose by that came in batches larger than any before, past the first fifth of them;
/// `None` where it did not rise, or is not known.
pub(super) fn share_of_larger(batches: &[ObservedBatch]) -> Option<f64> {
    let (first, rest) = batches.split_at(batches.len() / START_UP);
    let mut largest = first.iter().map(|batch| batch.items).max().unwrap_or(u64::MAX);
    let (start_mb, end_mb) = (rest.first()?.before_mb?, rest.last()?.after_mb?);
    let mut taken_mb = 0.0;
    for batch in rest {
        if batch.items > largest {
            taken_mb += batch.after_mb? - batch.before_mb?;
        }
        largest = largest.max(batch.items);
    }
    (end_mb > start_mb).then(|| taken_mb / (end_mb - start_mb))
}

/// How many times larger the size in force is in the last third of the samples than in the first, by medians; `None` where none is known.
pub(super) fn growth_of_sizes(series: &Series) -> Option<f64> {
    let third = series.len() / 3;
    let middle = |samples: Range<usize>| {
        median(&samples.filter_map(|at| series.batch_size[at]).map(f64::from).collect::<Vec<f64>>())
    };
    let (first, last) = (middle(0..third)?, middle(series.len() - third..series.len())?);
    (first > 0.0).then(|| last / first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::context::Context;
    use crate::detect::examples::{batch, context, leak_of};
    use crate::detect::leak::{LeakVerdict, ReasonCode};
    use crate::series::shapes::series;

    /// Batches of a second whose items and memory at the end are given by their number, of 60.
    fn found(items: impl Fn(u32) -> u64, after_mb: impl Fn(u32) -> f64) -> (LeakVerdict, ReasonCode) {
        let at = |i: u32| ObservedBatch {
            items: items(i),
            before_mb: Some(if i == 0 { 90.0 } else { after_mb(i - 1) }),
            after_mb: Some(after_mb(i)),
            ..batch(f64::from(i), f64::from(i) + 0.9, after_mb(i) + 20.0, true)
        };
        let batches: Vec<ObservedBatch> = (0..60).map(at).collect();
        let rss: Vec<f64> = (0..600).map(|i| after_mb(i / 10)).collect();
        let report = leak_of(&series(0.1, &rss), &Context { batches, ..context() }).0;
        (report.verdict, report.reason_code)
    }

    #[test]
    fn memory_that_climbs_with_the_size_of_batches_is_unsure() {
        let climbing = |i: u32| 100.0 + 5.0 * f64::from(i);
        assert_eq!(
            found(|i| 100 + 15 * u64::from(i), climbing),
            (LeakVerdict::Inconclusive, ReasonCode::LargerBatches)
        );
        assert_eq!(found(|_| 500, climbing), (LeakVerdict::Leak, ReasonCode::Growing));
    }

    #[test]
    fn troughs_that_rise_with_the_size_in_force_are_unsure() {
        let rss: Vec<f64> = (0..600).map(|i| 100.0 + f64::from(i) * 0.2 + f64::from(i % 20) * 10.0).collect();
        let verdict = |last: u32| {
            let mut run = series(0.1, &rss);
            run.batch_size = (0..600).map(|i| Some(if i < 300 { 100 } else { last })).collect();
            leak_of(&run, &context()).0
        };
        assert_eq!(verdict(100).verdict, LeakVerdict::Leak, "{}", verdict(100).reason);
        assert_eq!(verdict(200).reason_code, ReasonCode::LargerBatches);
        assert_eq!(verdict(50).verdict, LeakVerdict::Leak);
    }

    #[test]
    fn growth_that_goes_on_after_the_largest_batch_is_a_leak() {
        let items = |i: u32| 100 + 60 * u64::from(i.min(20));
        assert_eq!(found(items, |i| 100.0 + 5.0 * f64::from(i)).0, LeakVerdict::Leak);
    }
}
