//! The judgement of RSS by all views of it: the whole, its last part, and phases that take turns.

use std::collections::BTreeMap;

use super::baseline::{Baseline, Basis, baseline};
use super::between::lowest_of_phases;
use super::judgement::judge;
use super::late::{is_better, late_growth};
use super::reason::ReasonCode;
use super::report::LeakVerdict;
use super::sizes::{growth_of_sizes, share_of_larger};
use super::verdict::{GrowthFit, Judgement};
use super::work::LeftOut;
use crate::detect::observed::ObservedBatch;
use crate::series::Series;

/// Share of growth that came in batches larger than any before, from which it may be the heap's room for them.
const MOSTLY_LARGER: f64 = 0.75;

/// How many times the size in force must have grown for troughs to rise with it.
const LARGER_SIZES: f64 = 1.25;

/// The baseline of RSS in the first view that shows growth, or else of the whole, and its judgement; `after_batches` is RSS after
/// recorded ones.
pub(super) fn judge_rss(
    series: &Series,
    after_batches: &[(f64, f64)],
    batches: &[ObservedBatch],
) -> Option<(Baseline, Judgement)> {
    let whole = baseline(series, after_batches)?;
    match judge(series, &whole, recurrences(series)) {
        Judgement::Not(verdict, reason) => {
            let late = late(series, after_batches, verdict, whole.left_out);
            let part = late.map(|(part, fit)| (part, GrowthFit { of_part: true, ..fit }));
            Some(match part.or_else(|| by_phases(series)) {
                Some((other, fit)) => (other, Judgement::Growing(fit)),
                None => (whole, Judgement::Not(verdict, reason)),
            })
        }
        Judgement::Growing(fit) => {
            let late = late(series, after_batches, LeakVerdict::Leak, whole.left_out);
            let (baseline, fit) = late.filter(|(_, part)| is_better(part, &fit)).unwrap_or((whole, fit));
            let troughs_rise = || batches.is_empty() && baseline.basis == Basis::Troughs;
            let judgement = match share_of_larger(batches) {
                Some(share) if share >= MOSTLY_LARGER => larger_batches(fit.total_mb, share),
                None if troughs_rise() => {
                    match growth_of_sizes(series).filter(|times| *times >= LARGER_SIZES) {
                        Some(times) => larger_sizes(fit.total_mb, times),
                        None => Judgement::Growing(fit),
                    }
                }
                _ => Judgement::Growing(fit),
            };
            Some((baseline, judgement))
        }
    }
}

/// Growth of the last part, where the whole does not forbid it.
fn late(
    series: &Series,
    after_batches: &[(f64, f64)],
    verdict: LeakVerdict,
    left_out: Option<LeftOut>,
) -> Option<(Baseline, GrowthFit)> {
    let may_begin_late = verdict != LeakVerdict::Inconclusive && left_out.is_none();
    may_begin_late.then(|| late_growth(series, after_batches)).flatten()
}

/// Growth of the lowest of each phase, where phases take turns.
fn by_phases(series: &Series) -> Option<(Baseline, GrowthFit)> {
    let lowest = Some(lowest_of_phases(series)).filter(|lowest| !lowest.is_empty())?;
    let baseline = Baseline { basis: Basis::Phases, ..baseline(series, &lowest)? };
    match judge(series, &baseline, recurrences(series)) {
        Judgement::Growing(fit) => Some((baseline, fit)),
        Judgement::Not(..) => None,
    }
}

/// Memory grew in batches larger than any before: it may be the heap's room for them.
fn larger_batches(risen_mb: f64, share: f64) -> Judgement {
    let words = format!(
        "the baseline rose {risen_mb:.0} MiB, {:.0} % of it in batches larger than any before: it may be the heap's room for them; watch \
         batches of one size",
        share.min(1.0) * 100.0
    );
    Judgement::inconclusive(ReasonCode::LargerBatches, words)
}

/// Memory between batches that are not recorded grew, and so did the size that was allowed.
fn larger_sizes(risen_mb: f64, times: f64) -> Judgement {
    let words = format!(
        "the baseline rose {risen_mb:.0} MiB while the size of batches grew {times:.1} times: it may be the heap's room for larger ones; watch \
         batches of one size"
    );
    Judgement::inconclusive(ReasonCode::LargerBatches, words)
}

/// Growth of RSS as a whole in MiB, where that would be called a leak.
pub(super) fn growth(series: &Series, between_batches: &[(f64, f64)]) -> Option<f64> {
    match judge(series, &baseline(series, between_batches)?, recurrences(series)) {
        Judgement::Growing(growing) => Some(growing.total_mb),
        Judgement::Not(..) => None,
    }
}

/// How often phases took turns: how often the second of the most frequent ones began anew. One phase that another interrupts once
/// takes no turns.
fn recurrences(series: &Series) -> usize {
    let mut counts: BTreeMap<Option<u32>, usize> = BTreeMap::new();
    let boundaries = series.boundary.stretches().filter(|(_, is)| *is).flat_map(|(samples, _)| samples);
    let mut phases: Vec<Option<u32>> = boundaries.map(|i| series.phase[i]).collect();
    phases.dedup();
    for phase in phases {
        *counts.entry(phase).or_default() += 1;
    }
    let mut counts: Vec<usize> = counts.into_values().collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    counts.get(1).copied().unwrap_or_default()
}
