//! From the best config found to the one that is given: numbers without effect go back to
//! their defaults, the others are explained with their next-best value and what it costs.

use memtool_profile_model::{AdaptiveConfig, Hysteresis, Mib};
use serde::Serialize;

use super::candidates::DEFAULT_SHARES;
use super::evaluation::Evaluation;
use super::parameter::Parameter;
use super::ranges::usual_sizes;
use super::scorer::{Candidate, Scorer};
use super::time_budget::{Phase, TimeBudget};

/// A score that differs by less is the same: a tenth of a percent of speed.
const NO_EFFECT: f64 = 1e-3;
/// A setting of memtool's own must be worth at least this much to be switched on: half a
/// percent of speed, or flapping that costs as much.
const WORTH: f64 = 5e-3;
/// Steps of a tenth from the best size of the scan.
const CLIMBS: usize = 8;
/// A level that was left is held for so many samples.
const DWELL_SAMPLES: f64 = 10.0;
/// Collect again once memory grew by half of what the last collection freed.
const COOLDOWN_SHARE: f64 = 0.5;

/// The value a number would have next, and what that costs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NextBest {
    /// The value.
    pub value: f64,
    /// What it costs over the chosen one.
    pub cost: String,
}

/// Where a number comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Provenance {
    /// The dotted setting.
    pub parameter: &'static str,
    /// Its value.
    pub value: f64,
    /// What the existing manager would set; null for the high size.
    pub default: Option<f64>,
    /// Whether another value changes anything on these runs.
    pub has_effect: bool,
    /// The run that decides the peak, by its start; null without an effect.
    pub run: Option<String>,
    /// The next-best value, where there is an effect.
    pub next_best: Option<NextBest>,
    /// Why, in words.
    pub reason: String,
}

/// Refines the best config of the scan into the one that is given, while there is time.
pub(super) struct Refiner<'a, 'b, 'w> {
    pub(super) scorer: &'a Scorer<'a, 'b>,
    /// Replays of each evaluation.
    pub(super) draws: u32,
    pub(super) budget: &'a mut TimeBudget<'w>,
}

impl Refiner<'_, '_, '_> {
    /// Evaluates a config; `None` where it cannot be judged or the time is over.
    fn candidate(&mut self, config: AdaptiveConfig) -> Option<Candidate> {
        if self.budget.step(Phase::Refine) { self.scorer.candidate(config, self.draws) } else { None }
    }

    /// Those of some values of a number that can be judged.
    fn around(&mut self, best: &Candidate, parameter: Parameter) -> Vec<Candidate> {
        let space = self.scorer.space;
        let values = parameter.neighbours(&best.config, space).into_iter();
        values.filter_map(|value| self.candidate(parameter.with(&best.config, value, space)?)).collect()
    }

    /// Puts back what has no effect: all thresholds, then all sizes, then one after the other.
    pub(super) fn reset_insensitive(&mut self, best: Candidate) -> Candidate {
        let space = self.scorer.space;
        let defaults = space.ordered(DEFAULT_SHARES.map(|share| share * space.limit_mb));
        let sizes = usual_sizes(best.config.batch_sizes.high, space.reader);
        let mut best = best;
        let steps: [Option<AdaptiveConfig>; 2] = [
            defaults.map(|thresholds| AdaptiveConfig { thresholds, ..best.config.clone() }),
            Some(AdaptiveConfig { batch_sizes: sizes, ..best.config.clone() }),
        ];
        for config in steps.into_iter().flatten() {
            best = self.cheaper(best, config);
        }
        for parameter in Parameter::ALL {
            let default = parameter.default(&best.config, space);
            let config = default.and_then(|value| parameter.with(&best.config, value, space));
            if let Some(config) = config.filter(|config| *config != best.config) {
                best = self.cheaper(best, config);
            }
        }
        best
    }

    /// Climbs from the high size to its neighbours while that gains something.
    pub(super) fn climb(&mut self, best: Candidate) -> Candidate {
        let mut best = best;
        for _ in 0..CLIMBS {
            let evaluator = self.scorer.evaluator;
            let around = self.around(&best, Parameter::High).into_iter();
            let next = around
                .filter(|other| evaluator.fits(&other.evaluation) && other.score < best.score - NO_EFFECT)
                .min_by(|a, b| a.score.total_cmp(&b.score));
            match next {
                Some(other) => best = other,
                None => break,
            }
        }
        best
    }

    /// The other config if it is sound and no worse.
    fn cheaper(&mut self, best: Candidate, config: AdaptiveConfig) -> Candidate {
        let space = self.scorer.space;
        if !super::ranges::fits_reader(&config, space.limit_mb, space.reader) {
            return best;
        }
        match self.candidate(config) {
            Some(other)
                if self.scorer.evaluator.fits(&other.evaluation) && other.score <= best.score + NO_EFFECT =>
            {
                other
            }
            _ => best,
        }
    }

    /// Switches on what only memtool's recorder reads, where the replay is better for it; the other
    /// settings stay right without.
    pub(super) fn try_recorder_settings(&mut self, best: Candidate) -> Candidate {
        let interval = best.config.monitoring_interval_seconds;
        let drop = f64::from(best.config.batch_sizes.high - best.config.batch_sizes.low);
        let moderate = best.config.thresholds.moderate_mb.get();
        let margin = (self.scorer.evaluator.memory_model.per_item_mb.high * drop).max(0.05 * moderate);
        let margin = margin.min(0.5 * moderate);
        let hysteresis =
            Hysteresis { margin_mb: Mib::new(margin.round()), dwell_seconds: DWELL_SAMPLES * interval };
        let held = AdaptiveConfig { hysteresis, ..best.config.clone() };
        let best = self.better(best, held);
        let cooled = AdaptiveConfig { gc_cooldown_share: COOLDOWN_SHARE, ..best.config.clone() };
        self.better(best, cooled)
    }

    fn better(&mut self, best: Candidate, config: AdaptiveConfig) -> Candidate {
        match self.candidate(config) {
            Some(other)
                if self.scorer.evaluator.fits(&other.evaluation) && other.score < best.score - WORTH =>
            {
                other
            }
            _ => best,
        }
    }

    /// Where each number comes from.
    pub(super) fn provenance(&mut self, best: &Candidate) -> Vec<Provenance> {
        Parameter::ALL.iter().map(|parameter| self.explain(best, *parameter)).collect()
    }

    fn explain(&mut self, best: &Candidate, parameter: Parameter) -> Provenance {
        let in_time = self.budget.step(Phase::Refine);
        let tried = if in_time { self.around(best, parameter) } else { Vec::new() };
        let scorer = self.scorer;
        let value = parameter.get(&best.config);
        let default = parameter.default(&best.config, scorer.space);
        let has_effect = tried.iter().any(|other| (other.score - best.score).abs() > NO_EFFECT);
        let next = tried.iter().min_by(|a, b| a.score.total_cmp(&b.score)).filter(|_| has_effect);
        let next_best = next.map(|other| NextBest {
            value: parameter.get(&other.config),
            cost: cost(scorer, &best.evaluation, &other.evaluation),
        });
        let run = scorer.evaluator.worst_run(&best.evaluation).started.to_string();
        let mut reason = reason(scorer, best, parameter, default, next_best.as_ref(), has_effect || !in_time);
        if !in_time {
            reason.push_str("; other values were not tried, the time was over");
        }
        Provenance {
            parameter: parameter.name(),
            value,
            default,
            has_effect,
            run: has_effect.then_some(run),
            next_best,
            reason,
        }
    }
}

fn reason(
    scorer: &Scorer,
    best: &Candidate,
    parameter: Parameter,
    default: Option<f64>,
    next: Option<&NextBest>,
    may_have_effect: bool,
) -> String {
    let value = parameter.get(&best.config);
    let unit = if parameter.is_size() { "" } else { " MiB" };
    let base = match default {
        Some(default) if default == value => "as the existing defaults have it".to_owned(),
        Some(default) => format!("the existing defaults would have {default:.0}{unit}"),
        None => high_size(scorer, &best.evaluation),
    };
    if !may_have_effect && default.is_some() {
        return match default {
            Some(default) if default == value => format!("no effect on these runs; {base}"),
            _ => format!("no effect of a tenth more or less on these runs; {base}"),
        };
    }
    let next =
        next.map_or_else(String::new, |next| format!("; next best {:.0}{unit}: {}", next.value, next.cost));
    format!("{base}{next}")
}

fn high_size(scorer: &Scorer, evaluation: &Evaluation) -> String {
    let evaluator = scorer.evaluator;
    let memory_model = evaluator.memory_model;
    let w = memory_model.per_item_mb;
    let sizes =
        memory_model.sizes_seen.iter().map(|size| format!("{size:.0}")).collect::<Vec<_>>().join(", ");
    let memory = memory_model.reason().map_or_else(
        || {
            format!(
                "memory per item {:.3} ({:.3} to {:.3}) MiB from {} points at sizes {sizes}",
                w.median, w.low, w.high, memory_model.samples
            )
        },
        |reason| format!("kept, never changed: {reason}"),
    );
    let speed = if memory_model.speed_measured() {
        format!(
            "{:.0} % of the speed of the fastest size that fits",
            100.0 * evaluation.speed / scorer.fastest
        )
    } else {
        "speed is assumed: no batch durations at several sizes".to_owned()
    };
    format!(
        "peak {:.0} MiB, at most {:.0} MiB with the stated risk{}, of {:.0} MiB, in the run started {}; {memory}; {speed}",
        evaluation.median_mb,
        evaluation.peak_upper_mb,
        evaluation.uncounted(),
        evaluator.limit_mb(),
        evaluator.worst_run(evaluation).started,
    )
}

/// What another config costs over the chosen one.
pub(super) fn cost(scorer: &Scorer, best: &Evaluation, other: &Evaluation) -> String {
    let evaluator = scorer.evaluator;
    if other.charged_mb() > evaluator.limit_mb() {
        return format!("its peak may reach {:.0} MiB, above the limit", other.charged_mb());
    }
    if !evaluator.fits(other) {
        return format!("passes the limit with a chance of {:.1} %", 100.0 * other.kill_share_excess);
    }
    let mut parts = Vec::new();
    let speed = 100.0 * (other.speed / best.speed - 1.0);
    if speed.abs() >= 0.1 {
        parts.push(format!("{:.1} % {}", speed.abs(), if speed < 0.0 { "slower" } else { "faster" }));
    }
    let peak = other.peak_upper_mb - best.peak_upper_mb;
    if peak.abs() >= 1.0 {
        parts.push(format!(
            "bound of the peak {:.0} MiB {}",
            peak.abs(),
            if peak > 0.0 { "higher" } else { "lower" }
        ));
    }
    let changes = other.changes_per_min - best.changes_per_min;
    if changes.abs() >= 0.1 {
        let word = if changes > 0.0 { "more" } else { "fewer" };
        parts.push(format!("{:.1} {word} level changes per minute", changes.abs()));
    }
    if parts.is_empty() { "nothing that shows".to_owned() } else { parts.join(", ") }
}
