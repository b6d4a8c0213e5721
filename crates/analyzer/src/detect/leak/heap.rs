//! The baseline of a heap whose runtime logs its collections.
//!
//! What is in use right after a collection is the live heap and the garbage that this collection did not
//! look at (of the old generation, or made meanwhile). The least of it that is still to come leaves
//! that garbage out as soon as a later collection has found it.
//! Limits: growth of garbage that no collection has looked at yet reads as a leak until one does.

use super::baseline::{Baseline, Basis, ENVELOPE_START, MOST_ORDERED, MOST_TROUGHS, lowest_of};
use crate::detect::context::Context;
use crate::detect::observed::ObservedCollection;
use crate::stats::quantiles;

/// Fewer collections show no course.
pub(super) const FEWEST_COLLECTIONS: usize = 8;
/// Share of the committed heap in use after a collection from which the heap is full: a program that has
/// room keeps at least a twentieth free.
const FULL: f64 = 0.95;

/// Heap in use after each collection, by seconds; empty where the figures are not a heap's.
pub(super) fn after_collections(context: &Context) -> Vec<(f64, f64)> {
    if !context.measure.is_heap() {
        return Vec::new();
    }
    let after: Vec<(f64, f64)> =
        context.collections.iter().filter_map(|c| Some((c.at_s, c.after_mb?))).collect();
    // Once a heap is full it cannot grow: what follows says nothing of growth.
    let full =
        context.collections.iter().rposition(|collection| !is_full(collection)).map_or(0, |last| last + 2);
    after.into_iter().take(full).collect()
}

fn is_full(collection: &ObservedCollection) -> bool {
    let share = collection.after_mb.zip(collection.committed_mb).map(|(after, committed)| after / committed);
    share.is_some_and(|share| share >= FULL)
}

/// The baseline through the heap after collections, its start-up left out; `None` with too few.
pub(super) fn heap_baseline(after: &[(f64, f64)]) -> Option<Baseline> {
    let (first, last) = (after.first()?.0, after.last()?.0);
    let start = first + ENVELOPE_START * (last - first);
    let mut points: Vec<(f64, f64)> = after.iter().copied().filter(|(at, _)| *at >= start).collect();
    let mut least = f64::INFINITY;
    for (_, heap) in points.iter_mut().rev() {
        least = least.min(*heap);
        *heap = least;
    }
    let levels: Vec<f64> = after.iter().map(|(_, heap)| *heap).collect();
    let [low, level_mb, high] = quantiles(&levels, [0.05, 0.5, 0.95])?;
    let (minutes, rss_mb): (Vec<f64>, Vec<f64>) = in_minutes(&lowest_of(&points, MOST_TROUGHS));
    (minutes.len() > 2).then(|| Baseline {
        lowest: in_minutes(&lowest_of(&points, MOST_ORDERED)),
        minutes,
        rss_mb,
        basis: Basis::Troughs,
        recorded: after.len(),
        cycles: after.len(),
        deep: after.len(),
        opening_mb: after[0].1,
        closing_mb: None,
        level_mb,
        range_mb: high - low,
        of_heap: true,
    })
}

fn in_minutes(points: &[(f64, f64)]) -> (Vec<f64>, Vec<f64>) {
    points.iter().map(|(at, heap)| (at / 60.0, *heap)).unzip()
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::Measure;

    use super::*;
    use crate::detect::examples::{context, leak_of};
    use crate::detect::leak::{LeakReport, LeakVerdict};
    use crate::series::shapes::series;

    /// A heap of 256 MiB whose collections, two a second for 20 s, leave this much in use.
    fn judged(after: impl Fn(f64) -> f64) -> LeakReport {
        let at = |i: usize| i as f64 / 2.0;
        let collections = (0..40).map(|i| ObservedCollection {
            at_s: at(i),
            forced: false,
            seconds: Some(0.01),
            before_mb: Some(200.0),
            after_mb: Some(after(at(i)).round()),
            committed_mb: Some(256.0),
        });
        let context = Context { collections: collections.collect(), measure: Measure::HeapUsed, ..context() };
        leak_of(&series(0.5, &[200.0; 40]), &context).0
    }

    #[test]
    fn what_stays_after_collections_is_the_baseline() {
        let leak = judged(|s| 40.0 + 4.0 * s);
        assert_eq!(leak.verdict, LeakVerdict::Leak, "{}", leak.reason);
        let slope = leak.slope_mb_per_min.expect("a slope").estimate;
        assert!((slope / 240.0 - 1.0).abs() < 0.02, "{slope}");
    }

    #[test]
    fn garbage_of_the_old_generation_is_no_leak() {
        assert_eq!(judged(|s| 40.0 + 10.0 * (s % 5.0)).verdict, LeakVerdict::None);
        assert_eq!(judged(|_| 40.0).verdict, LeakVerdict::None);
    }

    #[test]
    fn a_cache_that_fills_saturates() {
        let leak = judged(|s| 40.0 + (20.0 * s).min(100.0));
        assert_ne!(leak.verdict, LeakVerdict::Leak, "{}", leak.reason);
    }

    #[test]
    fn a_heap_that_is_full_has_leaked_until_then() {
        let leak = judged(|s| (40.0 + 20.0 * s).min(255.0));
        assert_eq!(leak.verdict, LeakVerdict::Leak, "{}", leak.reason);
    }
}
