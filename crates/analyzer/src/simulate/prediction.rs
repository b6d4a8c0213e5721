//! The result of a simulation.

use serde::Serialize;

use super::prediction_warning::PredictionWarning;
use crate::memory_model::Interval;

/// Shares of time at each optimization level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LevelShare {
    /// At the fallback size.
    pub fallback: f64,
    /// At the low size.
    pub low: f64,
    /// At the medium size.
    pub medium: f64,
    /// At the high size.
    pub high: f64,
}

/// What would have happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Whether the effect of another batch size is known.
    pub identifiable: bool,
    /// Peak memory in MiB; `None` where the runs hold no readable sample.
    pub peak_rss_mb: Option<Interval>,
    /// Peak memory of the recorded runs, in MiB.
    pub recorded_peak_mb: Option<f64>,
    /// Probability that memory charged to the limit reaches it, by the replays and the known error of the
    /// model; `None` without a limit.
    pub kill_probability: Option<f64>,
    /// Share of replays where it does, without the error of the model: for callers that add a margin of
    /// their own.
    pub replays_killed: Option<f64>,
    /// Number of replays.
    pub replays: usize,
    /// Memory charged to the limit at the peak, median, in MiB: mapped pages are not, another process may be.
    pub charged_mb: Option<f64>,
    /// Items per second over the recorded run's.
    pub throughput_ratio: Option<Interval>,
    /// Whether the throughput rests on an assumed fixed cost of a batch.
    pub throughput_assumed: bool,
    /// Changes of the optimization level, median.
    pub level_changes: f64,
    /// Collections that the policy would request, median.
    pub gc_runs: f64,
    /// Share of time at the fallback size, median.
    pub fallback_share: f64,
    /// Shares of time at each level, means; `None` without a controller.
    pub level_share: Option<LevelShare>,
    /// Relative error of the peak when the recorded batch sizes are replayed; the largest of the runs.
    pub replay_error: f64,
    /// Whether the peak is known within bounds only: the model does not give back the recorded run, or that ended before
    /// its time. The median then ranks sizes.
    pub bounds_only: bool,
    /// What a reader should know.
    pub warnings: Vec<PredictionWarning>,
}

impl Prediction {
    /// No figure for another size, where none was recorded.
    pub(super) fn withheld(recorded_peak_mb: Option<f64>) -> Self {
        Self {
            identifiable: false,
            peak_rss_mb: None,
            recorded_peak_mb,
            kill_probability: None,
            replays_killed: None,
            replays: 0,
            charged_mb: None,
            throughput_ratio: None,
            throughput_assumed: true,
            level_changes: 0.0,
            gc_runs: 0.0,
            fallback_share: 0.0,
            level_share: None,
            replay_error: 0.0,
            bounds_only: true,
            warnings: vec![PredictionWarning::Withheld],
        }
    }
}
