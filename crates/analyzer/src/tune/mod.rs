//! What to put into a config for a machine, why, and whether that advice would have held.
//!
//! The config is the fastest whose worst run, over all runs given, passes the job's memory with
//! the stated risk only. How memory answers comes from `respond` and `simulate`, how speed
//! answers from the batches (`pace`). A closed-form seed, 200 scattered and 400 pattern
//! evaluations look for it (`search`); numbers without effect go back to their defaults, the
//! others carry their next-best value and its cost (`settle`). The same bound is tested on
//! runs that were left out (`backtest`), beside simpler rules (`baseline`).
//!
//! A threshold cannot stop a batch that has begun: what keeps a job alive is the size, and the
//! thresholds are placed so that they do not make it flap.
//!
//! Limits: what no run has shown — other data, other operations, longer runs without a leak
//! verdict — is not foreseen; with many runs the sixteen with the largest peaks are looked at.

mod backtest;
mod baseline;
mod choose;
mod collecting;
mod evidence;
mod front;
mod machine;
mod outlook;
mod pace;
mod parameter;
mod ranges;
mod search;
mod seed;
mod settle;
mod space;
#[cfg(test)]
mod tests;
mod watch;

use std::collections::BTreeMap;

use memtool_profile_model::{AdaptiveConfig, Run};

pub use backtest::{Backtest, LeftOut, Score};
pub use baseline::{Baseline, Baselines};
pub use evidence::{Evidence, Growth};
pub use front::FrontPoint;
pub use machine::Machine;
pub use memtool_policy::reserve_mb;
pub use ranges::{Reader, fits_loader, fits_reader};
pub use settle::{NextBest, Provenance};

use crate::respond::{Response, respond};
use crate::simulate::Prediction;
use choose::{Choice, choose};
use outlook::Outlook;
use pace::Pace;
use watch::Watch;

/// Setting → why it has its value.
pub type Reasons = BTreeMap<String, String>;

/// How to tune.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TuneOptions {
    /// Chance of a run being killed that is allowed, from 0.0001 to 0.5.
    pub risk: f64,
    /// Who reads the config.
    pub reader: Reader,
    /// Replays per prediction of what is given.
    pub draws: u32,
    /// Start of the random numbers.
    pub seed: u64,
}

impl Default for TuneOptions {
    fn default() -> Self {
        Self { risk: 0.01, reader: Reader::Existing, draws: 200, seed: 0x6D65_6D74_6F6F_6C00 }
    }
}

/// The configs for some machines.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuning {
    /// How memory answers to the batch size.
    pub response: Response,
    /// What a leak adds.
    pub growth: Growth,
    /// One entry per machine, in the order asked for.
    pub machines: Vec<MachineTuning>,
}

/// What the config is expected to do, with the stated risk.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Promise {
    /// Chance that the worst run passes `bound_mb`.
    pub risk: f64,
    /// Memory that the worst run's peak passes with that chance only.
    pub bound_mb: f64,
    /// Mean of the peaks beyond it.
    pub tail_mb: f64,
    /// Median peak of the worst run.
    pub median_mb: f64,
    /// Items per second over those of the fastest size that fits, in the slowest quarter of the runs.
    pub speed: f64,
    /// Whether that speed was measured at several sizes.
    pub speed_measured: bool,
    /// What a leak would add to the worst run, were it as long as the longest, in MiB.
    pub leak_mb: f64,
    /// How long a run may take until a leak reaches the limit; null without a leak.
    pub minutes: Option<f64>,
    /// Configs that were tried.
    pub evaluations: usize,
    /// Whether search and second look came to their own end.
    pub finished: bool,
}

/// The config for one machine, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub struct MachineTuning {
    /// The machine.
    pub machine: Machine,
    /// The memory the job may use there, less what others were seen to take.
    pub usable_mb: f64,
    /// The config; `None` where the data or the machine cannot carry one.
    pub chosen: Option<AdaptiveConfig>,
    /// Why there is no config, if so.
    pub refused: Option<String>,
    /// The prediction for the config on the worst run.
    pub predicted: Option<Prediction>,
    /// What the config is expected to do.
    pub promise: Option<Promise>,
    /// How the promise held on runs it was not made from.
    pub backtest: Backtest,
    /// What simpler rules would give.
    pub baselines: Baselines,
    /// Why each value.
    pub reasons: Reasons,
    /// The same in figures.
    pub provenance: Vec<Provenance>,
    /// What speed costs in memory, from the smallest peak.
    pub front: Vec<FrontPoint>,
}

impl MachineTuning {
    /// Whether there is a config.
    #[must_use]
    pub fn feasible(&self) -> bool {
        self.chosen.is_some()
    }
}

/// Snapshots and recorded batches below which a run shows too little of its job to rest a config on.
const FEWEST_SAMPLES: usize = 30;
/// Of many runs, those with the largest peaks are looked at.
const MOST_RUNS: usize = 16;

/// Tunes a config from the runs of one job for each machine.
///
/// Runs of fewer than 30 snapshots and recorded batches together are left out; without any other,
/// every machine is refused. `left` hears, machine by machine, how many steps were done, and of how many,
/// and answers what share of the machine's time is left, 1 where there is no end. The search, the second look and
/// the back-test end with what they have where time runs out, each leaving some to the next.
#[must_use]
pub fn tune(
    runs: &[Evidence],
    machines: &[Machine],
    options: &TuneOptions,
    mut left: impl FnMut(&Machine, usize, usize) -> f64,
) -> Tuning {
    let mut runs: Vec<Evidence> = runs.iter().filter(|run| shows_enough(run.run)).copied().collect();
    // The largest first: they decide, and the current config is that of the first.
    runs.sort_by(|a, b| b.peak_mb().unwrap_or(0.0).total_cmp(&a.peak_mb().unwrap_or(0.0)));
    runs.truncate(MOST_RUNS);
    let plain: Vec<&Run> = runs.iter().map(|evidence| evidence.run).collect();
    let (response, pace, growth) = (respond(&plain), Pace::of(&runs), Growth::of(&runs));
    let known = Known { runs: &runs, response: &response, pace: &pace, growth: &growth };
    let machines = machines
        .iter()
        .map(|machine| known.tune(machine, options, &mut |i, n| left(machine, i, n)))
        .collect();
    Tuning { machines, response, growth }
}

fn shows_enough(run: &Run) -> bool {
    let readable = run.snapshots.iter().filter(|s| s.rss.is_some()).count();
    let peaks = run.batches.iter().filter(|b| b.rss_peak.is_some()).count();
    readable > 0 && readable + peaks >= FEWEST_SAMPLES
}

/// What all machines share.
struct Known<'a> {
    runs: &'a [Evidence<'a>],
    response: &'a Response,
    pace: &'a Pace,
    growth: &'a Growth,
}

impl Known<'_> {
    fn tune(
        &self,
        machine: &Machine,
        options: &TuneOptions,
        left: &mut dyn FnMut(usize, usize) -> f64,
    ) -> MachineTuning {
        let mut watch = Watch::new(choose::STEPS + 2 * self.runs.len() + 1, left);
        let others_mb = self.runs.iter().map(Evidence::others_mb).fold(0.0, f64::max);
        let usable_mb = machine.usable_mb(others_mb);
        let parts = (self.response, self.pace, self.growth);
        let outlook = Outlook::new(self.runs, parts, usable_mb, options.risk, options.seed);
        let outcome = choose(self.runs, &outlook, machine, options, &mut watch);
        watch.reach(choose::STEPS);
        let mut tuning = MachineTuning {
            machine: machine.clone(),
            usable_mb,
            chosen: None,
            refused: None,
            predicted: None,
            promise: None,
            backtest: backtest::backtest(self.runs, usable_mb, options, &mut watch),
            baselines: baseline::baselines(self.runs, &outlook, usable_mb, &mut watch),
            reasons: Reasons::new(),
            provenance: Vec::new(),
            front: Vec::new(),
        };
        match outcome {
            Ok(choice) => self.fill(&mut tuning, choice, options),
            Err(reason) => tuning.refused = Some(reason),
        }
        tuning
    }

    fn fill(&self, tuning: &mut MachineTuning, choice: Choice, options: &TuneOptions) {
        let view = &choice.view;
        let left = (tuning.usable_mb - view.charged_mb()) / self.growth.mb_per_min;
        let longest = self.runs.iter().map(Evidence::minutes).fold(0.0, f64::max);
        tuning.promise = Some(Promise {
            risk: options.risk,
            bound_mb: view.bound_mb,
            tail_mb: view.tail_mb,
            median_mb: view.median_mb,
            speed: choice.speed,
            speed_measured: self.pace.measured,
            leak_mb: self.growth.extra_mb.get(view.worst).copied().unwrap_or(0.0),
            minutes: (self.growth.mb_per_min > 0.0).then_some(longest + left),
            evaluations: choice.evaluations,
            finished: choice.finished,
        });
        tuning.predicted = Some(view.prediction.clone());
        tuning.reasons =
            choice.provenance.iter().map(|p| (p.parameter.to_owned(), p.reason.clone())).collect();
        tuning.reasons.insert("auto_gc_enabled".to_owned(), choice.collecting.clone());
        tuning.reasons.extend(self.further_reasons(tuning.usable_mb, &choice.config, options.reader));
        tuning.provenance = choice.provenance;
        tuning.front = choice.front;
        tuning.chosen = Some(choice.config);
    }

    /// Why what is not searched has its value.
    fn further_reasons(
        &self,
        usable_mb: f64,
        config: &AdaptiveConfig,
        reader: Reader,
    ) -> Vec<(String, String)> {
        let floor = config.available_limits.moderate_mb.get();
        let acts_at = (usable_mb - floor).max(0.0);
        let verdict = if acts_at < config.thresholds.moderate_mb.get() { "before" } else { "after" };
        let fixed = match reader {
            Reader::Existing => "fixed in the existing manager, whatever the thresholds say",
            Reader::Recorder => "scaled to a small machine",
        };
        let mut reasons = vec![
            (
                "available_limits".to_owned(),
                format!(
                    "with nothing else running, available memory reaches the floor of {floor:.0} MiB at \
                     {acts_at:.0} MiB of the job's memory, {verdict} moderate_mb; {fixed}"
                ),
            ),
            (
                "monitoring_interval_seconds".to_owned(),
                "as in the recorded run with the largest peak".to_owned(),
            ),
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
}
