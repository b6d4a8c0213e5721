//! `memtool.simulation/1`: what `simulate --format json` prints.

use serde::Serialize;

use crate::files::Skipped;
use crate::memory_model::Interval;
use crate::simulate::{LevelShare, Prediction};

/// Schema name of [`SimulationReport`].
const SCHEMA: &str = "memtool.simulation/1";

/// All predictions of one call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimulationReport {
    /// Name and version of this shape.
    pub schema: &'static str,
    /// One per run and config.
    pub predictions: Vec<PredictionRow>,
    /// What was left out of the runs, with the count and the rule, and what their figures are.
    pub notes: Vec<String>,
    /// Files that could not be used.
    pub skipped: Vec<Skipped>,
}

impl SimulationReport {
    /// A report of some predictions.
    #[must_use]
    pub fn new(predictions: Vec<PredictionRow>, notes: Vec<String>, skipped: Vec<Skipped>) -> Self {
        Self { schema: SCHEMA, predictions, notes, skipped }
    }
}

/// The prediction for one run under one config.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PredictionRow {
    /// The run's path, or the name of a pool of runs.
    pub run: String,
    /// The config's path, or `fixed-batch-N`.
    pub config: String,
    /// The prediction.
    #[serde(flatten)]
    pub figures: PredictionFigures,
}

/// The figures of one prediction.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PredictionFigures {
    /// Whether the effect of another batch size is known.
    pub identifiable: bool,
    /// Largest memory.
    pub peak_rss_mb: Option<Interval>,
    /// Largest memory of the recorded run.
    pub recorded_peak_mb: Option<f64>,
    /// Probability that memory charged to the limit reaches it; null without one.
    pub kill_probability: Option<f64>,
    /// Items per second over the recorded run's.
    pub throughput_ratio: Option<Interval>,
    /// Whether that rests on an assumed fixed cost of a batch.
    pub throughput_assumed: bool,
    /// Changes of the optimization level.
    pub level_changes: f64,
    /// Collections that the policy would ask for.
    pub gc_runs: f64,
    /// Share of time at the fallback size.
    pub fallback_share: f64,
    /// Shares of time at each level; null without a controller.
    pub level_share: Option<LevelShare>,
    /// Relative error of the peak when the recorded batch sizes are replayed.
    pub replay_error: f64,
    /// Whether the peak is known within bounds only; its median then ranks sizes.
    pub bounds_only: bool,
    /// What a reader should know.
    pub warnings: Vec<String>,
}

impl From<&Prediction> for PredictionFigures {
    fn from(prediction: &Prediction) -> Self {
        Self {
            identifiable: prediction.identifiable,
            peak_rss_mb: prediction.peak_rss_mb,
            recorded_peak_mb: prediction.recorded_peak_mb,
            kill_probability: prediction.kill_probability,
            throughput_ratio: prediction.throughput_ratio,
            throughput_assumed: prediction.throughput_assumed,
            level_changes: prediction.level_changes,
            gc_runs: prediction.gc_runs,
            fallback_share: prediction.fallback_share,
            level_share: prediction.level_share,
            replay_error: prediction.replay_error,
            bounds_only: prediction.bounds_only,
            warnings: prediction.warnings.iter().map(ToString::to_string).collect(),
        }
    }
}
