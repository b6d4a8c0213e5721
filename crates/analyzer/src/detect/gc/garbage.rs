//! Whether the collector is busy with garbage.

use super::counter::Counter;
use super::forced::FEWEST;
use crate::detect::case::Case;
use crate::detect::context::Context;
use crate::detect::observed::ObservedBatch;
use crate::stats::median;

/// Share of what a batch took that comes back with its end where there is no garbage.
const RETURNED: f64 = 0.7;

/// The interpreter's counter, where it says that garbage in bulk is made and collected all the time.
pub(in crate::detect) fn busy(case: &Case<'_>) -> Option<Counter> {
    let plain = returned_by_batches(case.context).is_some_and(|share| share >= RETURNED);
    Counter::of(case.series, case.leak.kept_mb).filter(|counter| counter.is_churn() && !plain)
}

/// The share of what they took that batches give back as they end: where it is most of it, nothing
/// waits for the collector. `None` where too few are recorded.
pub(in crate::detect) fn returned_by_batches(context: &Context) -> Option<f64> {
    let returned: Vec<f64> = context.batches.iter().filter_map(ObservedBatch::returned).collect();
    if returned.len() >= FEWEST { median(&returned) } else { None }
}
