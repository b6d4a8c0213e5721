//! Whether the collector is busy with garbage.

use super::counter::Counter;
use super::forced::FEWEST;
use crate::detect::case::Case;
use crate::detect::context::Context;
use crate::detect::observed::ObservedBatch;
use crate::stats::median;

/// Share of what a batch took that comes back with its end where there is no garbage.
const RETURNED: f64 = 0.7;

/// Objects in cycles from which a collection found garbage in bulk.
pub(in crate::detect) const BULK: u64 = 1000;
/// Share of what batches took that comes back with their end where the rest waits for the collector.
const KEPT: f64 = 0.3;
/// Share of the run in which imports leave cycles behind.
const START_UP: f64 = 0.1;
/// Objects that the usual recorded collection frees where cycles are a habit: imports and errors leave a few hundred once.
const HABIT: f64 = 100.0;
/// Recorded collections that freed objects in bulk, from which it is churn.
const FEWEST_IN_BULK: usize = 2;

/// What collections found, where the recorder wrote them down.
pub(in crate::detect) struct Found {
    /// Collections that say how many objects they freed.
    pub(in crate::detect) collections: usize,
    /// Objects in cycles, over all of them.
    pub(in crate::detect) objects: u64,
    /// Collections that freed a thousand or more.
    pub(in crate::detect) in_bulk: usize,
}

/// `None` where no collection is recorded with its objects.
pub(in crate::detect) fn found(context: &Context) -> Option<Found> {
    let objects: Vec<u64> = context.collections.iter().filter_map(|seen| seen.objects).collect();
    (!objects.is_empty()).then(|| Found {
        collections: objects.len(),
        objects: objects.iter().sum(),
        in_bulk: objects.iter().filter(|count| **count >= BULK).count(),
    })
}

impl Found {
    /// Whether the garbage of this run is churn.
    pub(in crate::detect) fn is_churn(&self, case: &Case<'_>) -> bool {
        self.in_bulk >= FEWEST_IN_BULK || waits(case)
    }
}

/// The interpreter's counter, where it never rests and nothing that is recorded rules garbage out.
pub(in crate::detect) fn busy(case: &Case<'_>) -> Option<Counter> {
    let plain = returned_by_batches(case.context).is_some_and(|share| share >= RETURNED)
        || found(case.context).is_some_and(|found| !found.is_churn(case));
    Counter::of(case.series, case.leak.kept_mb).filter(|counter| counter.never_rests() && !plain)
}

/// The same where batches that keep what they took say that it is garbage: the counter alone rises with plain records too.
pub(in crate::detect) fn busy_with_garbage(case: &Case<'_>) -> Option<Counter> {
    returned_by_batches(case.context).and_then(|_| busy(case))
}

/// Whether cycles wait for the collector: past the start-up it found objects again and again, few at a time, and
/// batches give back little as they end. A few large objects in cycles are enough, so the number says little of the bytes.
#[expect(clippy::cast_precision_loss, reason = "counts")]
fn waits(case: &Case<'_>) -> bool {
    let start_s = START_UP * case.series.duration_s();
    let late = case.context.collections.iter().filter(|seen| seen.at_s >= start_s);
    let objects: Vec<f64> = late.filter_map(|seen| Some(seen.objects? as f64)).collect();
    objects.iter().sum::<f64>() >= BULK as f64
        && median(&objects).is_some_and(|usual| usual >= HABIT)
        && returned_by_batches(case.context).is_none_or(|share| share < KEPT)
}

/// The share of what they took that batches give back as they end: where it is most of it, nothing
/// waits for the collector. `None` where too few are recorded.
pub(in crate::detect) fn returned_by_batches(context: &Context) -> Option<f64> {
    let returned: Vec<f64> = context.batches.iter().filter_map(ObservedBatch::returned).collect();
    if returned.len() >= FEWEST { median(&returned) } else { None }
}
