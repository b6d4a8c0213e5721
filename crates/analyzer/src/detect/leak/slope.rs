//! The slope of growth with the hull of what several estimates of it say.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::baseline::Baseline;
use super::limits::{HEAP_OVERHEAD, STEPS};
use super::report::Growth;
use crate::stats::{Line, Trend, autocorrelation};

/// The slope, with the hull of what several estimates of it say.
#[expect(clippy::cast_precision_loss, reason = "a few dozen points")]
pub(super) fn interval(baseline: &Baseline, line: &Line, trend: &Trend, steps: &[f64]) -> Growth {
    let n = line.residuals.len() as f64;
    let phi = autocorrelation(&line.residuals, 1).clamp(0.0, 0.95);
    let effective = (n * (1.0 - phi) / (1.0 + phi)).max(4.0);
    let quantile = StudentsT::new(0.0, 1.0, effective - 2.0).map_or(1.96, |t| t.inverse_cdf(0.975));
    let half = (quantile * line.slope_error * (n / effective).sqrt()).min(line.slope.abs());
    let halves = [(0, STEPS / 2), (STEPS / 2, STEPS)]
        .map(|(a, b)| (steps[b] - steps[a]) / (baseline.length() * (b - a) as f64 / STEPS as f64));
    let mut slopes = vec![line.slope - half, line.slope + half, trend.interval.0, trend.interval.1];
    slopes.extend(halves);
    // After recorded batches the baseline itself shows what is left.
    if let (Some(closing), Some(end), 0) = (baseline.closing_mb, baseline.minutes.last(), baseline.recorded) {
        slopes.push((closing - baseline.opening_mb) / end);
    }
    let least = slopes.iter().copied().fold(line.slope, f64::min);
    let most = slopes.iter().copied().fold(line.slope, f64::max);
    Growth { estimate: line.slope, low: if least > 0.0 { least / HEAP_OVERHEAD } else { least }, high: most }
}
