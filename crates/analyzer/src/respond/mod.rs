//! How a job's memory and time answer to the batch size, learned from its runs.
//!
//! Work comes first: every batch has a position in its operation's work (`work`), so that batches of
//! other sizes can be cut from the same work. On that axis lie, for each operation,
//!
//! - the memory between batches (`held`),
//! - the peak of a batch: a level and a need per item that drift with the work, on top of what is there
//!   (additive) or reusing it (reservoir); the data choose, by how well each foresees the batches (`drift`,
//!   `level`),
//! - the time: a cost per batch, time per item, and what large batches lose (`pace`),
//! - the shape of memory inside a batch (`shape`),
//!
//! and for the run what collections gave back (`reclaim`) and what others took (`neighbours`).
//!
//! Memory is never regressed on the batch size over the samples of a trace that a policy steered: the
//! policy lowers the size when memory is high, so that the slope comes out far too small and often
//! negative. The peak of a batch *given the memory at its start* is another matter: given that, the size
//! knows nothing of the noise to come.
//!
//! With one size the need of an item rests on what batches added to their start, and the response says so.
//!
//! Limits: what the heap keeps after batches of another size is not foreseen; where small blocks pin the
//! heap, a smaller batch can raise the peak.

mod drift;
mod estimate;
pub(crate) mod held;
mod interval;
pub(crate) mod level;
#[cfg(test)]
pub(crate) mod made_up;
pub(crate) mod model;
pub(crate) mod neighbours;
pub(crate) mod pace;
pub(crate) mod reclaim;
pub(crate) mod shape;
#[cfg(test)]
mod tests;
pub(crate) mod trace;
mod turning;
pub(crate) mod work;

use memtool_profile_model::Run;
use serde::Serialize;

pub use interval::Interval;
pub(crate) use interval::quantile_of;
use model::{RunModel, Taken};

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
    /// Sizes of finished runs with one fixed size each, with their mean peaks, from the smallest.
    #[serde(skip)]
    pub(crate) fixed_peaks: Vec<(f64, f64)>,
    /// The model of each run, for the replay.
    #[serde(skip)]
    pub(crate) models: Vec<RunModel>,
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
    let taken: Vec<Taken<'_>> = runs.iter().filter_map(|run| Taken::of(run)).collect();
    let mut response = estimate::estimate(&taken);
    response.warnings.extend(response.reason());
    response
}
