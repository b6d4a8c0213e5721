//! The scale of comparisons: logarithms, since changes are shares of the baseline.

use crate::compare::Measure;

/// The logarithms of values, each with the runs that it stands for.
pub(super) fn logs(values: &[(f64, u32)]) -> Vec<(f64, u32)> {
    values.iter().map(|(value, weight)| (value.max(f64::MIN_POSITIVE).ln(), *weight)).collect()
}

/// A change for the worse of this share, on the scale.
pub(super) fn least(measure: Measure, matters: f64) -> f64 {
    if measure.less_is_worse() { -(1.0 - matters).max(f64::MIN_POSITIVE).ln() } else { matters.ln_1p() }
}
