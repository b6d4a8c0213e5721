//! Ordinary least squares on one regressor, in closed form.
//!
//! Closed form because the slope's standard error is needed, which linfa-linear does not give.
//! With few runs the residuals say little about their own spread, so a prior spread can be
//! blended in as so many degrees of freedom (scaled inverse chi-squared).
//!
//! Limits: one regressor, errors of one size, no outlier handling.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::interval::Interval;

/// What is known of the spread before the data: a standard deviation, worth so many samples.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prior {
    pub(super) deviation: f64,
    pub(super) weight: f64,
}

impl Prior {
    /// Nothing is known.
    pub(super) const NONE: Self = Self { deviation: 0.0, weight: 0.0 };
}

/// A fitted line with 90 % intervals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Line {
    pub(super) slope: Interval,
    pub(super) intercept: Interval,
    /// The spread around the line.
    pub(super) deviation: f64,
}

/// The line through points `(x, y)`; `None` if they do not determine one and its spread.
#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
pub(super) fn fit(points: &[(f64, f64)], prior: Prior) -> Option<Line> {
    let n = points.len() as f64;
    let freedom = n - 2.0 + prior.weight;
    if points.len() < 2 || freedom <= 0.0 {
        return None;
    }
    let mean_x = points.iter().map(|p| p.0).sum::<f64>() / n;
    let mean_y = points.iter().map(|p| p.1).sum::<f64>() / n;
    let sxx: f64 = points.iter().map(|p| (p.0 - mean_x).powi(2)).sum();
    if sxx <= 1e-9 * mean_x.abs().max(1.0) {
        return None;
    }
    let sxy: f64 = points.iter().map(|p| (p.0 - mean_x) * (p.1 - mean_y)).sum();
    let slope = sxy / sxx;
    let intercept = mean_y - slope * mean_x;
    let squares: f64 = points.iter().map(|p| (p.1 - intercept - slope * p.0).powi(2)).sum();
    let deviation = ((squares + prior.weight * prior.deviation.powi(2)) / freedom).sqrt();
    let t = StudentsT::new(0.0, 1.0, freedom).ok()?.inverse_cdf(0.95);
    let slope_half = t * deviation / sxx.sqrt();
    let intercept_half = t * deviation * (1.0 / n + mean_x.powi(2) / sxx).sqrt();
    let line = Line {
        slope: Interval::exactly(slope).widened(slope_half),
        intercept: Interval::exactly(intercept).widened(intercept_half),
        deviation,
    };
    (line.slope.high.is_finite() && line.intercept.high.is_finite()).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_line_has_no_width() {
        let line = fit(&[(1.0, 3.0), (2.0, 5.0), (3.0, 7.0)], Prior::NONE).expect("a line");
        assert!((line.slope.median - 2.0).abs() < 1e-12);
        assert!((line.intercept.median - 1.0).abs() < 1e-12);
        assert!(line.slope.high - line.slope.low < 1e-9);
    }

    #[test]
    fn two_points_need_a_prior_for_their_spread() {
        let points = [(100.0, 200.0), (1000.0, 500.0)];
        assert_eq!(fit(&points, Prior::NONE), None);
        let line = fit(&points, Prior { deviation: 7.0, weight: 4.0 }).expect("a line");
        assert!(line.slope.low < line.slope.median && line.deviation == 7.0);
    }

    #[test]
    fn all_equal_has_no_line() {
        assert_eq!(fit(&[(5.0, 1.0), (5.0, 2.0), (5.0, 3.0)], Prior::NONE), None);
    }
}
