//! How far a peak may go, by what a prediction and so few runs tell.

use statrs::distribution::{Continuous, ContinuousCDF, Normal, StudentsT};

use crate::memory_model::Interval;

/// The spread of repeats is known beforehand as well as four runs would tell it, as in the
/// memory model.
const PRIOR_RUNS: f64 = 4.0;
/// The 95 % quantile of the normal distribution.
pub(super) const NORMAL_95: f64 = 1.644_854;

/// The peak that is passed with a chance of `risk`: the prediction's upper half, a 95 % quantile,
/// stretched to 1 − risk by Student's t with as many degrees of freedom as there are runs and
/// prior ones: few runs widen, they never narrow.
pub(super) fn upper(peak: &Interval, runs: usize, risk: f64) -> f64 {
    peak.median + (peak.high - peak.median).max(0.0) * stretch(runs, risk)
}

fn stretch(runs: usize, risk: f64) -> f64 {
    quantile(runs, 1.0 - risk) / NORMAL_95
}

#[expect(clippy::cast_precision_loss, reason = "a count of runs")]
fn quantile(runs: usize, share: f64) -> f64 {
    let freedom = PRIOR_RUNS + (runs as f64 - 1.0).max(0.0);
    StudentsT::new(0.0, 1.0, freedom).map_or(NORMAL_95, |t| t.inverse_cdf(share))
}

/// Mean of the peaks beyond the bound, as of a normal tail behind the same quantile (CVaR).
pub(super) fn cvar(peak: &Interval, runs: usize, risk: f64) -> f64 {
    let Ok(normal) = Normal::new(0.0, 1.0) else { return peak.high };
    let z = normal.inverse_cdf(1.0 - risk);
    let beyond = normal.pdf(z) / risk / z;
    peak.median + (peak.high - peak.median).max(0.0) * stretch(runs, risk) * beyond
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_runs_widen_and_a_smaller_risk_widens() {
        let peak = Interval { low: 90.0, median: 100.0, high: 110.0 };
        let one = upper(&peak, 1, 0.01);
        assert!(one > upper(&peak, 20, 0.01) && upper(&peak, 20, 0.01) > 110.0);
        // t(.99, 4) = 3.747
        assert!((one - (100.0 + 10.0 * 3.747 / 1.645)).abs() < 0.02, "{one}");
        assert!(upper(&peak, 3, 0.001) > upper(&peak, 3, 0.05));
        assert!(cvar(&peak, 3, 0.01) > upper(&peak, 3, 0.01));
    }
}
