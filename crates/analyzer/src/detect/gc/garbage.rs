//! Whether the collector is busy with garbage.

use memtool_profile_model::SnapshotKind;

use super::counter::Counter;
use super::forced::FEWEST;
use crate::detect::case::Case;
use crate::detect::context::Context;
use crate::detect::observed::ObservedBatch;
use crate::series::Series;
use crate::stats::{largest, median};

/// Share of what a batch took that comes back with its end where there is no garbage.
const RETURNED: f64 = 0.7;

/// Objects in cycles from which a collection found garbage in bulk.
pub(in crate::detect) const BULK: u64 = 1000;
/// Falls of memory that are worth a look: a share of the largest RSS, and MiB.
const FALL: (f64, f64) = (0.1, 10.0);
/// Share of samples with a collection before them up to which a collection at a fall means something.
const SPARSE: f64 = 0.3;
/// Share of falls that must come with a collection.
const WITH_COLLECTION: f64 = 0.8;
/// Share of what batches took that comes back with their end where the rest waits for the collector.
const KEPT: f64 = 0.3;
/// Share of the run in which imports leave cycles behind.
const START_UP: f64 = 0.1;
/// Falls that make a habit.
const FEWEST_FALLS: usize = 3;

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

/// A fall of memory between two samples with a collection between them.
pub(in crate::detect) struct Fall {
    pub(in crate::detect) at_s: f64,
    pub(in crate::detect) mb: f64,
}

/// Falls that come with collections: garbage that waited for them. Empty where there are too few, or where
/// collections are so frequent that each fall meets one by chance.
pub(in crate::detect) fn falls_at_collections(series: &Series, context: &Context) -> Vec<Fall> {
    if !series.has_collections() {
        return Vec::new();
    }
    let largest = largest(&series.rss_mb);
    let least = FALL.1.max(FALL.0 * largest);
    let mut forced_at = forced_at(context).into_iter().peekable();
    let (mut known, mut rises, mut all) = (0_usize, 0_usize, 0_usize);
    let mut falls = Vec::new();
    let mut before = None;
    for (i, (count, kind)) in series.collections.iter().zip(series.kind.iter()).enumerate() {
        let Some(now) = count else { continue };
        let forced = kind == SnapshotKind::PostGc;
        let Some((at, last, forced_before)) = before.replace((i, now, forced)) else { continue };
        if at + 1 != i || forced || forced_before {
            continue;
        }
        // One that is recorded between the two.
        while forced_at.next_if(|at_s| *at_s < series.seconds[i - 1]).is_some() {}
        if forced_at.peek().is_some_and(|at_s| *at_s <= series.seconds[i]) {
            continue;
        }
        let (fall, rises_here) = (series.rss_mb[i - 1] - series.rss_mb[i], now > last);
        known += 1;
        rises += usize::from(rises_here);
        if fall >= least {
            all += 1;
            falls.extend(rises_here.then(|| Fall { at_s: series.seconds[i], mb: fall }));
        }
    }
    if falls.len() < FEWEST_FALLS || share(falls.len(), all) < WITH_COLLECTION || share(rises, known) > SPARSE
    {
        falls.clear();
    }
    falls
}

/// When the policy asked for the collections that are recorded, in order.
fn forced_at(context: &Context) -> Vec<f64> {
    let forced = context.collections.iter().filter(|seen| seen.forced);
    let mut forced_at: Vec<f64> = forced.map(|seen| seen.at_s).collect();
    forced_at.sort_by(f64::total_cmp);
    forced_at
}

#[expect(clippy::cast_precision_loss, reason = "counts")]
fn share(part: usize, of: usize) -> f64 {
    part as f64 / of.max(1) as f64
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
