//! A figure with its range.

use serde::Serialize;

/// A figure with its range: in a prediction the 5, 50 and 95 % quantiles.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The middle.
    pub median: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// An interval of no width.
    #[must_use]
    pub const fn exactly(value: f64) -> Self {
        Self { low: value, median: value, high: value }
    }

    /// The 5, 50 and 95 % quantiles of some finite values; `None` where there are none.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        Some(Self {
            low: quantile(&sorted, 0.05)?,
            median: quantile(&sorted, 0.50)?,
            high: quantile(&sorted, 0.95)?,
        })
    }

    /// The value at a share of the way: the ends at 0 and 1, the middle at one half.
    #[must_use]
    pub fn at(&self, share: f64) -> f64 {
        if share < 0.5 {
            self.low + (self.median - self.low) * share * 2.0
        } else {
            self.median + (self.high - self.median) * (share - 0.5) * 2.0
        }
    }

    /// The interval with its ends moved outwards by so much.
    #[must_use]
    pub fn widened(&self, by: f64) -> Self {
        Self { low: self.low - by, median: self.median, high: self.high + by }
    }

    /// The interval with no part below a bound.
    #[must_use]
    pub fn at_least(&self, bound: f64) -> Self {
        Self { low: self.low.max(bound), median: self.median.max(bound), high: self.high.max(bound) }
    }
}

/// The quantile of sorted values, between its neighbours by their distance; `None` of nothing.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an index of a slice, not negative"
)]
pub(crate) fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share.clamp(0.0, 1.0) * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    Some(sorted[below] + (sorted[above] - sorted[below]) * (place - place.floor()))
}

/// The quantile of values in any order; `None` of nothing.
#[must_use]
pub(crate) fn quantile_of(values: impl IntoIterator<Item = f64>, share: f64) -> Option<f64> {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    quantile(&sorted, share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_no_quantile() {
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(Interval::of(&[f64::NAN]), None);
    }

    #[test]
    fn a_share_walks_from_end_to_end() {
        let interval = Interval { low: 1.0, median: 2.0, high: 6.0 };
        assert_eq!([0.0, 0.25, 0.5, 0.75, 1.0].map(|s| interval.at(s)), [1.0, 1.5, 2.0, 4.0, 6.0]);
    }
}
