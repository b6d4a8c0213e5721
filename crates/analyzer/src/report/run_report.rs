//! The shape of one run in the output of `analyze --format json`.

use std::borrow::Cow;

use memtool_profile_model::{Fate, Origin, Task};
use serde::{Deserialize, Serialize};

use super::operation_use::OperationUse;
use super::report_warning::ReportWarning;
use crate::detect::{Finding, LeakReport};

/// What one run did.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct ProfileReport {
    /// The file.
    pub path: String,
    /// What the run is called: its job and its start, or its file where no job is known.
    pub run: String,
    /// The job that it is a run of, where the file says so.
    pub job: Option<String>,
    /// The job's version, else the commit that it was started from, if the file has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The machine's label, if the file has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// Its format.
    pub format: Cow<'static, str>,
    /// Which tool took the figures and what they measure; null where memtool's own recorder did.
    #[serde(default)]
    pub origin: Option<Origin>,
    /// The facts of a job framework about the run; null without one.
    #[serde(default)]
    pub task: Option<Task>,
    /// Wall-clock time of the first snapshot, RFC 3339; empty where the file holds no date.
    pub started: String,
    /// Snapshots with a readable RSS.
    pub samples: usize,
    /// First to last of them, in seconds.
    pub duration_s: f64,
    /// Largest RSS, in MiB like all sizes here: the kernel's mark where the file has one.
    pub peak_rss_mb: f64,
    /// Where that was read: `high_water_mark` and `cgroup_peak` miss nothing, of `sampled` the peak was at least
    /// this.
    pub peak_source: Cow<'static, str>,
    /// When the peak was seen, in seconds from the start: of a mark, when its batch ended or memory was sampled
    /// the largest.
    pub peak_at_s: f64,
    /// The memory that the job may use; null where the file does not say.
    #[serde(default)]
    pub limit_mb: Option<f64>,
    /// Plain mean over the snapshots.
    pub mean_rss_mb: f64,
    /// Mean weighted by the time that each snapshot stands for.
    pub time_weighted_mean_rss_mb: f64,
    /// Median over the snapshots (linear interpolation, as all percentiles here).
    pub p50_rss_mb: f64,
    /// 95th percentile.
    pub p95_rss_mb: f64,
    /// 99th percentile.
    pub p99_rss_mb: f64,
    /// Share of the observed time at each pressure level; adds up to 1.
    pub time_share: TimeShare,
    /// Share of the duration that the snapshots cover without gaps.
    pub coverage: f64,
    /// How the process ended, where the recorder saw it from outside.
    pub fate: Option<Fate>,
    /// Where the pressure levels begin; null where the file is another tool's.
    pub thresholds_mb: Option<ThresholdReport>,
    /// Batch sizes that were in force, ascending.
    pub batch_sizes: Vec<u32>,
    /// Memory by phase of the job, the largest peak first.
    pub operations: Vec<OperationUse>,
    /// Whether memory leaks.
    pub leak: LeakReport,
    /// What is wrong, the most severe first.
    pub findings: Vec<Finding>,
    /// Settings that the file does not hold, and what was taken.
    pub assumed: Vec<String>,
    /// What a reader should know before trusting the figures.
    pub warnings: Vec<ReportWarning>,
    /// The name of each of them, which stays.
    #[serde(default)]
    pub warning_codes: Vec<String>,
}

/// Share of time at each pressure level.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize, Serialize)]
pub struct TimeShare {
    /// Below every threshold.
    pub low: f64,
    /// Moderate pressure.
    pub moderate: f64,
    /// High pressure.
    pub high: f64,
    /// Critical pressure.
    pub critical: f64,
}

/// Where the pressure levels begin.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize)]
pub struct ThresholdReport {
    /// Moderate pressure.
    pub moderate: f64,
    /// High pressure.
    pub high: f64,
    /// Critical pressure.
    pub critical: f64,
}
