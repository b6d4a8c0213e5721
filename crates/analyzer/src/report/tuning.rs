//! `memtool.tuning/1`: what `tune --format json` prints.

use memtool_profile_model::AdaptiveConfig;
use serde::Serialize;

use super::simulation::PredictionFigures;
use crate::files::Skipped;
use crate::tune::{
    Backtest, Baselines, Expected, MachineTuning, NeededMemory, NextRun, OperationSize, ParetoPoint,
    Provenance, Reasons, Tuning,
};

/// Schema name of [`TuningReport`].
const SCHEMA: &str = "memtool.tuning/1";

/// The configs of one call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TuningReport {
    /// Name and version of this shape.
    pub schema: &'static str,
    /// What a leak in the runs means for the advice; null without one.
    pub leak: Option<String>,
    /// The memory that a job without batches needs; null where batch sizes were recorded.
    pub needed: Option<NeededMemory>,
    /// One per machine.
    pub machines: Vec<MachineRow>,
    /// Runs that were left out, with the count and the rule.
    pub notes: Vec<String>,
    /// Files that could not be used.
    pub skipped: Vec<Skipped>,
}

impl TuningReport {
    /// A report of what was tuned.
    #[must_use]
    pub fn new(tuning: &Tuning, skipped: Vec<Skipped>) -> Self {
        Self {
            schema: SCHEMA,
            leak: tuning.growth.message.clone(),
            needed: tuning.needed.clone(),
            machines: tuning.machines.iter().map(MachineRow::from).collect(),
            notes: tuning.notes.clone(),
            skipped,
        }
    }
}

/// The config for one machine, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MachineRow {
    /// The machine's name.
    pub machine: String,
    /// The memory the job may use there.
    pub limit_mb: f64,
    /// The same less what others were seen to take: what the config is made for.
    pub usable_mb: f64,
    /// Whether there is a config.
    pub feasible: bool,
    /// Why there is none, if so.
    pub refused: Option<String>,
    /// The run to record next, where there is no config and one would help.
    pub next_run: Option<NextRun>,
    /// The path of the written config; filled in by the writer.
    pub config_path: Option<String>,
    /// The config.
    pub chosen: Option<AdaptiveConfig>,
    /// The worst prediction for it.
    pub predicted: Option<PredictionFigures>,
    /// What the config is expected to do, with the stated risk.
    pub expected: Option<Expected>,
    /// How the choice held on runs it was not made from.
    pub backtest: Backtest,
    /// What simpler rules would give.
    pub baselines: Baselines,
    /// Setting → why it has its value.
    pub reasons: Reasons,
    /// The same in figures: one entry per tuned number.
    pub provenance: Vec<Provenance>,
    /// A size for each operation, where there are several.
    pub operations: Vec<OperationSize>,
    /// What speed costs in memory, from the smallest peak: at most seven points.
    pub pareto: Vec<ParetoRow>,
}

/// One point of what speed costs in memory.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ParetoRow {
    /// Upper bound of the worst run's peak at the stated risk, in MiB.
    pub peak_upper_mb: f64,
    /// Items per second over those of the fastest size.
    pub speed: f64,
    /// Largest share of replays, over the runs, that reach the limit, less the binomial sampling error (95 %).
    pub kill_share_excess: f64,
    /// Whether more memory stops to pay here.
    pub knee: bool,
    /// The config.
    pub config: AdaptiveConfig,
}

impl From<&ParetoPoint> for ParetoRow {
    fn from(point: &ParetoPoint) -> Self {
        Self {
            peak_upper_mb: point.peak_upper_mb,
            speed: point.speed,
            kill_share_excess: point.kill_share_excess,
            knee: point.knee,
            config: point.config.clone(),
        }
    }
}

impl From<&MachineTuning> for MachineRow {
    fn from(tuning: &MachineTuning) -> Self {
        Self {
            machine: tuning.machine.name.clone(),
            limit_mb: tuning.machine.limit_mb,
            usable_mb: tuning.usable_mb,
            feasible: tuning.feasible(),
            refused: tuning.refused.clone(),
            next_run: tuning.next_run.clone(),
            config_path: None,
            chosen: tuning.chosen.clone(),
            predicted: tuning.predicted.as_ref().map(PredictionFigures::from),
            expected: tuning.expected,
            backtest: tuning.backtest.clone(),
            baselines: tuning.baselines.clone(),
            reasons: tuning.reasons.clone(),
            provenance: tuning.provenance.clone(),
            operations: tuning.operations.clone(),
            pareto: tuning.pareto.iter().map(ParetoRow::from).collect(),
        }
    }
}
