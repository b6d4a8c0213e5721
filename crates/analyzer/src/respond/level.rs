//! What the batches of one operation say of its memory: hypotheses with their weights.
//!
//! Every hypothesis of `drift` foresees each batch from those before it. Its weight is how well it did
//! (the marginal likelihood, a hold-out over every batch), so that the data choose between additive and
//! reservoir memory, and how fast things drift.

use super::drift::{Before, Fit, Kind, Seen, State, fit};
use super::interval::quantile_of;

/// Hypotheses this much less likely than the best (logarithm) are left out, and all beyond so many.
const UNLIKELY: f64 = 4.0;
const MOST: usize = 16;
/// Neighbouring batches resemble each other: so many count as one.
const DEPENDENT: f64 = 4.0;
/// Of more batches than this, every so many are taken, and those with new peaks.
const MOST_BATCHES: usize = 2000;
/// The need of an item before the data: a high quantile, weighed by items, of the rise inside batches.
/// Kept memory hides need and never adds to it, and a fixed cost weighs less in large batches. The quantile and
/// the deviation below are the best of 0.75 and 0.95, 0.25 and 0.5 on 124 recorded runs of nine workloads.
const SLOPE_QUANTILE: f64 = 0.95;
/// Its standard deviation, as a share.
const SLOPE_DEVIATION: f64 = 0.25;

/// A hypothesis and its weight.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Weighed {
    pub(crate) weight: f64,
    pub(crate) fit: Fit,
    /// What is left of each batch's peak, where it showed.
    pub(crate) residuals: Vec<f64>,
}

/// All that is kept, most likely first.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Levels {
    /// Positions of the batches.
    pub(crate) at: Vec<f64>,
    pub(crate) hypotheses: Vec<Weighed>,
    /// Items of all work, the scale of drift.
    pub(crate) work: f64,
}

/// The need of an item from elsewhere: mean and standard deviation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SlopePrior {
    pub(crate) mean: f64,
    pub(crate) deviation: f64,
}

impl Levels {
    /// From batches in order of their position; empty where there are none. Where no batches show, what is
    /// seen are steps from sample to sample, and only the additive model makes sense of them.
    pub(super) fn of(seen: &[Seen], prior: Option<SlopePrior>, shown: bool) -> Self {
        let seen = thinned(seen);
        let Some(before) = before(&seen, prior) else { return Self::default() };
        let mut fits: Vec<Fit> = Kind::all()
            .filter(|kind| shown || kind.follow == 1.0)
            .map(|kind| fit(&seen, kind, &before))
            .collect();
        fits.sort_by(|a, b| b.log_likelihood.total_cmp(&a.log_likelihood));
        let best = fits.first().map_or(0.0, |fit| fit.log_likelihood);
        let kept = fits.into_iter().filter(|fit| fit.log_likelihood > best - UNLIKELY * DEPENDENT).take(MOST);
        let mut hypotheses: Vec<Weighed> = kept
            .map(|fit| {
                let weight = ((fit.log_likelihood - best) / DEPENDENT).exp();
                let residuals = residuals(&seen, &fit);
                Weighed { weight, fit, residuals }
            })
            .collect();
        let total: f64 = hypotheses.iter().map(|h| h.weight).sum();
        hypotheses.iter_mut().for_each(|h| h.weight /= total);
        Self { at: seen.iter().map(|s| s.at).collect(), hypotheses, work: before.work }
    }

    /// The hypothesis at a share of the weight.
    pub(crate) fn choose(&self, share: f64) -> Option<&Weighed> {
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

impl Weighed {
    /// Level and slope at a position, between the batches on both sides.
    pub(crate) fn state(&self, positions: &[f64], work: f64, at: f64) -> Option<State> {
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
        Some(State { level: mix(last.level, next.level), slope: mix(last.slope, next.slope), covariance })
    }
}

fn residuals(seen: &[Seen], fit: &Fit) -> Vec<f64> {
    let left = |(batch, state): (&Seen, &State)| {
        let left = batch.peak - fit.kind.follow * batch.start - state.level - state.slope * batch.items;
        (!batch.hidden() && !batch.least).then_some(left)
    };
    seen.iter().zip(&fit.states).filter_map(left).collect()
}

fn before(seen: &[Seen], prior: Option<SlopePrior>) -> Option<Before> {
    let last = seen.last()?;
    let lowest = seen.iter().map(|s| s.start).fold(f64::INFINITY, f64::min);
    let highest = seen.iter().map(|s| s.peak).fold(0.0, f64::max);
    let largest = seen.iter().map(|s| s.items).fold(0.0, f64::max);
    let span = highest - lowest + 1.0;
    let slope = typical_slope(seen).unwrap_or(0.02 * span / largest);
    let prior = prior.unwrap_or(SlopePrior { mean: slope, deviation: SLOPE_DEVIATION * slope });
    Some(Before {
        span,
        work: (last.at + last.items).max(1.0),
        largest,
        floor: quantile_of(seen.iter().map(|s| s.start), 0.25)?,
        slope: prior.mean,
        slope_deviation: prior.deviation.max(1e-9 * span / largest),
    })
}

fn typical_slope(seen: &[Seen]) -> Option<f64> {
    let shown = seen.iter().filter(|s| !s.hidden() && !s.least);
    let mut slopes: Vec<(f64, f64)> = shown.map(|s| ((s.peak - s.start) / s.items, s.items)).collect();
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

fn thinned(seen: &[Seen]) -> Vec<Seen> {
    let every = seen.len().div_ceil(MOST_BATCHES).max(1);
    let mut highest = 0.0;
    let mut keep = |(index, batch): (usize, &Seen)| {
        let new = batch.peak > highest;
        highest = batch.peak.max(highest);
        (new || index % every == 0).then_some(*batch)
    };
    seen.iter().enumerate().filter_map(&mut keep).collect()
}
