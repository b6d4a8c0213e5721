//! The shape of `analyze --format json`, schema `memtool.analysis/1`.

use serde::Serialize;

use super::finding_count::FindingCount;
use super::report_figures::ReportFigures;
use super::reports::Reports;
use crate::files::Skipped;
use crate::stats::quantiles;

/// Everything that `analyze` found out.
#[derive(Debug, Serialize)]
pub struct Analysis {
    /// `memtool.analysis/1`.
    pub schema: &'static str,
    /// One entry a readable file, in order of path.
    pub profiles: Reports,
    /// Files that could not be used.
    pub skipped: Vec<Skipped>,
    /// Totals.
    pub summary: Summary,
}

/// Totals over all files.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Readable files.
    pub profiles: usize,
    /// Files that could not be used.
    pub skipped: usize,
    /// Files in folders that are no memory files.
    pub ignored: usize,
    /// Findings by severity.
    pub findings: FindingCount,
    /// How the runs spread; null without a run.
    pub runs: Option<Spread>,
}

/// How runs spread.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spread {
    /// Snapshots of all runs.
    pub samples: u64,
    /// Smallest peak of a run.
    pub peak_rss_mb_min: f64,
    /// Median of the runs' peaks.
    pub peak_rss_mb_median: f64,
    /// 95th percentile of the runs' peaks.
    pub peak_rss_mb_p95: f64,
    /// Largest peak of a run.
    pub peak_rss_mb_max: f64,
    /// Runs with at least one finding.
    pub runs_with_findings: u64,
}

impl Spread {
    /// That of some runs; `None` without a run.
    pub(super) fn of<'a>(runs: impl Iterator<Item = &'a ReportFigures> + Clone) -> Option<Self> {
        let peaks: Vec<f64> = runs.clone().map(|run| run.peak_rss_mb).collect();
        let [min, median, p95, max] = quantiles(&peaks, [0.0, 0.5, 0.95, 1.0])?;
        Some(Self {
            samples: runs.clone().map(|run| run.samples as u64).sum(),
            peak_rss_mb_min: min,
            peak_rss_mb_median: median,
            peak_rss_mb_p95: p95,
            peak_rss_mb_max: max,
            runs_with_findings: runs.filter(|run| run.findings != FindingCount::default()).count() as u64,
        })
    }
}
