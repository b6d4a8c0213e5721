//! How far a measure moves between repeats of the same thing.
//!
//! The base's own variance about its mean is blended with an assumed one, worth four repeats
//! (scaled inverse chi-squared), so that one base run has a tolerance and two equal ones are
//! not taken as proof of none. A difference of means of n and m runs then stays within
//! t(α, 4 + n − 1) · s · √(1/n + 1/m) if nothing changed.

use statrs::distribution::{ChiSquared, ContinuousCDF, StudentsT};

/// The assumed deviation counts as this many repeats.
const ASSUMED_REPEATS: f64 = 4.0;
/// Chance of a false alarm of one measure, shared among the operations that it is asked of.
const FALSE_ALARM: f64 = 0.025;

/// What the repeats of a job show of their spread, blended with what is assumed of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Repeats {
    runs: f64,
    deviation: f64,
    freedom: f64,
}

impl Repeats {
    /// From values of base runs and of new ones, each with the runs that it stands for, about their own means; `None`
    /// without a base run.
    pub(crate) fn of(base: &[(f64, u32)], new: &[(f64, u32)], assumed: f64) -> Option<Self> {
        let ((runs, squares), (more, beside)) = (squares(base), squares(new));
        if runs < 1.0 {
            return None;
        }
        let freedom = ASSUMED_REPEATS + (runs - 1.0) + (more - 1.0).max(0.0);
        let squares = ASSUMED_REPEATS * assumed.powi(2) + squares + beside;
        Some(Self { runs, deviation: (squares / freedom).sqrt(), freedom })
    }

    /// The base runs.
    pub(crate) const fn runs(&self) -> f64 {
        self.runs
    }

    /// What as many base runs would show, if they spread as these do.
    pub(crate) fn with_runs(self, runs: f64) -> Self {
        Self { runs, freedom: ASSUMED_REPEATS + runs - 1.0, ..self }
    }

    /// The same with a deviation that is too small once in five times only: what later runs are planned by.
    pub(crate) fn cautious(self) -> Self {
        let least = ChiSquared::new(self.freedom).map_or(self.freedom, |chi| chi.inverse_cdf(0.2));
        Self { deviation: self.deviation * (self.freedom / least).sqrt(), ..self }
    }

    /// Standard error of the difference between the base's mean and that of `new_runs`.
    pub(crate) fn error(&self, new_runs: f64) -> f64 {
        self.deviation * (1.0 / self.runs + 1.0 / new_runs).sqrt()
    }

    /// A quantile of the t distribution that such differences follow, in standard errors.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        StudentsT::new(0.0, 1.0, self.freedom).map_or(f64::INFINITY, |t| t.inverse_cdf(share))
    }
}

/// Runs, and the sum of their squared deviations from their mean.
fn squares(values: &[(f64, u32)]) -> (f64, f64) {
    let runs: f64 = values.iter().map(|(_, weight)| f64::from(*weight)).sum();
    let mean = values.iter().map(|(value, weight)| value * f64::from(*weight)).sum::<f64>() / runs.max(1.0);
    let squares = values.iter().map(|(value, weight)| (value - mean).powi(2) * f64::from(*weight)).sum();
    (runs, squares)
}

/// How far the mean of `new_runs` may lie from the base's, if nothing changed.
///
/// `asked` is the number of values the same measure is asked of. Infinite where there is nothing
/// to compute from.
#[expect(clippy::cast_precision_loss, reason = "counts of runs")]
pub(super) fn tolerance(base: &[f64], new_runs: usize, assumed: f64, asked: usize) -> f64 {
    if new_runs == 0 {
        return f64::INFINITY;
    }
    let weighted: Vec<(f64, u32)> = base.iter().map(|value| (*value, 1)).collect();
    let alarm = FALSE_ALARM / asked.max(1) as f64;
    let moved = |repeats: Repeats| repeats.quantile(1.0 - alarm) * repeats.error(new_runs as f64);
    Repeats::of(&weighted, &[], assumed).map_or(f64::INFINITY, moved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_run_has_the_assumed_spread_and_more_runs_their_own() {
        let one = tolerance(&[100.0_f64.ln()], 1, 0.02, 1);
        // t(.975, 4) = 2.776
        assert!((one - 2.776 * 0.02 * 2.0_f64.sqrt()).abs() < 1e-4, "{one}");
        let wide: Vec<f64> = [80.0_f64, 100.0, 125.0].iter().map(|v| v.ln()).collect();
        assert!(tolerance(&wide, 1, 0.02, 1) > 3.0 * one);
        let equal = [100.0_f64.ln(); 3];
        assert!(tolerance(&equal, 3, 0.02, 1) < 0.5 * one);
    }

    #[test]
    fn many_questions_cost_width_and_nothing_has_none() {
        assert!(tolerance(&[1.0, 1.1], 2, 0.02, 10) > tolerance(&[1.0, 1.1], 2, 0.02, 1));
        assert_eq!(tolerance(&[], 1, 0.02, 1), f64::INFINITY);
    }
}
