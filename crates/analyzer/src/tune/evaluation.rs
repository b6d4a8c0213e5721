//! What a config, or a fixed size, would do over all runs.

use crate::simulate::Prediction;

/// What one config would do.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Evaluation {
    /// Memory that the peak of the worst run passes with the allowed chance only.
    pub(super) peak_upper_mb: f64,
    /// Mean of the peaks beyond that bound: the tail.
    pub(super) cvar_mb: f64,
    /// What of that does not count against the limit: mapped library pages.
    pub(super) uncharged_mb: f64,
    /// Median peak of the worst run.
    pub(super) median_mb: f64,
    /// Largest share of replays, over the runs, that pass the limit, less what so few tell by luck.
    pub(super) kill_share_excess: f64,
    /// Items per second in the slowest quarter of the runs, over the pace's unit.
    pub(super) speed: f64,
    /// Level changes a minute, the most over the runs.
    pub(super) changes_per_min: f64,
    /// Collections that the policy asks for, the most over the runs.
    pub(super) gc_runs: f64,
    /// Whether a run gives bounds of its peak only: the model does not give that run back.
    pub(super) bounds_only: bool,
    /// Place of the worst run.
    pub(super) worst: usize,
    /// The prediction for the worst run.
    pub(super) prediction: Prediction,
}

impl Evaluation {
    /// What of the bound counts against the limit.
    pub(super) fn charged_mb(&self) -> f64 {
        self.peak_upper_mb - self.uncharged_mb
    }

    /// What does not count, for people; empty where all does.
    pub(super) fn uncounted(&self) -> String {
        if self.uncharged_mb < 0.5 {
            return String::new();
        }
        format!(" ({:.0} MiB of mapped files do not count)", self.uncharged_mb)
    }
}
