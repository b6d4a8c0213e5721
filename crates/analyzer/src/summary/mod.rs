//! What many runs say of their jobs, in summaries that merge: those of two sets of runs are that of both.
//!
//! All that is kept merges without rounding: whole numbers are added, the worse of two cases stays, and the spread of a
//! figure is a [`Sketch`]. So neither how runs are divided among machines nor the order of merging changes a bit of the
//! result, and a part that was computed twice after a failure is as good as the first.

mod case;
mod job_summary;
mod run_figures;
mod sketch;

pub use case::WorstCase;
pub use job_summary::{JobSummary, Summaries};
pub use run_figures::RunFigures;
pub use sketch::Sketch;
