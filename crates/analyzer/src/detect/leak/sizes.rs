//! Batch sizes that grow with memory.
//!
//! A heap keeps the room that its largest batch took, so memory between batches climbs as long as sizes reach new ground. Only
//! what grows after they have is growth by itself. Limits: with operations of different needs the largest size says little; the
//! growth is then looked for in a shorter part than need be.

use crate::detect::observed::ObservedBatch;
use crate::series::Series;

/// Share of the largest size from which a size is as large.
const AS_LARGE: f64 = 0.9;

/// The moment from which no batch was larger than those before, in seconds; 0 where no size is known.
pub(super) fn settled_s(series: &Series, batches: &[ObservedBatch]) -> f64 {
    if batches.is_empty() {
        let sizes = series.seconds.iter().zip(&series.batch_size);
        return first_as_large(sizes.filter_map(|(at, size)| Some((*at, f64::from((*size)?)))));
    }
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 items")]
    first_as_large(batches.iter().map(|batch| (batch.end_s, batch.items as f64)))
}

/// 0 where the first one is.
fn first_as_large(sizes: impl Iterator<Item = (f64, f64)> + Clone) -> f64 {
    let largest = sizes.clone().map(|(_, size)| size).fold(0.0, f64::max);
    let first = sizes.enumerate().find(|(_, (_, size))| *size >= AS_LARGE * largest);
    first.map_or(0.0, |(index, (at, _))| if index == 0 { 0.0 } else { at })
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
    fn growth_that_goes_on_after_the_largest_batch_is_a_leak() {
        let items = |i: u32| 100 + 60 * u64::from(i.min(15));
        assert_eq!(found(items, |i| 100.0 + 5.0 * f64::from(i)).0, LeakVerdict::Leak);
        assert_ne!(found(items, |i| 100.0 + 5.0 * f64::from(i.min(15))).0, LeakVerdict::Leak);
    }
}
