//! One group of runs of a fleet.

use serde::Serialize;

use super::fact::Fact;
use crate::frame::GroupRuns;

/// What is known of one group of runs. Sizes are MiB.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FleetGroup {
    /// Its name; null for the runs that do not tell.
    pub group: Option<String>,
    /// Its runs.
    pub runs: u64,
    /// Runs that were killed for want of memory.
    pub killed: u64,
    /// Start of the last of them, RFC 3339.
    pub last_killed: Option<String>,
    /// How often containers were started again; null where nothing counts that.
    pub restarts: Option<u64>,
    /// Its runs' peaks.
    pub peak_mb: Peaks,
    /// The limit of the latest run that has one.
    pub limit_mb: Option<f64>,
    /// Share of the limit above the peak in all but one in twenty runs.
    pub headroom_share: Option<f64>,
    /// GB (10^9 bytes) times hours held and not used, under configured limits.
    pub waste_gb_h: Option<f64>,
    /// Runs that leak.
    pub leaks: u64,
    /// Share of runs that leak.
    pub leak_share: f64,
    /// The fewest hours from a leaking run to its limit.
    pub hours_to_limit: Option<f64>,
    /// Start of its first run, RFC 3339.
    pub first: Option<String>,
    /// Start of its last run.
    pub last: Option<String>,
    /// Growth of the peaks in 30 days as a share, over all of the time, steps included.
    pub growth_per_30_days: Option<Growth>,
    /// Whether that is steady growth rather than steps.
    pub grows_steadily: bool,
    /// Steps of the peaks, in order of time.
    pub changes: Vec<Change>,
    /// What is to be said of it, the worst first.
    pub facts: Vec<Fact>,
    /// Its runs, for charts.
    #[serde(skip)]
    pub points: GroupRuns,
}

/// How peaks spread.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Peaks {
    /// Their median.
    pub p50: f64,
    /// Their 95th percentile.
    pub p95: f64,
    /// The largest.
    pub max: f64,
}

/// A growth with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Growth {
    /// The estimate.
    pub estimate: f64,
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

/// A step of the peaks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Start of the first run after it, RFC 3339.
    pub since: String,
    /// Its size as a share: 0.1 is 10 % more.
    pub share: f64,
    /// The version whose first run it is.
    pub version: Option<String>,
    /// Probability of such a step where nothing changed.
    pub p: f64,
}
