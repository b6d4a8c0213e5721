//! What a batch's fixed cost does to the speed: time per item = τ · (1 + B / b).
//!
//! B, the size at which the fixed cost equals the work, follows from batch durations at several
//! sizes. Without them it is drawn log-uniformly from 2 to 500 items, and marked assumed.

use crate::respond::quantile_of;
use crate::respond::trace::Trace;

/// The range of B where nothing is known.
const ASSUMED: (f64, f64) = (2.0, 500.0);
/// Fewer durations do not make a line.
const FEW: usize = 8;

/// What is known of B.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum HalfSize {
    /// From durations.
    Measured(f64),
    /// From the range above.
    Assumed,
}

impl HalfSize {
    /// From the batches of the traces: median durations of the smallest and the largest sizes.
    pub(super) fn of(traces: &[Trace]) -> Self {
        let all = traces.iter().flat_map(|t| &t.pieces);
        let timed: Vec<(f64, f64)> = all.filter_map(|p| Some((p.items, p.seconds?))).collect();
        if timed.len() < FEW {
            return Self::Assumed;
        }
        let middle = quantile_of(timed.iter().map(|p| p.0), 0.5).unwrap_or(0.0);
        let small: Vec<_> = timed.iter().filter(|p| p.0 < 0.8 * middle).collect();
        let large: Vec<_> = timed.iter().filter(|p| p.0 >= middle).collect();
        let mean = |points: &[&(f64, f64)], value: fn(&(f64, f64)) -> f64| {
            quantile_of(points.iter().map(|p| value(p)), 0.5)
        };
        let line = || {
            let (x0, x1) = (mean(&small, |p| p.0)?, mean(&large, |p| p.0)?);
            let (y0, y1) = (mean(&small, |p| p.1)?, mean(&large, |p| p.1)?);
            let per_item = (y1 - y0) / (x1 - x0);
            (small.len() >= 3 && large.len() >= 3 && per_item > 0.0)
                .then(|| ((y0 - per_item * x0) / per_item).max(0.0))
        };
        line().filter(|b| b.is_finite()).map_or(Self::Assumed, Self::Measured)
    }

    /// One value, by two shares: measured ones vary by a factor of e^±.25.
    pub(super) fn draw(self, share: f64, around_zero: f64) -> f64 {
        match self {
            Self::Measured(size) => size * (0.5 * around_zero).exp(),
            Self::Assumed => ASSUMED.0 * (ASSUMED.1 / ASSUMED.0).powf(share),
        }
    }
}
