//! `memtool.check/1`: the result of a check.

use serde::Serialize;

use super::power::RunsNeeded;
use crate::compare::{Measure, Side};
use crate::files::Skipped;

/// What runs are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The most that memory may reach.
    PeakBudget,
    /// The most that memory may be on average.
    MeanBudget,
    /// The least share of the limit that stays free.
    HeadroomBudget,
    /// How much of a leak is accepted.
    LeakBudget,
    /// Runs are compared with the job's baseline at all.
    Baseline,
    /// The peak against the baseline.
    PeakChange,
    /// The mean against the baseline.
    MeanChange,
    /// Items per second against the baseline.
    SpeedChange,
    /// The runs say how they ended, and ended well.
    CompleteRuns,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 9] = [
        Self::PeakBudget,
        Self::MeanBudget,
        Self::HeadroomBudget,
        Self::LeakBudget,
        Self::Baseline,
        Self::PeakChange,
        Self::MeanChange,
        Self::SpeedChange,
        Self::CompleteRuns,
    ];

    /// Its name in JSON and in formats of CI systems.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PeakBudget => "peak_budget",
            Self::MeanBudget => "mean_budget",
            Self::HeadroomBudget => "headroom_budget",
            Self::LeakBudget => "leak_budget",
            Self::Baseline => "baseline",
            Self::PeakChange => "peak_change",
            Self::MeanChange => "mean_change",
            Self::SpeedChange => "speed_change",
            Self::CompleteRuns => "complete_runs",
        }
    }

    /// What it asks, in a sentence.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::PeakBudget => "The peak stays within its budget.",
            Self::MeanBudget => "Mean memory stays within its budget.",
            Self::HeadroomBudget => "The peak leaves enough of the limit free.",
            Self::LeakBudget => "Memory does not leak.",
            Self::Baseline => "The runs can be compared with the baseline.",
            Self::PeakChange => "The peak did not become larger than the baseline's.",
            Self::MeanChange => "Mean memory did not become larger than the baseline's.",
            Self::SpeedChange => "The job did not become slower than the baseline.",
            Self::CompleteRuns => "The runs ended well.",
        }
    }
}

/// What is said of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GateVerdict {
    /// Within its budget.
    Within,
    /// Beyond its budget.
    Over,
    /// Better than the baseline.
    Better,
    /// As the baseline.
    Same,
    /// Worse than the baseline.
    Worse,
    /// The runs cannot tell.
    CannotTell,
    /// Runs and baseline are of different jobs, machines or measures.
    Refused,
}

impl GateVerdict {
    /// Whether it fails the check.
    #[must_use]
    pub const fn fails(self) -> bool {
        matches!(self, Self::Over | Self::Worse)
    }

    /// Whether the rule is left without an answer.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::CannotTell | Self::Refused)
    }
}

/// A rule compared with the runs of a job.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GateRow {
    /// The job; null where the files name none.
    pub job: Option<String>,
    /// The operation; null for the whole run.
    pub operation: Option<String>,
    /// The rule.
    pub rule: Rule,
    /// What is said.
    pub verdict: GateVerdict,
    /// What was asked, such as `<= 2,048 MiB`.
    pub asked: String,
    /// What was found: MiB, a share, or items per second; of several runs the worst of a budget.
    pub found: Option<f64>,
    /// The file that shows it.
    pub path: String,
    /// What was compared; null for a budget.
    pub change: Option<Change>,
    /// Why, in words; empty where the figures say it.
    pub reason: String,
}

/// A measure of the runs against the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Change {
    /// What was compared.
    pub measure: Measure,
    /// The baseline's runs.
    pub base: Side,
    /// The new runs.
    pub new: Side,
    /// New over base less one.
    pub change: f64,
    /// The change that chance alone may show.
    pub tolerance: f64,
    /// The least change for the worse that matters.
    pub matters: f64,
    /// How many runs tell such a change 19 of 20 times; null where that many are not to be had.
    pub runs_needed: Option<RunsNeeded>,
}

/// The answer of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Nothing is beyond its budget or worse.
    Passed,
    /// Something is beyond its budget or worse.
    Failed,
    /// Nothing is, and something could not be told.
    CannotTell,
}

/// A check of runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GateReport {
    /// `memtool.check/1`.
    pub schema: &'static str,
    /// The answer.
    pub answer: Answer,
    /// How many runs were checked.
    pub runs: usize,
    /// One row per rule, by job.
    pub rows: Vec<GateRow>,
    /// Files that could not be used.
    pub skipped: Vec<Skipped>,
}

impl GateReport {
    /// A report of some rows. A file that could not be used leaves a question open.
    #[must_use]
    pub(super) fn new(runs: usize, rows: Vec<GateRow>, skipped: Vec<Skipped>) -> Self {
        let is_open = rows.iter().any(|row| row.verdict.is_open()) || !skipped.is_empty();
        let answer = if rows.iter().any(|row| row.verdict.fails()) {
            Answer::Failed
        } else if is_open {
            Answer::CannotTell
        } else {
            Answer::Passed
        };
        Self { schema: "memtool.check/1", answer, runs, rows, skipped }
    }
}
