//! The batches that a report shows.

use memtool_profile_model::{Batch, Mib, PeakSource, Run};
use serde::Serialize;

use super::line::rounded;

/// A finished batch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BatchSpan {
    /// Its start, in seconds from the run's first sample.
    pub start_s: f64,
    /// Its end.
    pub end_s: f64,
    /// The items it had.
    pub items: u64,
    /// The job's label.
    pub operation: Option<String>,
    /// Largest RSS inside it, in MiB.
    pub peak_rss_mb: Option<f64>,
    /// Whether that is the kernel's mark, and of this batch alone.
    pub exact: bool,
}

/// The batches with the largest peaks, in order of time, and how many there were.
pub(super) fn batches(run: &Run, start_s: f64, most: usize) -> (Vec<BatchSpan>, usize) {
    let mut all: Vec<BatchSpan> = run.batches.iter().filter_map(|batch| span(run, batch, start_s)).collect();
    let total = all.len();
    all.sort_by(|a, b| b.peak_rss_mb.unwrap_or(0.0).total_cmp(&a.peak_rss_mb.unwrap_or(0.0)));
    all.truncate(most);
    all.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
    (all, total)
}

fn span(run: &Run, batch: &Batch, start_s: f64) -> Option<BatchSpan> {
    let marked = matches!(batch.peak_source, Some(PeakSource::HighWaterMark | PeakSource::CgroupPeak));
    Some(BatchSpan {
        start_s: rounded(batch.start.seconds() - start_s, 1000.0),
        end_s: rounded(batch.end?.seconds() - start_s, 1000.0),
        items: batch.items,
        operation: batch.operation.map(|id| run.operations.name(id).to_owned()),
        peak_rss_mb: batch.rss_peak.map(Mib::get).map(|peak| rounded(peak, 100.0)),
        exact: marked && !batch.overlapping,
    })
}
