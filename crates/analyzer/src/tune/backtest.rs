//! Would the choice have held for a run it was not made from?
//!
//! Each run is left out once: the size is chosen from the others, and their upper predicted
//! peak at that size is the promise. The left-out run moved to that size (median; if it was
//! recorded at that very size, its own peak) must stay at or below the promise.

use memtool_profile_model::Run;
use serde::Serialize;

use super::choose::{always, high_size, simulation};
use super::machine::Machine;
use super::{Reasons, TuneOptions};
use crate::respond::{Response, respond};
use crate::simulate::simulate;

/// How the choice held on runs it was not made from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Backtest {
    /// Runs left out and judged.
    pub runs: usize,
    /// Those whose peak lies above the promise.
    pub violations: usize,
    /// Mean of promise less peak; `None` if no run was judged.
    pub slack_mb: Option<f64>,
    /// Why runs are missing, if so.
    pub note: Option<String>,
}

pub(super) fn backtest(
    runs: &[&Run],
    response: &Response,
    machine: &Machine,
    options: &TuneOptions,
) -> Backtest {
    if runs.len() < 2 {
        let note = Some("only one run: nothing to leave out".to_owned());
        return Backtest { runs: 0, violations: 0, slack_mb: None, note };
    }
    let slacks: Vec<f64> =
        (0..runs.len()).filter_map(|left_out| slack(runs, left_out, response, machine, options)).collect();
    let withheld = runs.len() - slacks.len();
    Backtest {
        runs: slacks.len(),
        violations: slacks.iter().filter(|slack| **slack < 0.0).count(),
        slack_mb: (!slacks.is_empty()).then(|| slacks.iter().sum::<f64>() / count(slacks.len())),
        note: (withheld > 0).then(|| format!("for {withheld} runs the others alone carry no choice")),
    }
}

fn slack(
    runs: &[&Run],
    left_out: usize,
    response: &Response,
    machine: &Machine,
    options: &TuneOptions,
) -> Option<f64> {
    let others: Vec<&Run> =
        runs.iter().enumerate().filter(|(i, _)| *i != left_out).map(|(_, run)| *run).collect();
    let (size, promise) =
        high_size(&others, &respond(&others), machine, options, &mut Reasons::new()).ok()?;
    let moved = simulate(&[runs[left_out]], response, &always(size), &simulation(options, None));
    Some(promise - moved.peak_rss_mb?.median)
}

#[expect(clippy::cast_precision_loss, reason = "a count of runs")]
fn count(n: usize) -> f64 {
    n as f64
}
