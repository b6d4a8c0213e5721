//! What a config is worth.

use memtool_profile_model::AdaptiveConfig;

use super::evaluation::Evaluation;
use super::evaluator::Evaluator;
use super::parameter::Parameter;
use super::space::Space;

/// A config that was evaluated.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) config: AdaptiveConfig,
    pub(super) evaluation: Evaluation,
    /// The smaller the better.
    pub(super) score: f64,
}

/// Scores configs against each other.
pub(super) struct Scorer<'a, 'b> {
    pub(super) evaluator: &'a Evaluator<'b>,
    pub(super) space: &'a Space,
    /// Items per second at the fastest size that fits.
    pub(super) fastest: f64,
    /// The config that the job has today.
    pub(super) current: &'a AdaptiveConfig,
}

/// A peak of the whole limit weighs as much as this share of speed: what fits is bought already. A tolerance on speed, or
/// 5 % here, cost 2 % of the speed of 40 drawn programs (part A) in the median, and 8 % in some.
const PEAK_WEIGHT: f64 = 0.01;
/// Ten times as many level changes weigh as much as 2.3 % of speed.
const FLAPPING_WEIGHT: f64 = 0.01;
/// Among equals the nearest to the current config.
const NEARNESS_WEIGHT: f64 = 1e-3;
/// Added to the score of a config that exceeds the risk: worse than any that does not.
const UNSAFE: f64 = 10.0;

impl Scorer<'_, '_> {
    /// Speed lost, the peak, flapping and distance; above 10 if the risk is exceeded.
    pub(super) fn score(&self, config: &AdaptiveConfig, evaluation: &Evaluation) -> f64 {
        let excess = self.evaluator.excess(evaluation);
        let unsafe_by = if excess > 0.0 { UNSAFE * (1.0 + excess) } else { 0.0 };
        unsafe_by
            + self.worth(evaluation)
            + FLAPPING_WEIGHT * evaluation.changes_per_min.ln_1p()
            + NEARNESS_WEIGHT * distance(config, self.current)
    }

    /// Speed lost, and the peak.
    pub(super) fn worth(&self, evaluation: &Evaluation) -> f64 {
        let lost = (1.0 - evaluation.speed / self.fastest).max(0.0);
        lost + PEAK_WEIGHT * evaluation.peak_upper_mb / self.evaluator.limit_mb()
    }

    /// Evaluates a config; `None` where no run says anything of it.
    pub(super) fn candidate(&self, config: AdaptiveConfig, draws: u32) -> Option<Candidate> {
        let evaluation = self.evaluator.of_config(&config, draws)?;
        let score = self.score(&config, &evaluation);
        Some(Candidate { config, evaluation, score })
    }

    /// Evaluates some configs; one that the limit rules out on one run is not replayed on the others.
    pub(super) fn candidates(&self, configs: Vec<AdaptiveConfig>, draws: u32) -> Vec<Candidate> {
        let evaluations = self.evaluator.evaluate_until_infeasible(&configs, draws);
        let candidate = |(config, evaluation): (AdaptiveConfig, Option<Evaluation>)| {
            let evaluation = evaluation?;
            let score = self.score(&config, &evaluation);
            Some(Candidate { config, evaluation, score })
        };
        configs.into_iter().zip(evaluations).filter_map(candidate).collect()
    }
}

/// How far apart two configs are: the mean over their numbers of the logarithm of the ratio, at most 1 each.
fn distance(a: &AdaptiveConfig, b: &AdaptiveConfig) -> f64 {
    let apart = |parameter: &Parameter| {
        let ratio = parameter.get(a) / parameter.get(b);
        if ratio > 0.0 && ratio.is_finite() { ratio.ln().abs().min(1.0) } else { 1.0 }
    };
    Parameter::ALL.iter().map(apart).sum::<f64>() / 9.0
}
