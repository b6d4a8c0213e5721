//! The report that people pass on, as data: schema `memtool.report/1`.
//!
//! A run is read, brought down to what its charts and tables show ([`RunPage`]) and let go; the pages of all runs,
//! by job, make the [`ReportDocument`]. Nothing here knows HTML.

mod batches;
mod budget;
mod course;
mod decisions;
mod jobs;
mod line;
mod operations;
mod page;
#[cfg(test)]
mod tests;

use serde::Serialize;

pub use batches::BatchSpan;
pub use budget::PageBudget;
pub use course::{Course, Levels, Span};
pub use decisions::DecisionMark;
pub use jobs::{JobChange, JobSummary};
pub use line::Line;
pub use operations::OperationSpan;
pub use page::RunPage;

use crate::files::Skipped;
use crate::report::{PredictionRow, TuningReport};

/// Everything that a report shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReportDocument {
    /// `memtool.report/1`.
    pub schema: &'static str,
    /// The runs by job, in order of the job's name; runs of no known job come last.
    pub jobs: Vec<JobSummary>,
    /// One page per run, in order of path.
    pub runs: Vec<RunPage>,
    /// What other settings would have done, where that was asked.
    pub predictions: Vec<PredictionRow>,
    /// Settings for the next run, where that was asked.
    pub tuning: Option<TuningReport>,
    /// Files that could not be used.
    pub skipped: Vec<Skipped>,
}

impl ReportDocument {
    /// A report on some runs, without predictions and settings.
    #[must_use]
    pub fn new(runs: Vec<RunPage>, skipped: Vec<Skipped>) -> Self {
        let jobs = jobs::jobs(&runs);
        Self { schema: "memtool.report/1", jobs, runs, predictions: Vec::new(), tuning: None, skipped }
    }
}
