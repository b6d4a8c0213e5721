//! What tuning is asked and what it answers.

use std::collections::BTreeMap;

use memtool_profile_model::AdaptiveConfig;

use super::backtest::Backtest;
use super::baselines::Baselines;
use super::evidence::Growth;
use super::machine::Machine;
use super::needed::NeededMemory;
use super::operations::OperationSize;
use super::pareto::ParetoPoint;
use super::refiner::Provenance;
use crate::memory_model::MemoryModel;
use crate::simulate::Prediction;

/// Setting → why it has its value.
pub type Reasons = BTreeMap<String, String>;

/// The configs for some machines.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuning {
    /// How memory depends on the batch size.
    pub memory_model: MemoryModel,
    /// What a leak adds.
    pub growth: Growth,
    /// The memory that a job without batches needs; `None` where batch sizes were recorded.
    pub needed: Option<NeededMemory>,
    /// One entry per machine, in the order asked for.
    pub machines: Vec<MachineTuning>,
    /// What was left out, with its count and the rule.
    pub notes: Vec<String>,
}

/// What the config is expected to do, with the stated risk.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Expected {
    /// Probability that the worst run exceeds `peak_upper_mb`.
    pub risk: f64,
    /// Upper bound of the worst run's peak at that risk, in MiB.
    pub peak_upper_mb: f64,
    /// Mean of the peaks beyond it (conditional value at risk), in MiB.
    pub cvar_mb: f64,
    /// Median peak of the worst run, in MiB.
    pub median_mb: f64,
    /// Items per second over those of the fastest size that fits, in the slowest quarter of the runs.
    pub speed: f64,
    /// Whether that speed was measured at several sizes.
    pub speed_measured: bool,
    /// What a leak would add to the worst run, were it as long as the longest, in MiB.
    pub leak_mb: f64,
    /// Duration of a run at which a leak reaches the limit, in minutes; null without a leak.
    pub minutes_to_limit: Option<f64>,
    /// Number of configs that were evaluated.
    pub evaluations: usize,
    /// Whether the search ended by itself, not by the time budget.
    pub search_completed: bool,
}

/// The run to record before tuning again: one of another size tells what this one cannot.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct NextRun {
    /// The size of its batches.
    pub batch_size: u32,
    /// The shell command that fixes the size for the job's next run.
    pub command: String,
}

impl NextRun {
    /// The run with every batch of a size, by the variable that memtool's recorder reads.
    #[must_use]
    pub fn of_size(batch_size: u32) -> Self {
        Self { batch_size, command: format!("export MEMTOOL_BATCH_SIZE={batch_size}") }
    }
}

/// Why there is no config, and what would help.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    pub(super) reason: String,
    pub(super) next_run: Option<NextRun>,
}

impl From<String> for Refusal {
    fn from(reason: String) -> Self {
        Self { reason, next_run: None }
    }
}

/// The config for one machine, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub struct MachineTuning {
    /// The machine.
    pub machine: Machine,
    /// The memory the job may use there, less what other processes were seen to use, in MiB.
    pub usable_mb: f64,
    /// The config; `None` where the data or the machine cannot carry one.
    pub chosen: Option<AdaptiveConfig>,
    /// Why there is no config, if so.
    pub refused: Option<String>,
    /// The run to record next, where there is no config and one would help.
    pub next_run: Option<NextRun>,
    /// The prediction for the config on the worst run.
    pub predicted: Option<Prediction>,
    /// What the config is expected to do.
    pub expected: Option<Expected>,
    /// How the same bound held on runs it was not made from.
    pub backtest: Backtest,
    /// What simpler rules would give.
    pub baselines: Baselines,
    /// Why each value.
    pub reasons: Reasons,
    /// The same in figures.
    pub provenance: Vec<Provenance>,
    /// A size for each operation, where there are several.
    pub operations: Vec<OperationSize>,
    /// What speed costs in memory, from the smallest peak.
    pub pareto: Vec<ParetoPoint>,
}

impl MachineTuning {
    /// Whether there is a config.
    #[must_use]
    pub fn feasible(&self) -> bool {
        self.chosen.is_some()
    }
}
