//! Steady growth of the peaks of a job.
//!
//! Steps or growth is decided by BIC under Laplace's distribution, 2n ln(Σ|residual| / n) + p ln n; growth is the
//! Theil–Sen slope through medians of runs.

use super::place::Place;
use super::split::LEAST_SHARE;
use crate::stats::{median, trend};

/// Medians that a slope is drawn through: its cost grows with their square.
const MEDIANS: usize = 48;
/// Fewer runs have no slope.
const FEWEST_FOR_SLOPE: usize = 12;

/// A robust slope a day.
pub(super) struct Slope {
    /// As a difference of logarithms.
    pub(super) slope: f64,
    /// Its 95 % interval.
    pub(super) interval: (f64, f64),
    /// Probability of so much growth, or decline, without any.
    pub(super) p: f64,
}

/// The slope through medians of as many runs each.
pub(super) fn slope(days: &[f64], logs: &[f64]) -> Option<Slope> {
    if logs.len() < FEWEST_FOR_SLOPE {
        return None;
    }
    let each = logs.len().div_ceil(MEDIANS);
    let middles = |values: &[f64]| values.chunks(each).filter_map(median).collect::<Vec<f64>>();
    let (x, y) = (middles(days), middles(logs));
    let rising = trend(&x, &y)?;
    let falling = y.iter().map(|y| -y).collect::<Vec<f64>>();
    let p_falling = trend(&x, &falling)?.p_rising;
    Some(Slope { slope: rising.slope, interval: rising.interval, p: 2.0 * rising.p_rising.min(p_falling) })
}

/// Whether a line fits better than the steps, and rises by a change worth a line.
pub(super) fn is_line(days: &[f64], logs: &[f64], slope: f64, places: &[Place]) -> bool {
    let span = days.last().copied().unwrap_or_default() - days.first().copied().unwrap_or_default();
    if (slope * span).abs() < LEAST_SHARE.ln_1p() {
        return false;
    }
    let tilted: Vec<f64> = days.iter().zip(logs).map(|(day, log)| log - slope * day).collect();
    let mut loss_of_steps = 0.0;
    let mut from = 0;
    for to in places.iter().map(|place| place.at).chain([logs.len()]) {
        loss_of_steps += loss(&logs[from..to]);
        from = to;
    }
    let n = logs.len() as f64;
    let bic = |loss: f64, parameters: usize| {
        2.0 * n * (loss / n).max(f64::MIN_POSITIVE).ln() + parameters as f64 * n.ln()
    };
    let places_cost: f64 = places.iter().map(|place| place.cost).sum();
    bic(loss(&tilted), 2) < bic(loss_of_steps, 1 + places.len()) + places_cost
}

/// The sum of distances from the median.
fn loss(values: &[f64]) -> f64 {
    let middle = median(values).unwrap_or_default();
    values.iter().map(|value| (value - middle).abs()).sum()
}
