//! How far a measure moves between repeats of the same thing.
//!
//! The base's own variance about its mean is blended with an assumed one, worth four repeats
//! (scaled inverse chi-squared), so that one base run has a tolerance and two equal ones are
//! not taken as proof of none. A difference of means of n and m runs then stays within
//! t(α, 4 + n − 1) · s · √(1/n + 1/m) if nothing changed.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// The assumed deviation counts as so many repeats.
const ASSUMED_REPEATS: f64 = 4.0;
/// Chance of a false alarm of one measure, shared among the operations that it is asked of.
const FALSE_ALARM: f64 = 0.025;

/// How far the mean of `new_runs` may lie from the base's, if nothing changed.
///
/// `asked` is the number of values the same measure is asked of. Infinite where there is nothing
/// to compute from.
#[expect(clippy::cast_precision_loss, reason = "counts of runs")]
pub(super) fn tolerance(base: &[f64], new_runs: usize, assumed: f64, asked: usize) -> f64 {
    if base.is_empty() || new_runs == 0 {
        return f64::INFINITY;
    }
    let n = base.len() as f64;
    let mean = base.iter().sum::<f64>() / n;
    let squares: f64 = base.iter().map(|value| (value - mean).powi(2)).sum();
    let freedom = ASSUMED_REPEATS + n - 1.0;
    let deviation = ((ASSUMED_REPEATS * assumed.powi(2) + squares) / freedom).sqrt();
    let alarm = FALSE_ALARM / asked.max(1) as f64;
    let t = StudentsT::new(0.0, 1.0, freedom).map_or(f64::INFINITY, |t| t.inverse_cdf(1.0 - alarm));
    t * deviation * (1.0 / n + 1.0 / new_runs as f64).sqrt()
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
