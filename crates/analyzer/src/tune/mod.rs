//! What to put into a config for a machine, and why.
//!
//! The runs tell how memory answers to the batch size. The high size is the largest whose
//! upper predicted peak, over all runs, stays within a share of the machine's limit; the other
//! sizes and the thresholds follow from it and from the limit. Every value carries its reason.
//! Where the data or the machine cannot carry a config, none is given, and the reason is.
//!
//! A threshold cannot stop a batch that has begun: what keeps a job alive is the size, and the
//! thresholds are placed so that they do not make it flap.
//!
//! Limits: no search over thresholds, no weighing of speed against memory; with many runs the
//! sixteen with the largest peaks are looked at.

mod backtest;
mod baseline;
mod choose;
mod machine;
mod ranges;
#[cfg(test)]
mod tests;
mod thresholds;

use std::collections::BTreeMap;

use memtool_profile_model::{AdaptiveConfig, AvailableLimits, MemoryThresholds, Mib, Run};

pub use backtest::Backtest;
pub use baseline::{Baseline, Baselines};
pub use machine::Machine;
pub use memtool_profile_model::reserve_mb;
pub use ranges::fits_loader;

use crate::respond::{Response, respond};
use crate::simulate::Prediction;

/// Setting → why it has its value.
pub type Reasons = BTreeMap<String, String>;

/// How to tune.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TuneOptions {
    /// Share of the limit that a predicted peak may reach.
    pub safe_share: f64,
    /// A further factor on that share, from 0 to 1.
    pub safety: f64,
    /// Replays per prediction.
    pub draws: u32,
    /// Start of the random numbers.
    pub seed: u64,
}

impl Default for TuneOptions {
    fn default() -> Self {
        Self { safe_share: 0.90, safety: 0.95, draws: 200, seed: 0x6D65_6D74_6F6F_6C00 }
    }
}

/// The configs for some machines.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuning {
    /// How memory answers to the batch size.
    pub response: Response,
    /// One entry per machine, in the order asked for.
    pub machines: Vec<MachineTuning>,
}

/// The config for one machine, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub struct MachineTuning {
    /// The machine.
    pub machine: Machine,
    /// The config; `None` where the data or the machine cannot carry one.
    pub chosen: Option<AdaptiveConfig>,
    /// Why there is no config, if so.
    pub refused: Option<String>,
    /// The worst prediction for the config, over the runs.
    pub predicted: Option<Prediction>,
    /// How the choice held on runs it was not made from.
    pub backtest: Backtest,
    /// What simpler rules would give.
    pub baselines: Baselines,
    /// Why each value.
    pub reasons: Reasons,
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

/// Tunes a config from the runs of one job for each machine.
///
/// Runs of fewer than 30 snapshots and recorded batches together are left out; without any other,
/// every machine is refused.
#[must_use]
pub fn tune(runs: &[&Run], machines: &[Machine], options: &TuneOptions) -> Tuning {
    let seen = |run: &Run| {
        let readable = run.snapshots.iter().filter(|s| s.rss.is_some()).count();
        let peaks = run.batches.iter().filter(|b| b.rss_peak.is_some()).count();
        if readable == 0 { 0 } else { readable + peaks }
    };
    let enough = |run: &&&Run| seen(run) >= FEWEST_SAMPLES;
    let runs: Vec<&Run> = runs.iter().filter(enough).copied().collect();
    let runs = runs.as_slice();
    let response = respond(runs);
    let worst = choose::worst_first(runs, &response);
    let tune_one = |machine: &Machine| tune_machine(runs, &worst, &response, machine, options);
    Tuning { machines: machines.iter().map(tune_one).collect(), response }
}

fn tune_machine(
    all: &[&Run],
    worst: &[&Run],
    response: &Response,
    machine: &Machine,
    options: &TuneOptions,
) -> MachineTuning {
    let mut reasons = Reasons::new();
    let (chosen, predicted, refused) = match choose::choose(worst, response, machine, options, &mut reasons) {
        Ok((config, predicted)) => (Some(config), Some(predicted), None),
        Err(reason) => (None, None, Some(reason)),
    };
    if refused.is_some() {
        reasons.clear();
    }
    let (krr, vpa) = baseline::request_rules(all, machine.limit_mb);
    MachineTuning {
        machine: machine.clone(),
        chosen,
        refused,
        predicted,
        backtest: backtest::backtest(worst, response, machine, options),
        baselines: Baselines { seed: seed_rule(worst, response, machine, options), krr, vpa },
        reasons,
    }
}

/// The existing factory's thresholds for the limit with the default batch sizes.
fn seed_rule(
    runs: &[&Run],
    response: &Response,
    machine: &Machine,
    options: &TuneOptions,
) -> Option<Baseline> {
    let limit = Mib::new(machine.limit_mb);
    let config = AdaptiveConfig {
        thresholds: MemoryThresholds::from_limit(limit),
        available_limits: AvailableLimits::scaled_to(Mib::new(machine.total_mb.unwrap_or(machine.limit_mb))),
        ..AdaptiveConfig::default()
    };
    let peak = choose::worst_prediction(runs, response, &config, machine, options)?.peak_rss_mb?;
    let limit_mb = machine.limit_mb;
    Some(Baseline { peak_mb: peak.high, limit_mb, fits: peak.high <= limit_mb })
}
