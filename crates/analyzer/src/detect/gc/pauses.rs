//! What a runtime's own collections cost: the time that the program stood still for them, by the runtime's log.

use crate::detect::context::Context;
use crate::detect::observed::ObservedCollection;
use crate::stats::median;

/// Share of the run in pauses from which they are too many: the goal of HotSpot's G1 is at most 1 / (1 + 12) = 7.7 %
/// (`GCTimeRatio`), that of its parallel collector 1 %.
const STOPPED: f64 = 0.1;
/// Pauses below which there is no verdict.
const FEWEST: usize = 5;

/// The pauses of a run for automatic collections, of a heap whose log has them.
pub(in crate::detect) struct Pauses {
    /// Collections that the program stood still for.
    pub(in crate::detect) collections: usize,
    /// Share of the run.
    pub(in crate::detect) share: f64,
    /// What they freed in all, in MiB.
    pub(in crate::detect) freed_mb: f64,
    /// Share of the heap that the median one freed.
    pub(in crate::detect) freed_share: f64,
}

/// `None` where they are few, or take little of the run.
pub(in crate::detect) fn pauses(context: &Context, duration_s: f64) -> Option<Pauses> {
    let of_heap = context.collections.iter().filter(|seen| !seen.forced && context.measure.is_heap());
    let seen: Vec<&ObservedCollection> = of_heap.filter(|seen| seen.seconds.is_some()).collect();
    let stopped_s: f64 = seen.iter().filter_map(|seen| seen.seconds).sum();
    let sizes = || seen.iter().filter_map(|seen| Some((seen.before_mb?, seen.after_mb?)));
    let shares: Vec<f64> = sizes().map(|(before, after)| (before - after) / before.max(1.0)).collect();
    let share = if duration_s > 0.0 { stopped_s / duration_s } else { 0.0 };
    let freed_share = median(&shares)?;
    (seen.len() >= FEWEST && share >= STOPPED).then(|| Pauses {
        collections: seen.len(),
        share,
        freed_mb: sizes().map(|(before, after)| (before - after).max(0.0)).sum(),
        freed_share,
    })
}
