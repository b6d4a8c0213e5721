//! `memtool.tuning/1`: what `tune --format json` prints.

use memtool_profile_model::AdaptiveConfig;
use serde::Serialize;

use super::simulation::PredictionFigures;
use crate::tune::{Backtest, Baselines, MachineTuning, Reasons, Tuning};

/// Schema name of [`TuningReport`].
const SCHEMA: &str = "memtool.tuning/1";

/// The configs of one call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TuningReport {
    /// Name and version of this shape.
    pub schema: &'static str,
    /// One per machine.
    pub machines: Vec<MachineRow>,
}

/// The config for one machine, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MachineRow {
    /// The machine's name.
    pub machine: String,
    /// The memory the job may use there.
    pub limit_mb: f64,
    /// Whether there is a config.
    pub feasible: bool,
    /// Why there is none, if so.
    pub refused: Option<String>,
    /// Where the config was written; filled in by who writes it.
    pub config_path: Option<String>,
    /// The config.
    pub chosen: Option<AdaptiveConfig>,
    /// The worst prediction for it.
    pub predicted: Option<PredictionFigures>,
    /// How the choice held on runs it was not made from.
    pub backtest: Backtest,
    /// What simpler rules would give.
    pub baselines: Baselines,
    /// Setting → why it has its value.
    pub reasons: Reasons,
}

impl From<&MachineTuning> for MachineRow {
    fn from(tuning: &MachineTuning) -> Self {
        Self {
            machine: tuning.machine.name.clone(),
            limit_mb: tuning.machine.limit_mb,
            feasible: tuning.feasible(),
            refused: tuning.refused.clone(),
            config_path: None,
            chosen: tuning.chosen.clone(),
            predicted: tuning.predicted.as_ref().map(PredictionFigures::from),
            backtest: tuning.backtest.clone(),
            baselines: tuning.baselines,
            reasons: tuning.reasons.clone(),
        }
    }
}

impl From<&Tuning> for TuningReport {
    fn from(tuning: &Tuning) -> Self {
        Self { schema: SCHEMA, machines: tuning.machines.iter().map(MachineRow::from).collect() }
    }
}
