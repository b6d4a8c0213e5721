//! How a job's memory and time depend on the batch size, learned from its runs.
//!
//! Work comes first: every batch has a position in its operation's work (`workload`), so that batches of
//! other sizes can be cut from the same work. Along that axis the model has, for each operation,
//!
//! - the memory resident between batches (`resident`),
//! - the peak of a batch: a level and memory per item that drift with the work, on top of what is resident
//!   (additive) or reusing it (reservoir); the data choose, by how well each predicts the next batch
//!   (`line_filter`, `peak_model`),
//! - the time: a cost per batch, time per item, and what large batches lose (`pace`),
//! - the shape of memory inside a batch (`shape`),
//!
//! and for the run what collections freed (`reclaim`) and what other processes used (`other_memory`).
//!
//! Memory is never regressed on the batch size over the samples of a trace that a policy steered: the
//! policy lowers the size when memory is high, so that the slope comes out far too small and often
//! negative. The peak of a batch *given the memory at its start* is another matter: conditional on its start,
//! a batch's size is independent of the noise to come.
//!
//! With one size the memory per item rests on what batches added to their start, and the model says so.
//!
//! Limits: what the heap keeps after batches of another size is not foreseen; where small blocks pin the
//! heap, a smaller batch can raise the peak.

mod estimate;
mod interval;
mod left_out;
mod line_filter;
mod live_curve;
mod model_warning;
mod one_operation;
pub(crate) mod other_memory;
pub(crate) mod pace;
pub(crate) mod peak_model;
pub(crate) mod reclaim;
pub(crate) mod resident;
mod rise;
pub(crate) mod run_model;
pub(crate) mod segment;
pub(crate) mod shape;
#[cfg(test)]
mod tests;
pub(crate) mod trace;
mod troughs;
mod turns;
mod types;
mod workload;

use memtool_profile_model::Run;

pub use interval::Interval;
pub(crate) use interval::quantile_of;
pub use left_out::left_out;
pub use model_warning::ModelWarning;
use run_model::RunParts;
pub use types::{MemoryModel, Method, Status};

/// The memory model of one job's runs; several only if they are the same job.
#[must_use]
pub fn memory_model(runs: &[&Run]) -> MemoryModel {
    let parts: Vec<RunParts<'_>> = runs.iter().filter_map(|run| RunParts::of(run)).collect();
    let mut model = estimate::estimate(&parts);
    model.warnings.extend(model.not_identifiable());
    if runs.iter().any(|run| run.measure().is_heap()) {
        model.warnings.push(ModelWarning::HeapOnly);
    }
    model
}
