//! The operations that a report shows over time.

use serde::Serialize;

use super::line::rounded;

/// A stretch of time in one operation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OperationSpan {
    /// Its start, in seconds from the run's first sample.
    pub start_s: f64,
    /// Its end: the start of the next, or the run's end.
    pub end_s: f64,
    /// The job's label.
    pub operation: String,
}

/// The longest stretches, in order of time, and how many there were.
pub(super) fn operations(begins: &[(f64, String)], end_s: f64, most: usize) -> (Vec<OperationSpan>, usize) {
    let ends = begins.iter().skip(1).map(|next| next.0).chain([end_s]);
    let span = |((start, operation), end): (&(f64, String), f64)| OperationSpan {
        start_s: rounded(*start, 1000.0),
        end_s: rounded(end.max(*start), 1000.0),
        operation: operation.clone(),
    };
    let mut spans: Vec<OperationSpan> = begins.iter().zip(ends).map(span).collect();
    spans.sort_by(|a, b| (b.end_s - b.start_s).total_cmp(&(a.end_s - a.start_s)));
    spans.truncate(most);
    spans.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
    (spans, begins.len())
}
