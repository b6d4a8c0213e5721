//! Would the bound have held for a run it was not made from?
//!
//! Each run is left out once, then each group of runs with the same settings. From the others
//! follows the memory that the left-out run, under the settings it really had, should pass
//! with the stated risk only: the same bound that a config is chosen by. Its recorded peak is
//! the truth. A run that was killed shows less than its peak: it can break the bound, but
//! its slack is not counted.
//!
//! Few runs prove little: beside the count of violations stands how large their true share may
//! still be (Clopper and Pearson, 95 %), and Kupiec's test whether they agree with the risk.

use std::cell::RefCell;
use std::collections::BTreeMap;

use memtool_profile_model::Run;
use serde::Serialize;
use statrs::distribution::{Beta, ChiSquared, ContinuousCDF};

use super::evaluator::Evaluator;
use super::evidence::{Evidence, Growth};
use super::options::TuneOptions;
use super::time_budget::{Phase, TimeBudget};
use crate::memory_model::memory_model;
use crate::stats::count;

/// Replays per prediction.
const DRAWS: u32 = 60;

/// One run that was left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeftOut {
    /// The run, by its start.
    pub run: String,
    /// Its settings, in short.
    pub settings: String,
    /// Median of the prediction from the other runs.
    pub predicted_mb: f64,
    /// Upper bound of the peak at the stated risk, in MiB.
    pub peak_upper_mb: f64,
    /// The recorded peak.
    pub actual_mb: f64,
    /// Whether the run ended before its time, so that its peak is not known.
    pub cut_off: bool,
}

/// How a rule held on some runs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Score {
    /// Runs judged.
    pub runs: usize,
    /// Those whose peak lies above what the rule allows.
    pub violations: usize,
    /// Mean of allowance less peak; `None` if no run was judged.
    pub slack_mb: Option<f64>,
}

/// How the bound held on runs it was not made from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Backtest {
    /// Runs left out one by one and judged.
    pub runs: usize,
    /// Those whose peak lies above the bound.
    pub violations: usize,
    /// Mean of bound less peak; `None` if no run was judged.
    pub slack_mb: Option<f64>,
    /// Median of |predicted − actual| / actual; `None` if no complete run was judged.
    pub median_error: Option<f64>,
    /// The true share of violations may be up to this, with 95 % confidence.
    pub violation_share_below: Option<f64>,
    /// Chance of so unlikely a count if the true share is the stated risk (Kupiec).
    pub kupiec_p: Option<f64>,
    /// The same with all runs of the same settings left out together.
    pub by_config: Score,
    /// The runs left out one by one.
    pub left_out: Vec<LeftOut>,
    /// Why runs are missing, if so.
    pub note: Option<String>,
}

impl Score {
    /// A rule's score from what it allows and what was reached; cut-off runs have no slack.
    pub(super) fn of(judged: &[(f64, f64, bool)]) -> Self {
        let slacks: Vec<f64> =
            judged.iter().filter(|(_, _, cut)| !cut).map(|(allowed, actual, _)| allowed - actual).collect();
        Self {
            runs: judged.len(),
            violations: judged.iter().filter(|(allowed, actual, _)| actual > allowed).count(),
            slack_mb: (!slacks.is_empty()).then(|| slacks.iter().sum::<f64>() / count(slacks.len())),
        }
    }
}

/// What was judged so far, by the run and those that it was predicted from: no machine's limit has a part in it.
pub(super) type LeftOutRuns = RefCell<BTreeMap<(usize, Vec<usize>), Option<LeftOut>>>;

pub(super) fn backtest(
    runs: &[Evidence],
    known: &LeftOutRuns,
    (limit_mb, options): (f64, &TuneOptions),
    budget: &mut TimeBudget,
) -> Backtest {
    let judge = |leave: &dyn Fn(usize) -> bool, out: usize| {
        let others: Vec<usize> = (0..runs.len()).filter(|run| !leave(*run)).collect();
        let mut known = known.borrow_mut();
        known
            .entry((out, others))
            .or_insert_with_key(|(out, others)| judge(runs, others, *out, limit_mb, options))
            .clone()
    };
    let mut late = 0;
    let mut in_time = |_: &usize| {
        let goes_on = budget.step(Phase::Backtest);
        late += usize::from(!goes_on);
        goes_on
    };
    let one_by_one: Vec<LeftOut> =
        (0..runs.len()).filter(&mut in_time).filter_map(|out| judge(&|run| run == out, out)).collect();
    let by_config: Vec<LeftOut> = (0..runs.len())
        .filter(&mut in_time)
        .filter_map(|out| judge(&|run| runs[run].same_settings(&runs[out]), out))
        .collect();
    let score = Score::of(&judged(&one_by_one));
    Backtest {
        runs: score.runs,
        violations: score.violations,
        slack_mb: score.slack_mb,
        median_error: median_error(&one_by_one),
        violation_share_below: share_below(score.violations, score.runs),
        kupiec_p: kupiec(score.violations, score.runs, options.risk),
        by_config: Score::of(&judged(&by_config)),
        note: note(runs.len(), one_by_one.len(), by_config.len(), late),
        left_out: one_by_one,
    }
}

/// Predicts one run from others.
fn judge(
    runs: &[Evidence],
    others: &[usize],
    out: usize,
    limit_mb: f64,
    options: &TuneOptions,
) -> Option<LeftOut> {
    let others: Vec<Evidence> = others.iter().map(|run| runs[*run]).collect();
    let held = &runs[out];
    let plain: Vec<&Run> = others.iter().map(|evidence| evidence.run).collect();
    let model = memory_model(&plain);
    // Only bounds are known of another size then: nobody would be given a config from that.
    let known = model.identifiable() || others.iter().any(|other| other.same_settings(held));
    if others.is_empty() || !known {
        return None;
    }
    let growth = Growth::of(&others);
    let evaluator =
        Evaluator::new(&others, (&model, &growth), limit_mb, options.risk, options.seed).on_own_machines();
    let evaluation = match held.fixed_size() {
        Some(size) => evaluator.of_size(size, DRAWS)?,
        None => evaluator.of_config(&held.run.config, DRAWS)?,
    };
    Some(LeftOut {
        run: held.run.started.to_string(),
        settings: settings(held),
        predicted_mb: evaluation.median_mb,
        peak_upper_mb: evaluation.peak_upper_mb,
        actual_mb: held.peak_mb()?,
        cut_off: held.run.is_cut_off(),
    })
}

fn settings(held: &Evidence) -> String {
    let b = &held.run.config.batch_sizes;
    held.fixed_size().map_or_else(
        || format!("adaptive {}/{}/{}/{}", b.fallback, b.low, b.medium, b.high),
        |size| format!("fixed {size}"),
    )
}

fn judged(left_out: &[LeftOut]) -> Vec<(f64, f64, bool)> {
    left_out.iter().map(|one| (one.peak_upper_mb, one.actual_mb, one.cut_off)).collect()
}

fn median_error(left_out: &[LeftOut]) -> Option<f64> {
    let whole = left_out.iter().filter(|one| !one.cut_off && one.actual_mb > 0.0);
    let errors: Vec<f64> =
        whole.map(|one| ((one.predicted_mb - one.actual_mb) / one.actual_mb).abs()).collect();
    crate::stats::median(&errors)
}

fn note(runs: usize, one_by_one: usize, by_config: usize, late: usize) -> Option<String> {
    if runs < 2 {
        return Some("only one run: nothing to leave out, the choice is unproved".to_owned());
    }
    if late > 0 {
        return Some(format!("the time was over: {late} of {} checks were not made", 2 * runs));
    }
    let mut parts = Vec::new();
    if one_by_one < runs {
        parts.push(format!("for {} runs the others alone carry no prediction", runs - one_by_one));
    }
    if by_config < runs {
        parts.push(format!(
            "with their settings left out as a whole, {} runs cannot be predicted",
            runs - by_config
        ));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// The upper end of the interval for a share after `hits` in `n` (Clopper and Pearson, one-sided).
fn share_below(hits: usize, n: usize) -> Option<f64> {
    match n.checked_sub(hits)? {
        _ if n == 0 => None,
        0 => Some(1.0),
        misses => Beta::new(count(hits) + 1.0, count(misses)).ok().map(|beta| beta.inverse_cdf(0.95)),
    }
}

/// Kupiec's likelihood ratio of the observed share against the stated one.
fn kupiec(hits: usize, n: usize, risk: f64) -> Option<f64> {
    if n == 0 {
        return None;
    }
    let (x, n) = (count(hits), count(n));
    let likelihood = |share: f64| {
        let part = |times: f64, share: f64| if times > 0.0 { times * share.ln() } else { 0.0 };
        part(x, share) + part(n - x, 1.0 - share)
    };
    let ratio = 2.0 * (likelihood(x / n) - likelihood(risk));
    ChiSquared::new(1.0).ok().map(|chi| chi.sf(ratio.max(0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_runs_without_a_violation_prove_little() {
        // 1 − .05^(1/8)
        assert!((share_below(0, 8).expect("a share") - 0.3123).abs() < 1e-3);
        assert!(share_below(0, 300).expect("a share") < 0.01);
        assert_eq!((share_below(0, 0), share_below(3, 3)), (None, Some(1.0)));
    }

    #[test]
    fn many_violations_do_not_agree_with_a_small_risk() {
        assert!(kupiec(0, 8, 0.01).expect("a chance") > 0.5);
        assert!(kupiec(4, 8, 0.01).expect("a chance") < 1e-4);
        assert_eq!(kupiec(0, 0, 0.01), None);
    }

    #[test]
    fn a_cut_off_run_can_violate_but_has_no_slack() {
        let score = Score::of(&[(100.0, 90.0, false), (100.0, 120.0, true), (100.0, 50.0, true)]);
        assert_eq!(score, Score { runs: 3, violations: 1, slack_mb: Some(10.0) });
    }
}
