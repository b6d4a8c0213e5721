//! What simpler rules would say, beside the choice, and how that held.
//!
//! The existing defaults give the job all of its limit with the default batch sizes; the rules of `request` give a memory
//! size and do not set batch sizes. Each is judged on every run from the others: does the run stay within what
//! the rule gave it?

use std::collections::BTreeMap;

use memtool_profile_model::{AdaptiveConfig, AvailableLimits, BatchSizes, MemoryThresholds, Mib, Run};
use serde::Serialize;

use super::backtest::Score;
use super::evaluator::Evaluator;
use super::evidence::Evidence;
use super::time_budget::{Phase, TimeBudget};
use crate::request::{COMPARED, History, Next, RequestRule, TaskRecord};

/// Replays per prediction.
const DRAWS: u32 = 60;

/// What a simpler rule would give.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Baseline {
    /// Upper predicted peak under the rule, in MiB; of a request the largest peak seen.
    pub peak_mb: f64,
    /// The memory that the rule gives the job, in MiB.
    pub limit_mb: f64,
    /// Whether that memory exists and the peak stays below it.
    pub fits: bool,
    /// How the rule held on runs it was not made from.
    pub backtest: Score,
}

/// The simpler rules.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Baselines {
    /// Default thresholds of the limit and default batch sizes; `None` where the time budget ended.
    pub existing_defaults: Option<Baseline>,
    /// Each compared rule of `request` by its name.
    #[serde(flatten)]
    pub rules: BTreeMap<&'static str, Option<Baseline>>,
}

pub(super) fn baselines(
    runs: &[Evidence],
    evaluator: &Evaluator,
    machine_mb: f64,
    budget: &mut TimeBudget,
) -> Baselines {
    let in_time = budget.step(Phase::Backtest);
    Baselines {
        existing_defaults: if in_time { existing_defaults(runs, evaluator) } else { None },
        rules: COMPARED.into_iter().map(|(name, rule)| (name, by_rule(runs, machine_mb, rule))).collect(),
    }
}

/// What a rule gives from the largest memory of each run, each run judged by a size from the others.
fn by_rule(runs: &[Evidence], machine_mb: f64, rule: &RequestRule) -> Option<Baseline> {
    let tasks: Vec<(TaskRecord, bool)> =
        runs.iter().filter_map(|run| Some((task(run)?, run.run.is_cut_off()))).collect();
    let limit_mb = size_without(&tasks, None, rule)?;
    let worst = tasks.iter().map(|(task, _)| task.peak_mb).reduce(f64::max)?;
    let judged = tasks.iter().enumerate().filter_map(|(place, (task, cut))| {
        Some((size_without(&tasks, Some(place), rule)?, task.peak_mb, *cut))
    });
    Some(Baseline {
        peak_mb: worst,
        limit_mb,
        fits: limit_mb <= machine_mb && worst <= limit_mb,
        backtest: Score::of(&judged.collect::<Vec<_>>()),
    })
}

fn task(run: &Evidence) -> Option<TaskRecord> {
    let (peak_mb, at_s) = (run.peak_mb()?, seconds(run.run));
    Some(TaskRecord { peak_mb, at_s, days: vec![(at_s, peak_mb)], ..TaskRecord::default() })
}

/// What a rule gives from all tasks but one.
fn size_without(tasks: &[(TaskRecord, bool)], out: Option<usize>, rule: &RequestRule) -> Option<f64> {
    let mut history = History::default();
    for (place, (task, _)) in tasks.iter().enumerate() {
        if Some(place) != out {
            history.learn(task);
        }
    }
    (rule.size_mb)(&history, &Next::default())
}

/// The existing default thresholds for the limit with the default batch sizes: judged by the runs that were recorded
/// so, and by a replay of the others.
fn existing_defaults(runs: &[Evidence], evaluator: &Evaluator) -> Option<Baseline> {
    let limit_mb = evaluator.limit_mb();
    let defaults = |limit: f64, available_limits: AvailableLimits| AdaptiveConfig {
        thresholds: MemoryThresholds::from_limit(Mib::new(limit)),
        available_limits,
        batch_sizes: BatchSizes::default(),
        ..AdaptiveConfig::default()
    };
    let evaluation = evaluator.of_config(&defaults(limit_mb, AvailableLimits::default()), DRAWS)?;
    let judged = runs.iter().enumerate().filter_map(|(place, evidence)| {
        let config = defaults(limit_mb, evidence.run.config.available_limits);
        let recorded = evidence.fixed_size().is_none()
            && evidence.run.config.batch_sizes == config.batch_sizes
            && evidence.run.config.thresholds == config.thresholds;
        let actual =
            if recorded { evidence.peak_mb()? } else { evaluator.median_of(place, &config, DRAWS)? };
        Some((limit_mb, actual, recorded && evidence.run.is_cut_off()))
    });
    let backtest = Score::of(&judged.collect::<Vec<_>>());
    Some(Baseline {
        peak_mb: evaluation.peak_upper_mb,
        limit_mb,
        fits: evaluator.fits(&evaluation),
        backtest,
    })
}

#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^52")]
fn seconds(run: &Run) -> f64 {
    run.started.as_second() as f64
}
