//! The config for one machine: a scan of sizes, closed forms of the best, a closer evaluation, defaults, reasons.

use std::collections::BTreeMap;

use memtool_profile_model::{AdaptiveConfig, AvailableLimits, Hysteresis, Mib, Predictive};

use super::candidates::{closed_forms, range_of_sizes, scan, steady};
use super::evaluation::Evaluation;
use super::evaluator::Evaluator;
use super::evidence::Evidence;
use super::machine::Machine;
use super::options::TuneOptions;
use super::pareto::{ParetoPoint, pareto};
use super::ranges::Reader;
use super::refiner::{Provenance, Refiner};
use super::scorer::{Candidate, Scorer};
use super::space::Space;
use super::time_budget::{Phase, TimeBudget};
use super::types::{NextRun, Refusal};
use crate::memory_model::MemoryModel;

/// Samples and recorded batches of all runs below which too little of the job is known for a config.
const FEWEST_OBSERVATIONS: usize = 30;
/// Sizes whose closed forms are evaluated, the best first.
const SIZES: usize = 4;
/// Of their closed forms, those evaluated again with all replays.
const FINALISTS: usize = 4;
/// Replays of the scan, of the first evaluation of closed forms, and of the comparisons of the refinement, which are
/// all on the same draws.
const SCAN_DRAWS: u32 = 48;
const FORM_DRAWS: u32 = 16;
const REFINE_DRAWS: u32 = 48;

/// Steps of a choice that the time budget does not cut, about: sizes, closed forms, refinement.
pub(super) const STEPS: usize = SCANNED + FORMS + REFINED;
const SCANNED: usize = 20;
const FORMS: usize = 8 * (SIZES + 1) + FINALISTS;
const REFINED: usize = 80;

/// What was chosen, and all that was learned on the way.
pub(super) struct Choice {
    pub(super) config: AdaptiveConfig,
    pub(super) evaluation: Evaluation,
    /// Its speed over that of the fastest size that fits.
    pub(super) speed: f64,
    pub(super) provenance: Vec<Provenance>,
    pub(super) pareto: Vec<ParetoPoint>,
    pub(super) evaluations: usize,
    /// Whether the search ended by itself.
    pub(super) completed: bool,
    /// Why the policy collects, or not.
    pub(super) collecting: String,
}

/// The config for one machine; why there is none, if so.
pub(super) fn choose(
    runs: &[Evidence],
    evaluator: &Evaluator,
    machine: &Machine,
    options: &TuneOptions,
    budget: &mut TimeBudget,
) -> Result<Choice, Refusal> {
    let observations: usize = runs.iter().map(Evidence::observations).sum();
    if observations < FEWEST_OBSERVATIONS {
        return Err(format!(
            "the runs hold {observations} readable samples and batches together; {FEWEST_OBSERVATIONS} are needed"
        )
        .into());
    }
    if evaluator.memory_model.sizes_seen.is_empty() {
        return Err("no batch size was recorded, so none can be chosen".to_owned().into());
    }
    let current = &runs.first().ok_or_else(|| "no run has readable memory".to_owned())?.run.config;
    let sizes = range_of_sizes(evaluator.memory_model, options.reader)?;
    let rest = rest_of(current, evaluator.collecting.worth, machine, options.reader);
    let space = Space { limit_mb: evaluator.limit_mb(), reader: options.reader, sizes, rest };
    if space.ordered([0.0; 5]).is_none() {
        return Err(too_small(&space).into());
    }
    let scanned = scan(evaluator, &space, SCAN_DRAWS, budget);
    budget.reach(SCANNED);
    let fitting = scanned.values().filter(|evaluation| evaluator.fits(evaluation));
    let fastest = fitting.map(|evaluation| evaluation.speed).fold(0.0, f64::max);
    let scorer = Scorer { evaluator, space: &space, fastest, current };
    let (mut best, mut evaluations) = (None, scanned.len());
    for sizes in promising(&scorer, &scanned)? {
        let (found, evaluated) = best_form(&scorer, &sizes, options.draws, budget);
        (best, evaluations) = (found, evaluations + evaluated);
        if best.is_some() || budget.cut() {
            break;
        }
    }
    budget.reach(SCANNED + FORMS);
    let best = best.ok_or_else(|| {
        refusal(&scorer, &scanned, if budget.cut() { TOO_SOON } else { "no config keeps the risk" })
    })?;
    let (best, provenance) = refined(&scorer, best, options.draws, budget);
    Ok(Choice {
        provenance,
        speed: best.evaluation.speed / fastest,
        pareto: pareto(&within_risk(&scorer, &scanned), fastest),
        config: best.config,
        evaluation: best.evaluation,
        evaluations,
        completed: !budget.cut(),
        collecting: evaluator.collecting.reason.clone(),
    })
}

/// The best config refined, and where its numbers come from; as it was where the refined one does not keep the risk by
/// all replays.
fn refined(
    scorer: &Scorer,
    best: Candidate,
    draws: u32,
    budget: &mut TimeBudget,
) -> (Candidate, Vec<Provenance>) {
    let compared = REFINE_DRAWS.min(draws);
    let mut refiner = Refiner { scorer, draws: compared, budget };
    let start = scorer.candidate(best.config.clone(), compared).unwrap_or_else(|| best.clone());
    let climbed = refiner.climb(start);
    let reset = refiner.reset_insensitive(climbed);
    let refined = refiner.try_recorder_settings(reset);
    let again = scorer.candidate(refined.config.clone(), draws);
    let (last, compared) = match again.filter(|again| scorer.evaluator.fits(&again.evaluation)) {
        Some(again) => (again, refined),
        None => (best.clone(), best),
    };
    let provenance = refiner.provenance(&compared);
    (last, provenance)
}

fn too_small(space: &Space) -> String {
    format!(
        "the limit of {:.0} MiB is too small for the ranges that the config's loader enforces (critical \
         from {:.0} MiB, in order and below the limit); memtool's recorder has none: choose for it with \
         `--target recorder`",
        space.limit_mb,
        space.reader.ranges().least[4]
    )
}

/// What is not tuned: as in the run with the largest peak, without memtool's own policy.
fn rest_of(current: &AdaptiveConfig, collect: bool, machine: &Machine, reader: Reader) -> AdaptiveConfig {
    let seconds = current.monitoring_interval_seconds;
    AdaptiveConfig {
        enabled: true,
        auto_gc_enabled: collect,
        // A net below the limit costs nothing, whatever the recorded run had.
        fallback_enabled: true,
        monitoring_interval_seconds: if seconds.is_finite() { seconds.clamp(0.1, 60.0) } else { 1.0 },
        history_size: current.history_size.clamp(10, 1000),
        // The existing manager's limits on available memory are fixed, whatever the machine.
        available_limits: match reader {
            Reader::Existing => AvailableLimits::default(),
            Reader::Recorder => {
                AvailableLimits::scaled_to(Mib::new(machine.total_mb.unwrap_or(machine.limit_mb)))
            }
        },
        hysteresis: Hysteresis::default(),
        gc_cooldown_share: 0.0,
        // The bound rests on sizes by level.
        predictive: Predictive::default(),
        ..current.clone()
    }
}

/// The sizes that fit with the upper bounds of their peaks, a few at a time: the best and the largest of all first, then what is
/// left. More replays may find that the best, near the limit, do not keep the risk.
fn promising(scorer: &Scorer, scanned: &BTreeMap<u32, Evaluation>) -> Result<Vec<Vec<(u32, f64)>>, Refusal> {
    let mut fitting: Vec<(&u32, &Evaluation)> =
        scanned.iter().filter(|(_, evaluation)| scorer.evaluator.fits(evaluation)).collect();
    let Some(largest) = fitting.last().copied() else {
        return Err(refusal(scorer, scanned, "no batch size fits"));
    };
    fitting.sort_by(|a, b| scorer.worth(a.1).total_cmp(&scorer.worth(b.1)));
    let beyond = fitting.iter().position(|(size, _)| *size == largest.0).filter(|place| *place >= SIZES);
    if let Some(place) = beyond {
        fitting[SIZES..=place].rotate_right(1);
    }
    let bounds: Vec<(u32, f64)> =
        fitting.iter().map(|(size, evaluation)| (**size, evaluation.peak_upper_mb)).collect();
    let (best, rest) = bounds.split_at((SIZES + usize::from(beyond.is_some())).min(bounds.len()));
    Ok(std::iter::once(best).chain(rest.chunks(SIZES)).map(<[(u32, f64)]>::to_vec).collect())
}

/// Why nothing fits, by the size with the smallest peak.
fn refusal(scorer: &Scorer, scanned: &BTreeMap<u32, Evaluation>, what: &str) -> Refusal {
    let evaluator = scorer.evaluator;
    let least = scanned.iter().min_by(|a, b| evaluator.excess(a.1).total_cmp(&evaluator.excess(b.1)));
    let Some((size, evaluation)) = least else { return "no readable sample".to_owned().into() };
    let unproven =
        if evaluation.bounds_only { ", by a model that does not give back the recorded run," } else { "" };
    let growth = evaluator.growth.message.as_ref().map_or_else(String::new, |message| format!("; {message}"));
    let (next_step, next_run) = next_step(evaluator);
    let predicted = evaluator.predicted_within_limit().map_or_else(String::new, |peak| {
        format!("; predicted sizes ended at {peak:.0} MiB, within the limit: keep `predictive` meanwhile")
    });
    let reason = format!(
        "{what}: at {size}{unproven} the peak may reach {:.0} MiB with the stated risk (median {:.0} MiB){}, in the run \
         started {}, of {:.0} MiB that the job may use{growth}{predicted}; {next_step}",
        evaluation.peak_upper_mb,
        evaluation.median_mb,
        evaluation.uncounted(),
        evaluator.worst_run(evaluation).started,
        evaluator.limit_mb(),
    );
    Refusal { reason, next_run }
}

/// What would help where nothing fits: in words, and as the run to record.
fn next_step(evaluator: &Evaluator) -> (String, Option<NextRun>) {
    let outside_mb = evaluator.memory_model.outside_peak_mb();
    if outside_mb >= evaluator.limit_mb() {
        let text = format!(
            "work outside of batches (a load, a merge) alone reaches {outside_mb:.0} MiB, which no batch size changes"
        );
        return (text, None);
    }
    let only = if evaluator.memory_model.identifiable() { "" } else { "only one batch size was recorded; " };
    let next_run = NextRun::of_size(next_size(evaluator.memory_model));
    let text = format!(
        "{only}next, record a run with the batch size fixed at {}, and run `memtool tune` on both recordings",
        next_run.batch_size
    );
    (text, Some(next_run))
}

/// The smallest size that was recorded; half of it where a run was fixed at it already, or where no other was seen: two sizes tell
/// what an item needs.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the size of a batch")]
fn next_size(memory_model: &MemoryModel) -> u32 {
    let smallest = memory_model.sizes_seen.first().copied().unwrap_or(1.0);
    let fixed = memory_model.models.iter().any(|model| model.fixed == Some(smallest));
    let size = if fixed || !memory_model.identifiable() { smallest / 2.0 } else { smallest };
    size.clamp(1.0, f64::from(u32::MAX)) as u32
}

/// Why there is none, where more time might have found one.
const TOO_SOON: &str = "the time budget ended before a config was found that keeps the risk";

/// The best closed form by all replays, and how many were evaluated. Without time for that, the first that keeps
/// the risk, of the most promising.
fn best_form(
    scorer: &Scorer,
    sizes: &[(u32, f64)],
    draws: u32,
    budget: &mut TimeBudget,
) -> (Option<Candidate>, usize) {
    let in_time = |_: &AdaptiveConfig| budget.step(Phase::Forms);
    let forms: Vec<AdaptiveConfig> = closed_forms(scorer.space, sizes);
    let first = forms.first().cloned();
    let mut forms: Vec<AdaptiveConfig> = forms.into_iter().filter(in_time).collect();
    // One is evaluated in any case.
    forms.extend(first.filter(|_| forms.is_empty()));
    let mut order = scorer.candidates(forms, FORM_DRAWS);
    let evaluations = order.len();
    order.sort_by(|a, b| a.score.total_cmp(&b.score));
    let mut best: Option<Candidate> = None;
    for (place, form) in order.into_iter().enumerate() {
        let late = !budget.step(Phase::Refine);
        let enough = place >= FINALISTS;
        // Beyond the finalists, or the time, only until one keeps the risk; and never far beyond both.
        if (best.is_some() && (enough || late)) || (enough && late) {
            break;
        }
        let again = scorer.candidate(form.config, draws).filter(|c| scorer.evaluator.fits(&c.evaluation));
        best = match (best, again) {
            (Some(best), Some(again)) if again.score < best.score => Some(again),
            (best, again) => best.or(again),
        };
    }
    (best, evaluations)
}

/// The scanned sizes that keep the risk, each as a config.
fn within_risk(scorer: &Scorer, scanned: &BTreeMap<u32, Evaluation>) -> Vec<Candidate> {
    let fitting = scanned.iter().filter(|(_, evaluation)| scorer.evaluator.fits(evaluation));
    fitting
        .filter_map(|(size, evaluation)| {
            let config = steady(scorer.space, *size, evaluation.peak_upper_mb)?;
            let score = scorer.score(&config, evaluation);
            Some(Candidate { config, evaluation: evaluation.clone(), score })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use memtool_tracegen::SyntheticRun;

    use super::*;
    use crate::memory_model::memory_model;
    use crate::tune::evidence::Growth;

    #[test]
    fn all_sizes_that_fit_are_tried_in_the_end_and_the_best_and_the_largest_first() {
        let run = SyntheticRun::sawtooth(200.0, 0.3, &[100, 200, 400, 800], 6).recorded().run();
        let evidence = [Evidence { run: &run, leak: None }];
        let (model, growth) = (memory_model(&[&run]), Growth::of(&evidence));
        let evaluator = Evaluator::new(&evidence, (&model, &growth), 560.0, 0.01, 1);
        let space = Space {
            limit_mb: 560.0,
            reader: Reader::Recorder,
            sizes: (50, 1600),
            rest: AdaptiveConfig::default(),
        };
        let scanned = scan(&evaluator, &space, 16, &mut TimeBudget::new(STEPS, &mut |_, _| 1.0));
        let scorer = Scorer { evaluator: &evaluator, space: &space, fastest: 1.0, current: &run.config };
        let tried = promising(&scorer, &scanned).expect("sizes that fit");
        let fits = |size: &u32| evaluator.fits(&scanned[size]);
        let fitting: Vec<u32> = scanned.keys().copied().filter(fits).collect();
        assert!(fitting.len() > SIZES + 1 && fitting.len() < scanned.len(), "{fitting:?}");
        let largest = fitting.last().expect("sizes");
        assert!(tried[0].iter().any(|(size, _)| size == largest), "{tried:?}");
        let worth = |few: &[(u32, f64)]| few.iter().map(|(size, _)| scorer.worth(&scanned[size])).collect();
        let (first, rest): (Vec<f64>, Vec<f64>) = (worth(&tried[0][..SIZES]), worth(&tried[1..].concat()));
        assert!(first.iter().all(|best| rest.iter().all(|other| best <= other)), "{tried:?}");
        let mut all: Vec<u32> = tried.concat().into_iter().map(|(size, _)| size).collect();
        all.sort_unstable();
        assert_eq!(all, fitting);
    }
}
