//! How memory answers to the batch size: peak(b) = base + w · b.
//!
//! Memory is never regressed on the batch size over the samples of a trace that a policy
//! steered: the policy lowers the size when memory is high, so that the slope comes out far
//! too small and often negative. Three sources are used, the best that the runs hold:
//!
//! 1. runs of one fixed size each, of several sizes: peak of the run against its size. The
//!    size was set from outside, so that the slope is what a change of size would do;
//! 2. batch records of several sizes, per operation: the peak of each batch on its items and the
//!    memory at its start; where that is blunt, peak less start against the items, bounded above by
//!    what would follow if all memory over the base were the batch's;
//! 3. snapshots only: height of each rise against the size in flight. It misses what the
//!    allocator retains and what stands between two samples, so it is only a bound.
//!
//! With one size nothing but bounds is known, and the response says so.
//!
//! Limits: one line per job, that of the operation where an item costs most; it does not foresee that where small blocks
//! are retained a smaller batch can raise the peak.

mod estimate;
mod interval;
mod line;
#[cfg(test)]
pub(crate) mod made_up;
mod plane;
#[cfg(test)]
mod tests;
pub(crate) mod trace;
mod turning;

use memtool_profile_model::Run;
use serde::Serialize;

pub use interval::Interval;
pub(crate) use interval::quantile_of;
use trace::Trace;

/// How much is known about a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Several sizes were seen and agree on a line.
    Identified,
    /// Several sizes were seen, but only bounds follow.
    Bounded,
    /// Only one size was seen, or none.
    NotIdentifiable,
}

/// Where a response came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Peaks of runs with one fixed size each.
    FixedRuns,
    /// Peaks of recorded batches.
    Batches,
    /// Rises between snapshots.
    Snapshots,
    /// Nothing could be estimated.
    None,
}

/// How memory answers to the batch size.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Response {
    /// How much is known.
    pub status: Status,
    /// Memory that one more item of a batch adds to the peak: never negative.
    pub per_item_mb: Interval,
    /// Memory without any batch.
    pub base_mb: Interval,
    /// What is left around the line: 5, 50 and 95 % quantiles.
    pub residual_mb: Interval,
    /// The batch sizes that were seen, from the smallest.
    pub sizes_seen: Vec<f64>,
    /// Runs or batches that the figures rest on.
    pub samples: usize,
    /// Where it came from.
    pub method: Method,
    /// What a reader should know.
    pub warnings: Vec<String>,
}

impl Response {
    /// Whether a change of the batch size has a known effect.
    #[must_use]
    pub fn identifiable(&self) -> bool {
        self.status != Status::NotIdentifiable
    }

    /// Why a change of the batch size has no known effect, if so.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        (!self.identifiable()).then(|| match self.sizes_seen.as_slice() {
            [] => "not identifiable: no batch size was recorded".to_owned(),
            [size, ..] => format!(
                "not identifiable: only batch size {size} was seen; record one run with another fixed size"
            ),
        })
    }
}

/// The response of one job's runs; several only if they are the same job.
#[must_use]
pub fn respond(runs: &[&Run]) -> Response {
    let traces: Vec<Trace> = runs.iter().filter_map(|run| Trace::of(run)).collect();
    let mut response = estimate::estimate(&traces);
    response.warnings.extend(response.reason());
    response
}
