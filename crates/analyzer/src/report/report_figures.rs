//! The part of each report that stays in memory.

use memtool_profile_model::{Measure, Precision};

use super::finding_count::FindingCount;
use super::run_report::ProfileReport;

/// What totals need of a report, and whether another file may be of the same run.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReportFigures {
    pub(super) samples: usize,
    pub(super) peak_rss_mb: f64,
    pub(super) findings: FindingCount,
    /// Whether it is of the log of a runtime's heap.
    pub(super) is_heap_log: bool,
    /// Whether it is one figure of a task.
    pub(super) is_task_figure: bool,
}

impl ReportFigures {
    pub(super) fn of(report: &ProfileReport) -> Self {
        let measure = report.origin.as_ref().map_or_else(Measure::default, |origin| origin.measure);
        let precision = report.origin.as_ref().map(|origin| origin.precision);
        Self {
            samples: report.samples,
            peak_rss_mb: report.peak_rss_mb,
            findings: FindingCount::of(&report.findings),
            is_heap_log: measure.is_heap() && report.samples > 1,
            is_task_figure: report.samples == 1
                && report.task.is_some()
                && matches!(precision, Some(Precision::SingleFigure | Precision::LowerBound)),
        }
    }
}
