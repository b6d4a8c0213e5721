//! The tuning of one machine: the choice, its back-test and the baselines together.

use std::rc::Rc;

use memtool_profile_model::AdaptiveConfig;

use super::backtest::{LeftOutRuns, backtest};
use super::baselines::baselines;
use super::choose::{self, Choice, choose};
use super::evaluator::{Evaluator, Simulators};
use super::evidence::{Evidence, Growth};
use super::machine::Machine;
use super::operations::OperationScan;
use super::options::TuneOptions;
use super::ranges::Reader;
use super::time_budget::TimeBudget;
use super::types::{Expected, MachineTuning, Reasons};
use crate::memory_model::MemoryModel;

/// What all machines share.
pub(super) struct JobEvidence<'a> {
    pub(super) runs: &'a [Evidence<'a>],
    pub(super) memory_model: &'a MemoryModel,
    pub(super) growth: &'a Growth,
    pub(super) simulators: Rc<Simulators<'a>>,
    pub(super) left_out: LeftOutRuns,
}

impl JobEvidence<'_> {
    pub(super) fn tune(
        &self,
        machine: &Machine,
        options: &TuneOptions,
        remaining_share: &mut dyn FnMut(usize, usize) -> f64,
    ) -> MachineTuning {
        let mut budget = TimeBudget::new(choose::STEPS + 2 * self.runs.len() + 1, remaining_share);
        let others_mb = self.runs.iter().map(Evidence::others_mb).fold(0.0, f64::max);
        let usable_mb = machine.usable_mb(others_mb);
        let shared = (self.memory_model, self.growth);
        let evaluator = Evaluator::new(self.runs, shared, usable_mb, options.risk, options.seed);
        let evaluator = evaluator.sharing(&self.simulators);
        let outcome = choose(self.runs, &evaluator, machine, options, &mut budget);
        let scan = OperationScan {
            runs: self.runs,
            memory_model: self.memory_model,
            growth: self.growth,
            usable_mb,
            options,
        };
        let high = |choice: &Choice| choice.config.batch_sizes.high;
        let operations =
            outcome.as_ref().map_or_else(|_| Vec::new(), |choice| scan.sizes(high(choice), &mut budget));
        budget.reach(choose::STEPS);
        let mut tuning = MachineTuning {
            machine: machine.clone(),
            usable_mb,
            chosen: None,
            refused: None,
            next_run: None,
            predicted: None,
            expected: None,
            backtest: backtest(self.runs, &self.left_out, (usable_mb, options), &mut budget),
            baselines: baselines(self.runs, &evaluator, usable_mb, &mut budget),
            reasons: Reasons::new(),
            provenance: Vec::new(),
            operations,
            pareto: Vec::new(),
        };
        match outcome {
            Ok(choice) => self.fill(&mut tuning, choice, options),
            Err(refusal) => {
                (tuning.refused, tuning.next_run) = (Some(refusal.reason), refusal.next_run);
            }
        }
        tuning
    }

    fn fill(&self, tuning: &mut MachineTuning, choice: Choice, options: &TuneOptions) {
        let evaluation = &choice.evaluation;
        let room_mb = tuning.usable_mb - evaluation.charged_mb();
        let longest = self.runs.iter().map(Evidence::minutes).fold(0.0, f64::max);
        let leaks = self.growth.mb_per_min > 0.0;
        tuning.expected = Some(Expected {
            risk: options.risk,
            peak_upper_mb: evaluation.peak_upper_mb,
            cvar_mb: evaluation.cvar_mb,
            median_mb: evaluation.median_mb,
            speed: choice.speed,
            speed_measured: self.memory_model.speed_measured(),
            leak_mb: self.growth.extra_mb.get(evaluation.worst).copied().unwrap_or(0.0),
            minutes_to_limit: leaks.then_some(longest + room_mb / self.growth.mb_per_min),
            evaluations: choice.evaluations,
            search_completed: choice.completed,
        });
        tuning.predicted = Some(evaluation.prediction.clone());
        tuning.reasons =
            choice.provenance.iter().map(|p| (p.parameter.to_owned(), p.reason.clone())).collect();
        tuning.reasons.insert("auto_gc_enabled".to_owned(), choice.collecting.clone());
        tuning.reasons.extend(further_reasons(tuning.usable_mb, &choice.config, options.reader));
        tuning.provenance = choice.provenance;
        tuning.pareto = choice.pareto;
        tuning.chosen = Some(choice.config);
    }
}

/// Why what is not tuned has its value.
fn further_reasons(usable_mb: f64, config: &AdaptiveConfig, reader: Reader) -> Vec<(String, String)> {
    let lowest = config.available_limits.moderate_mb.get();
    let acts_at = (usable_mb - lowest).max(0.0);
    let verdict = if acts_at < config.thresholds.moderate_mb.get() { "before" } else { "after" };
    let fixed = match reader {
        Reader::Existing => "fixed in the existing manager, whatever the thresholds say",
        Reader::Recorder => "scaled to a small machine",
    };
    let mut reasons = vec![
        (
            "available_limits".to_owned(),
            format!(
                "with nothing else running, available memory reaches the limit of {lowest:.0} MiB at \
                 {acts_at:.0} MiB of the job's memory, {verdict} moderate_mb; {fixed}"
            ),
        ),
        ("monitoring_interval_seconds".to_owned(), "as in the recorded run with the largest peak".to_owned()),
    ];
    if config.hysteresis.dwell_seconds > 0.0 {
        let why = "fewer level changes in the replay; read by memtool's recorder only".to_owned();
        reasons.push(("memtool.hysteresis.margin_mb".to_owned(), why.clone()));
        reasons.push(("memtool.hysteresis.dwell_seconds".to_owned(), why));
    }
    if config.gc_cooldown_share > 0.0 {
        let why = "fewer collections in the replay; read by memtool's recorder only".to_owned();
        reasons.push(("memtool.gc_cooldown_share".to_owned(), why));
    }
    reasons
}
