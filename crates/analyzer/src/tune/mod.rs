//! What to put into a config for a machine, why, and whether that advice would have held.
//!
//! The config is the fastest whose worst run, over all runs given, exceeds the job's memory with at most
//! the stated risk. How memory and time depend on the batch size comes from `memory_model` and `simulate`
//! (`evaluator`). Sizes over the allowed range are evaluated as if they were fixed, then closed forms of the best
//! (`candidates`, `choose`); numbers without effect go back to their defaults, the others carry their
//! next-best value and its cost (`refiner`). The same bound is tested on runs that were left out
//! (`backtest`), beside simpler rules (`baselines`).
//!
//! A threshold cannot stop a batch that has begun: what keeps a job alive is the size, and the
//! thresholds are placed so that they do not make it flap.
//!
//! Limits: what no run has shown — other data, other operations, longer runs without a leak
//! verdict — is not foreseen; of many runs the sixteen with the largest peaks are used.

mod backtest;
mod baselines;
mod candidates;
mod choose;
mod collecting;
mod evaluation;
mod evaluator;
mod evidence;
mod job_evidence;
mod machine;
mod needed;
mod operations;
mod options;
mod parameter;
mod pareto;
mod peak_bound;
mod ranges;
mod refiner;
mod scorer;
mod space;
#[cfg(test)]
mod tests;
mod time_budget;
mod types;

use std::rc::Rc;

use memtool_profile_model::Run;

pub use backtest::{Backtest, LeftOut, Score};
pub use baselines::{Baseline, Baselines};
pub use evidence::{Evidence, Growth};
pub use machine::Machine;
pub use memtool_policy::reserve_mb;
pub use needed::NeededMemory;
pub use operations::OperationSize;
pub use options::TuneOptions;
pub use pareto::ParetoPoint;
pub use ranges::Reader;
pub use refiner::{NextBest, Provenance};
pub use types::{Expected, MachineTuning, NextRun, Reasons, Tuning};

use crate::memory_model::{left_out, memory_model};
use backtest::LeftOutRuns;
use job_evidence::JobEvidence;

/// Of many runs, those with the largest peaks are used.
const MOST_RUNS: usize = 16;

/// Tunes a config from the runs of one job for each machine.
///
/// Runs without a readable peak, and those beyond the sixteen with the largest peaks, are left out, and
/// `notes` counts them; fewer than 30 snapshots and recorded batches in all runs together refuse every machine. `remaining_share` takes, machine by machine, the steps done and their total,
/// and answers what share of the machine's time remains, 1 where there is no budget. Scan, refinement and
/// back-test end with what they have when time runs out, each leaving some to the next.
#[must_use]
pub fn tune(
    runs: &[Evidence],
    machines: &[Machine],
    options: &TuneOptions,
    mut remaining_share: impl FnMut(&Machine, usize, usize) -> f64,
) -> Tuning {
    let (runs, notes) = usable(runs);
    let plain: Vec<&Run> = runs.iter().map(|evidence| evidence.run).collect();
    let (memory_model, growth) = (memory_model(&plain), Growth::of(&runs));
    let job = JobEvidence {
        runs: &runs,
        memory_model: &memory_model,
        growth: &growth,
        simulators: Rc::default(),
        left_out: LeftOutRuns::default(),
    };
    let machines = machines
        .iter()
        .map(|machine| job.tune(machine, options, &mut |done, total| remaining_share(machine, done, total)))
        .collect();
    let no_batches = memory_model.sizes_seen.is_empty();
    let needed = if no_batches { NeededMemory::of(&runs, &growth, options.risk) } else { None };
    Tuning { machines, memory_model, growth, needed, notes }
}

/// The runs to tune from, the largest peak first, and what was left out by which rule.
fn usable<'a>(runs: &[Evidence<'a>]) -> (Vec<Evidence<'a>>, Vec<String>) {
    let mut notes = left_out(&runs.iter().map(|evidence| evidence.run).collect::<Vec<_>>());
    let mut usable: Vec<Evidence> = runs.iter().filter(|run| run.peak_mb().is_some()).copied().collect();
    // The largest first: they decide, and the current config is that of the first.
    usable.sort_by(|a, b| b.peak_mb().unwrap_or(0.0).total_cmp(&a.peak_mb().unwrap_or(0.0)));
    if usable.len() > MOST_RUNS {
        let over = usable.len() - MOST_RUNS;
        notes.push(format!(
            "{over} of {} runs left out: the {MOST_RUNS} with the largest peaks are used",
            runs.len()
        ));
        usable.truncate(MOST_RUNS);
    }
    (usable, notes)
}
