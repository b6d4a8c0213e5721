//! Replays a config, or a fixed size, over all runs: the worst of them and the tail.
//!
//! A config under which the replay never uses more than one size is that fixed size: its peak
//! is then predicted without the doubt of a steered replay.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use memtool_profile_model::{AdaptiveConfig, OptimizationLevel, Run};

use super::collecting::Collecting;
use super::evaluation::Evaluation;
use super::evidence::{Evidence, Growth};
use super::peak_bound::{NORMAL_95, cvar, upper};
use crate::memory_model::run_model::RunKey;
use crate::memory_model::{Interval, MemoryModel};
use crate::simulate::{Prediction, Scenario, SimulateOptions, Simulator};

/// Peaks of repeats of a fixed size differ by so much.
const REPEATS: f64 = 0.03;
/// A bound that rests on a model which does not give back its run counts as this much over the limit.
const UNPROVEN: f64 = 1.0;
/// The share of runs that the speed is read from: the slowest quarter.
const SLOWEST: f64 = 0.25;

/// What the runs say, once for all configs.
pub(super) struct Evaluator<'a> {
    runs: &'a [Evidence<'a>],
    /// The size of each run that had one throughout, and ran to its end; and the run's minutes. Both take a pass over
    /// its samples, and are asked for again and again.
    ran_fixed: Vec<Option<u32>>,
    minutes: Vec<f64>,
    pub(super) memory_model: &'a MemoryModel,
    pub(super) growth: &'a Growth,
    pub(super) collecting: Collecting,
    limit_mb: f64,
    /// Chance of being killed that is allowed.
    risk: f64,
    seed: u64,
    /// Whether the runs' own machines are replayed, rather than one with this limit.
    as_recorded: bool,
    /// Whether the model is of one operation, so that the peaks of whole runs say nothing.
    one_operation: bool,
    /// Predictions for fixed sizes, by run, size and draws: asked again and again.
    fixed: RefCell<BTreeMap<(usize, u32, u32), Prediction>>,
    simulators: Rc<Simulators<'a>>,
}

/// What all scenarios share, by run: it does not depend on the limit.
pub(super) type Simulators<'a> = RefCell<BTreeMap<usize, Simulator<'a>>>;

/// Whether a run tells the peak, the prediction for it, and its speed.
type Steered = (bool, Prediction, f64);

/// Numbers of draws that are kept at a time, about: 64 MB.
const KEPT: usize = 8_000_000;

impl<'a> Evaluator<'a> {
    pub(super) fn new(
        runs: &'a [Evidence<'a>],
        (memory_model, growth): (&'a MemoryModel, &'a Growth),
        limit_mb: f64,
        risk: f64,
        seed: u64,
    ) -> Self {
        let collecting = Collecting::of(runs);
        Self {
            runs,
            ran_fixed: runs.iter().map(|run| run.fixed_size().filter(|_| !run.run.is_cut_off())).collect(),
            minutes: runs.iter().map(Evidence::minutes).collect(),
            memory_model,
            growth,
            collecting,
            limit_mb,
            risk,
            seed,
            as_recorded: false,
            one_operation: false,
            fixed: RefCell::default(),
            simulators: Rc::default(),
        }
    }

    /// The same with the simulators of another limit, for the same runs and model.
    pub(super) fn sharing(self, simulators: &Rc<Simulators<'a>>) -> Self {
        Self { simulators: Rc::clone(simulators), ..self }
    }

    /// The same on the machines that the runs were recorded on.
    pub(super) fn on_own_machines(self) -> Self {
        Self { as_recorded: true, ..self }
    }

    /// The same for a model of one operation of the runs.
    pub(super) fn of_one_operation(self) -> Self {
        Self { one_operation: true, ..self }
    }

    pub(super) fn limit_mb(&self) -> f64 {
        self.limit_mb
    }

    /// What a fixed size would do.
    pub(super) fn of_size(&self, size: u32, draws: u32) -> Option<Evaluation> {
        self.over_runs(|place| {
            let speed = self.items_per_second(size);
            Some((self.tells_fixed(place), self.of_fixed(place, size, draws), speed))
        })
    }

    /// What a config would do.
    pub(super) fn of_config(&self, config: &AdaptiveConfig, draws: u32) -> Option<Evaluation> {
        self.of_configs(std::slice::from_ref(config), draws).pop().flatten()
    }

    /// What each of some configs would do: faster than one after the other.
    pub(super) fn of_configs(&self, configs: &[AdaptiveConfig], draws: u32) -> Vec<Option<Evaluation>> {
        self.over_configs(configs, draws, false)
    }

    /// The same, but a config that some run cannot carry is left at that: no other run makes it fit again. Its
    /// evaluation is of the runs so far.
    pub(super) fn evaluate_until_infeasible(
        &self,
        configs: &[AdaptiveConfig],
        draws: u32,
    ) -> Vec<Option<Evaluation>> {
        self.over_configs(configs, draws, true)
    }

    fn over_configs(
        &self,
        configs: &[AdaptiveConfig],
        draws: u32,
        stop_early: bool,
    ) -> Vec<Option<Evaluation>> {
        let mut going: Vec<usize> = (0..configs.len()).collect();
        let mut seen: Vec<Vec<Steered>> = vec![Vec::new(); configs.len()];
        // The runs with the largest peaks come first: they decide most races.
        for place in 0..self.runs.len() {
            let scenario = |index: &usize| Scenario::Config(Box::new(configs[*index].clone()));
            let scenarios: Vec<Scenario> = going.iter().map(scenario).collect();
            let predictions = self.simulator(place, draws).simulate_many(&scenarios);
            for (index, prediction) in going.iter().zip(predictions) {
                seen[*index].push(self.steered(place, &configs[*index], draws, prediction));
            }
            going.retain(|index| {
                !stop_early || !seen[*index].last().is_some_and(|one| self.passes(place, one))
            });
        }
        seen.into_iter().map(|seen| self.over_runs(|place| seen.get(place).cloned())).collect()
    }

    /// Whether one run alone passes the limit or the risk.
    fn passes(&self, place: usize, (tells, prediction, _): &Steered) -> bool {
        let bound =
            |peak| upper(peak, self.runs.len(), self.risk) + self.extra_mb(place) - uncharged(prediction);
        *tells
            && (prediction.peak_rss_mb.as_ref().is_some_and(|peak| bound(peak) > self.limit_mb)
                || surely(prediction, self.risk) > self.risk)
    }

    /// What a leak would add to a run.
    fn extra_mb(&self, place: usize) -> f64 {
        self.growth.extra_mb.get(place).copied().unwrap_or(0.0)
    }

    /// What a config does to a run, by its replay.
    fn steered(&self, place: usize, config: &AdaptiveConfig, draws: u32, steered: Prediction) -> Steered {
        let speed = self.speed(config, &steered);
        let Some(size) = only_size(config, &steered) else {
            return (self.finished(place), steered, speed);
        };
        let fixed = self.of_fixed(place, size, draws);
        let peak = Prediction {
            peak_rss_mb: fixed.peak_rss_mb,
            charged_mb: fixed.charged_mb,
            replays: fixed.replays,
            replays_killed: fixed.replays_killed,
            bounds_only: fixed.bounds_only,
            // A level that changes nothing about the size is no flapping.
            level_changes: 0.0,
            ..steered
        };
        (self.tells_fixed(place), peak, speed)
    }

    /// The simulator of a run.
    fn simulator(&self, place: usize, draws: u32) -> Simulator<'a> {
        let mut kept = self.simulators.borrow_mut();
        if kept.values().map(|simulator| simulator.drawn_numbers()).sum::<usize>() > KEPT {
            kept.clear();
        }
        let options = self.options(draws);
        let make = || Simulator::new(&[self.runs[place].run], self.memory_model, &options);
        kept.entry(place).or_insert_with(make).with(&options)
    }

    /// Median peak of one run under a config.
    pub(super) fn median_of(&self, place: usize, config: &AdaptiveConfig, draws: u32) -> Option<f64> {
        let scenario = Scenario::Config(Box::new(config.clone()));
        let prediction = self.simulator(place, draws).simulate(&scenario);
        prediction.peak_rss_mb.map(|peak| peak.median)
    }

    fn options(&self, draws: u32) -> SimulateOptions {
        let limit = Some(self.limit_mb);
        SimulateOptions {
            limit_mb: limit,
            machine_limit_mb: limit.filter(|_| !self.as_recorded),
            draws,
            seed: self.seed,
        }
    }

    /// Whether a run saw all of its work, or none did: a killed one says nothing of the rest.
    fn finished(&self, place: usize) -> bool {
        !self.runs[place].run.is_cut_off() || self.runs.iter().all(|run| run.run.is_cut_off())
    }

    /// Whether a run tells the peak of a fixed size: where two sizes or more ran fixed and to
    /// their end, those do, since nothing steered them.
    fn tells_fixed(&self, place: usize) -> bool {
        let sizes: BTreeSet<u32> = self.ran_fixed.iter().flatten().copied().collect();
        if sizes.len() > 1 { self.ran_fixed[place].is_some() } else { self.finished(place) }
    }

    fn of_fixed(&self, place: usize, size: u32, draws: u32) -> Prediction {
        let known = self.fixed.borrow().get(&(place, size, draws)).cloned();
        known.unwrap_or_else(|| {
            let scenario = Scenario::FixedBatch(size);
            let found = self.simulator(place, draws).simulate(&scenario);
            let found = self.as_it_carried(place, size, self.as_it_ran(size, found));
            self.fixed.borrow_mut().insert((place, size, draws), found.clone());
            found
        })
    }

    /// What runs of this very size, to their end, say of its peak: they are the sharpest evidence.
    fn as_it_ran(&self, size: u32, found: Prediction) -> Prediction {
        let of_size = |ran: Option<u32>| !self.one_operation && ran == Some(size);
        let ran = self.runs.iter().zip(&self.ran_fixed).filter(|(_, ran)| of_size(**ran));
        let Some(peak) = ran.filter_map(|(run, _)| run.peak_mb()).reduce(f64::max) else { return found };
        recorded(peak, found)
    }

    /// What a steered run says of a size that half of its items or more were in batches of, or of larger ones: its peak
    /// is a bound, whatever the model makes of it.
    fn as_it_carried(&self, place: usize, size: u32, found: Prediction) -> Prediction {
        let run = &self.runs[place];
        let carried = run
            .carried_size()
            .filter(|carried| !self.one_operation && f64::from(size) <= *carried && self.saw_its_end(run));
        let Some(peak) = carried.and_then(|_| run.peak_mb()) else { return found };
        let bound = recorded(peak, found.clone());
        let upper_of =
            |prediction: &Prediction| prediction.peak_rss_mb.map_or(f64::INFINITY, |peak| peak.high);
        if found.bounds_only || upper_of(&bound) < upper_of(&found) { bound } else { found }
    }

    /// Whether a run came to its end, also by what its memory says.
    fn saw_its_end(&self, run: &Evidence) -> bool {
        let key = RunKey::of(run.run);
        self.memory_model.models.iter().any(|model| model.key == key && model.finished)
    }

    /// The largest peak of runs with predicted sizes that came to their end, in MiB, where it is within the limit: what these sizes
    /// did, no fixed one is known to do.
    pub(super) fn predicted_within_limit(&self) -> Option<f64> {
        let predicted =
            self.runs.iter().filter(|run| run.run.config.predictive.enabled && self.saw_its_end(run));
        predicted.filter_map(Evidence::peak_mb).reduce(f64::max).filter(|peak| *peak <= self.limit_mb)
    }

    /// Items per second, by the time spent at each level.
    fn speed(&self, config: &AdaptiveConfig, prediction: &Prediction) -> f64 {
        let parts = shares(config, prediction);
        let all: f64 = parts.iter().map(|(share, _)| share).sum();
        let speed: f64 = parts.iter().map(|(share, size)| share * self.items_per_second(*size)).sum();
        if all > 0.0 { speed / all } else { self.items_per_second(config.batch_sizes.high) }
    }

    /// Items per second in batches of a size; 1 at any size where no batch was timed.
    fn items_per_second(&self, size: u32) -> f64 {
        1.0 / self.memory_model.seconds_per_item(f64::from(size.max(1))).unwrap_or(1.0)
    }

    fn over_runs(&self, predict: impl Fn(usize) -> Option<Steered>) -> Option<Evaluation> {
        let mut worst: Option<Evaluation> = None;
        let mut bounds_only = false;
        let (mut speeds, mut kill_share_excess, mut changes, mut gcs) =
            (Vec::new(), 0.0_f64, 0.0_f64, 0.0_f64);
        for (place, minutes) in self.minutes.iter().enumerate() {
            let Some((tells, prediction, speed)) = predict(place) else { continue };
            let Some(peak) = prediction.peak_rss_mb else { continue };
            let seconds = (60.0 * minutes).max(1.0);
            speeds.push(speed / (1.0 + prediction.gc_runs * self.collecting.pause_seconds / seconds));
            changes = changes.max(prediction.level_changes / (seconds / 60.0));
            gcs = gcs.max(prediction.gc_runs);
            if !tells {
                continue;
            }
            // The margin is in the bound below.
            kill_share_excess = kill_share_excess.max(surely(&prediction, self.risk));
            bounds_only |= prediction.bounds_only;
            let extra_mb = self.extra_mb(place);
            let peak_upper_mb = upper(&peak, self.runs.len(), self.risk) + extra_mb;
            let charged_mb = peak_upper_mb - uncharged(&prediction);
            if worst.as_ref().is_none_or(|evaluation| charged_mb > evaluation.charged_mb()) {
                worst = Some(Evaluation {
                    peak_upper_mb,
                    cvar_mb: cvar(&peak, self.runs.len(), self.risk) + extra_mb,
                    uncharged_mb: uncharged(&prediction),
                    median_mb: peak.median + extra_mb,
                    kill_share_excess: 0.0,
                    speed: 0.0,
                    changes_per_min: 0.0,
                    gc_runs: 0.0,
                    bounds_only: false,
                    worst: place,
                    prediction,
                });
            }
        }
        let speed = slowest(&mut speeds)?;
        worst.map(|evaluation| Evaluation {
            bounds_only,
            kill_share_excess,
            speed,
            changes_per_min: changes,
            gc_runs: gcs,
            ..evaluation
        })
    }

    /// The run an evaluation is the worst of.
    pub(super) fn worst_run(&self, evaluation: &Evaluation) -> &'a Run {
        self.runs[evaluation.worst].run
    }

    /// Whether the probability of a kill stays within the accepted one, by a model that gives back the recorded runs.
    pub(super) fn fits(&self, evaluation: &Evaluation) -> bool {
        evaluation.charged_mb() <= self.limit_mb
            && evaluation.kill_share_excess <= self.risk
            && !evaluation.bounds_only
    }

    /// By how much an evaluation misses the limit or the risk; 0 where it fits.
    pub(super) fn excess(&self, evaluation: &Evaluation) -> f64 {
        let over = (evaluation.charged_mb() / self.limit_mb - 1.0).max(0.0);
        let unproven = if evaluation.bounds_only { UNPROVEN } else { 0.0 };
        over + (evaluation.kill_share_excess - self.risk).max(0.0) + unproven
    }
}

/// The prediction with a recorded peak, as repeats of it would have.
fn recorded(peak: f64, found: Prediction) -> Prediction {
    Prediction {
        charged_mb: Some(peak - uncharged(&found)),
        peak_rss_mb: Some(Interval::exactly(peak).widened(NORMAL_95 * REPEATS * peak)),
        bounds_only: false,
        // Of so narrow an interval the bound decides.
        replays_killed: found.replays_killed.map(|_| 0.0),
        ..found
    }
}

/// Mapped pages at the peak, as the replays had them.
fn uncharged(prediction: &Prediction) -> f64 {
    let both = prediction.peak_rss_mb.zip(prediction.charged_mb);
    both.map_or(0.0, |(peak, charged)| (peak.median - charged).max(0.0))
}

/// The share of replays that pass the limit, less what the luck of so few draws is at the allowed risk: 95 % of
/// a binomial count.
#[expect(clippy::cast_precision_loss, reason = "a count of replays")]
fn surely(prediction: &Prediction, risk: f64) -> f64 {
    let luck = NORMAL_95 * (risk * (1.0 - risk) / prediction.replays.max(1) as f64).sqrt();
    (prediction.replays_killed.unwrap_or(0.0) - luck).max(0.0)
}

/// Shares of time at each level, with the sizes allowed there.
fn shares(config: &AdaptiveConfig, prediction: &Prediction) -> [(f64, u32); 4] {
    let share =
        prediction.level_share.map_or([0.0, 0.0, 0.0, 1.0], |s| [s.fallback, s.low, s.medium, s.high]);
    let levels = [
        OptimizationLevel::Fallback,
        OptimizationLevel::Low,
        OptimizationLevel::Medium,
        OptimizationLevel::High,
    ];
    std::array::from_fn(|i| (share[i], config.batch_sizes.size(levels[i])))
}

/// Less than this share of the time at another size is the start, before the first batch.
const START_SHARE: f64 = 0.01;

/// The one size that all batches of a replay had, if so.
fn only_size(config: &AdaptiveConfig, prediction: &Prediction) -> Option<u32> {
    let used = shares(config, prediction).into_iter().filter(|(share, _)| *share > START_SHARE);
    let mut sizes: Vec<u32> = used.map(|(_, size)| size).collect();
    sizes.dedup();
    (sizes.len() == 1).then(|| sizes[0])
}

/// Mean speed of the slowest quarter, at least one.
#[expect(clippy::cast_precision_loss, reason = "a count of runs")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count")]
fn slowest(speeds: &mut [f64]) -> Option<f64> {
    speeds.sort_by(f64::total_cmp);
    let kept = ((speeds.len() as f64 * SLOWEST).ceil() as usize).clamp(1, speeds.len().max(1));
    let kept = speeds.get(..kept)?;
    Some(kept.iter().sum::<f64>() / kept.len() as f64).filter(|speed| speed.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_quarter_sets_the_speed() {
        assert_eq!(slowest(&mut [4.0, 1.0, 2.0, 3.0, 5.0, 6.0, 7.0, 8.0]), Some(1.5));
        assert_eq!(slowest(&mut [4.0]), Some(4.0));
        assert_eq!(slowest(&mut []), None);
    }
}
