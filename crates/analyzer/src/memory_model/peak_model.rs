//! What the batches of one operation say of its memory: hypotheses with their weights.
//!
//! Every hypothesis of `line_filter` foresees each batch from those before it. Its weight is how well it did
//! (the marginal likelihood, a hold-out over every batch), so that the data choose between additive and
//! reservoir memory, and how fast things drift.

use super::line_filter::{Hypothesis, LineFit, LineState, PeakObservation, Prior, SlopePrior, fit};
use super::live_curve::LiveAt;
use super::rise::Rise;

/// Hypotheses this much less likely than the best (logarithm) are left out, and all beyond this number.
const UNLIKELY: f64 = 4.0;
const MOST: usize = 16;
/// Neighbouring batches resemble each other: this many count as one.
const DEPENDENT: f64 = 4.0;
/// Of more batches than this, only as many are used, evenly spread, and those with new peaks.
const MOST_BATCHES: usize = 2000;
/// The need of an item before the data: a high quantile, weighed by items, of the rise inside batches.
/// Kept memory hides need and never adds to it, and a fixed cost weighs less in large batches. The quantile and
/// the deviation below are the best of 0.75 and 0.95, 0.25 and 0.5 on 124 recorded runs of nine workloads.
const SLOPE_QUANTILE: f64 = 0.95;
/// Its standard deviation, as a share.
const SLOPE_DEVIATION: f64 = 0.25;
/// Where every batch was cut off by a kill, what it had risen by says this much of the level above its start, and of the
/// need of its items, as shares of that rise: the medians of ten such runs of eight drawn programs (part A) were 0.46,
/// 0.69, 0.86 and 1.35 times the rise at an eighth, a quarter, a half and all of its items.
const CUT_OFF: (f64, f64) = (0.33, 1.02);

/// Where the counters of bytes in use explain all memory, hypotheses without them are this much less likely (logarithm): of
/// 0, 4, 8 and 16 the best median of errors on 44 drawn programs (part A).
const BLIND: f64 = 4.0;

/// The probability that what samples show early is loaded, not the heap of the first batches: of 0, 0.35, 0.5, 0.65, 0.8 and 1 the best
/// median of errors on 72 drawn programs and 12 jobs written by hand (part A) that is no worse on the recorded workloads.
const LOADED: f64 = 0.5;

/// A batch from a full heap that rises by a smaller share of its need shows none of it.
const SHOWN_SHARE: f64 = 0.3;

/// A hypothesis and its weight.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct WeightedFit {
    pub(crate) weight: f64,
    pub(crate) fit: LineFit,
    /// What is left of each batch's peak, where it showed.
    pub(crate) residuals: Vec<f64>,
    /// What may be kept below the memory at each batch, without that its peak shows it.
    hidden: Vec<f64>,
}

/// All that is kept, most likely first.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct PeakModel {
    /// Positions of the batches.
    pub(crate) at: Vec<f64>,
    pub(crate) hypotheses: Vec<WeightedFit>,
    /// Items of all work, the scale of drift.
    pub(crate) work: f64,
    /// The size of the batches whose need is known from samples alone: that of others is a guess.
    pub(crate) guessed_from: Option<f64>,
}

impl PeakModel {
    /// From batches in order of their position; empty where there are none.
    pub(super) fn of(observed: &[PeakObservation], prior: Option<SlopePrior>) -> Self {
        let mut observed = downsampled(observed);
        let Some(prior) = prior_of(&observed, prior) else { return Self::default() };
        for batch in &mut observed {
            batch.upper_bound =
                (batch.shows_no_need() || hides_need(batch, &prior)) && may_hide(batch, &prior);
        }
        let live = observed.iter().all(|batch| batch.live.is_some());
        let mut fits: Vec<LineFit> =
            Hypothesis::all(live).map(|hypothesis| fit(&observed, hypothesis, &prior)).collect();
        let explained = if live { explained(&observed, &prior) } else { 0.0 };
        fits.iter_mut().for_each(|fit| {
            let blind = if fit.hypothesis.is_live() { 0.0 } else { BLIND * explained };
            fit.log_likelihood += fit.hypothesis.log_prior() - blind;
        });
        fits.sort_by(|a, b| b.log_likelihood.total_cmp(&a.log_likelihood));
        let best = fits.first().map_or(0.0, |fit| fit.log_likelihood);
        let kept = fits.into_iter().filter(|fit| fit.log_likelihood > best - UNLIKELY * DEPENDENT).take(MOST);
        let mut hypotheses: Vec<WeightedFit> = kept
            .map(|fit| {
                let weight = ((fit.log_likelihood - best) / DEPENDENT).exp();
                let residuals = residuals(&observed, &fit);
                let hidden = hidden(&observed, &fit);
                WeightedFit { weight, fit, residuals, hidden }
            })
            .collect();
        let total: f64 = hypotheses.iter().map(|h| h.weight).sum();
        hypotheses.iter_mut().for_each(|h| h.weight /= total);
        Self { at: observed.iter().map(|s| s.at).collect(), hypotheses, work: prior.work, guessed_from: None }
    }

    /// From what samples alone say that every batch takes again, of runs with so much work; `at` are the positions of their batches.
    pub(super) fn of_rises(rises: &[Rise], at: Vec<f64>, work: f64) -> Self {
        let Some(rise) = Rise::of_all(rises).filter(|_| !at.is_empty()) else { return Self::default() };
        // Most likely first.
        let hypotheses = [(LOADED, rise.early_mb), (1.0 - LOADED, 0.0)].map(|(weight, level)| {
            let state = LineState { level, slope: (rise.mb - level) / rise.items, covariance: [0.0; 3] };
            let states = vec![state; at.len()];
            let fit =
                LineFit { hypothesis: Hypothesis::ADDITIVE, log_likelihood: 0.0, states, per_work: [0.0; 2] };
            WeightedFit { weight, fit, residuals: Vec::new(), hidden: vec![0.0; at.len()] }
        });
        Self { at, hypotheses: hypotheses.into(), work, guessed_from: Some(rise.items) }
    }

    /// The hypothesis at a share of the weight.
    pub(crate) fn choose(&self, share: f64) -> Option<&WeightedFit> {
        let mut left = share;
        for hypothesis in &self.hypotheses {
            left -= hypothesis.weight;
            if left <= 0.0 {
                return Some(hypothesis);
            }
        }
        self.hypotheses.first()
    }
}

impl WeightedFit {
    /// Level and slope at a position, between the batches on both sides.
    pub(crate) fn state(&self, positions: &[f64], work: f64, at: f64) -> Option<LineState> {
        let beyond = positions.partition_point(|position| *position <= at);
        let last = *self.fit.states.get(beyond.saturating_sub(1))?;
        let Some((&from, next)) = positions.get(beyond.wrapping_sub(1)).zip(self.fit.states.get(beyond))
        else {
            let past = positions.last().map_or(0.0, |position| (at - position).max(0.0));
            return Some(last.drifted(self.fit.per_work, past / work.max(1.0)));
        };
        let share = (at - from) / (positions[beyond] - from).max(1e-9);
        let mix = |a: f64, b: f64| a + (b - a) * share;
        let covariance = [0, 1, 2].map(|place| mix(last.covariance[place], next.covariance[place]));
        Some(LineState { level: mix(last.level, next.level), slope: mix(last.slope, next.slope), covariance })
    }

    /// What may be kept at a position, hidden below memory that the allocator did not return.
    pub(crate) fn hidden_at(&self, positions: &[f64], at: f64) -> f64 {
        let beyond = positions.partition_point(|position| *position <= at);
        self.hidden.get(beyond.saturating_sub(1)).copied().unwrap_or(0.0)
    }
}

/// What may be kept below the memory at each batch: no more than its peak leaves room for beside its own need, nor any
/// later one, since what is kept stays; and no more than the counters of bytes in use leave unexplained. Where peaks
/// follow the memory at the start nothing is hidden.
fn hidden(observed: &[PeakObservation], fit: &LineFit) -> Vec<f64> {
    if fit.hypothesis.follow > 0.0 {
        return vec![0.0; observed.len()];
    }
    let mut least = f64::INFINITY;
    let mut hidden = vec![0.0; observed.len()];
    for (index, (batch, state)) in observed.iter().zip(&fit.states).enumerate().rev() {
        let room = batch.peak - state.level - state.slope * batch.items;
        let unexplained = batch.live.map_or(f64::INFINITY, |live| live.unexplained);
        if !batch.lower_bound {
            least = least.min(room.min(unexplained).max(0.0));
        }
        hidden[index] = if least.is_finite() { least } else { 0.0 };
    }
    hidden
}

/// Whether a batch rose by little of what its items need, and what was kept below its start could hold the rest: then its
/// peak says only that no more was needed.
fn hides_need(batch: &PeakObservation, prior: &Prior) -> bool {
    let need = prior.slope.mean * batch.items;
    batch.peak - batch.start < SHOWN_SHARE * need && prior.floor + need <= batch.peak
}

/// Whether memory at the start of a batch that was not in use, or by no counter, could hold much of its need.
fn may_hide(batch: &PeakObservation, prior: &Prior) -> bool {
    batch.live.is_none_or(|live| live.idle >= SHOWN_SHARE * prior.slope.mean * batch.items)
}

/// The share of memory that the counters of bytes in use explain at every batch.
fn explained(observed: &[PeakObservation], prior: &Prior) -> f64 {
    let unexplained = observed.iter().filter_map(|batch| Some(batch.live?.unexplained));
    (1.0 - unexplained.fold(0.0, f64::max) / prior.span).max(0.0)
}

fn residuals(observed: &[PeakObservation], fit: &LineFit) -> Vec<f64> {
    let left = |(batch, state): (&PeakObservation, &LineState)| {
        let left = batch.peak - fit.hypothesis.follow * batch.start - state.level - state.slope * batch.items;
        (!batch.upper_bound && !batch.lower_bound).then_some(left)
    };
    observed.iter().zip(&fit.states).filter_map(left).collect()
}

fn prior_of(observed: &[PeakObservation], slope_prior: Option<SlopePrior>) -> Option<Prior> {
    let last = observed.last()?;
    let lowest = observed.iter().map(|s| s.start).fold(f64::INFINITY, f64::min);
    let highest = observed.iter().map(|s| s.peak).fold(0.0, f64::max);
    let largest = observed.iter().map(|s| s.items).fold(0.0, f64::max);
    let span = highest - lowest + 1.0;
    let cut_off = observed.iter().all(|batch| batch.lower_bound);
    let shown = |s: &PeakObservation| s.peak - s.start;
    let beyond_live = |s: &PeakObservation| (shown(s) - s.live.map_or(0.0, LiveAt::added)).max(0.0);
    let (above, slope) = match typical_slope(observed, shown) {
        Some(slope) => (0.0, slope),
        None if cut_off => (CUT_OFF.0 * span, CUT_OFF.1 * span / largest),
        None => (0.0, 0.02 * span / largest),
    };
    let deviation = |deviation: f64| deviation.max(1e-9 * span / largest);
    let own = SlopePrior { mean: slope, deviation: SLOPE_DEVIATION * slope };
    let slope_prior = slope_prior.unwrap_or(own);
    let beyond_live = typical_slope(observed, beyond_live).unwrap_or(slope);
    Some(Prior {
        span,
        work: (last.at + last.items).max(1.0),
        largest,
        floor: lowest,
        above,
        slope: SlopePrior { mean: slope_prior.mean, deviation: deviation(slope_prior.deviation) },
        slope_beyond_live: SlopePrior { mean: beyond_live, deviation: deviation(own.deviation) },
    })
}

/// A high quantile of what an item needed, weighed by items, over the batches that show any need.
fn typical_slope(observed: &[PeakObservation], need: impl Fn(&PeakObservation) -> f64) -> Option<f64> {
    let shown = observed.iter().filter(|s| !s.shows_no_need() && !s.lower_bound);
    let mut slopes: Vec<(f64, f64)> = shown.map(|s| (need(s) / s.items, s.items)).collect();
    slopes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = slopes.iter().map(|s| s.1).sum();
    let mut left = SLOPE_QUANTILE * total;
    for (slope, items) in &slopes {
        left -= items;
        if left <= 0.0 {
            return Some(*slope);
        }
    }
    slopes.last().map(|s| s.0)
}

fn downsampled(observed: &[PeakObservation]) -> Vec<PeakObservation> {
    let every = observed.len().div_ceil(MOST_BATCHES).max(1);
    let mut highest = 0.0;
    let mut keep = |(index, batch): (usize, &PeakObservation)| {
        let new = batch.peak > highest;
        highest = batch.peak.max(highest);
        (new || index % every == 0).then_some(*batch)
    };
    observed.iter().enumerate().filter_map(&mut keep).collect()
}
