//! What simpler tools would say, beside the choice.
//!
//! `krr`: largest peak + 15 %. `vpa`: 90 % quantile of the runs' peaks, weighted by age with a
//! half-life of 24 hours, + 15 %. `seed`: the existing factory's thresholds with the default
//! batch sizes. The first two give the job a memory request; they do not set batch sizes.

use memtool_profile_model::Run;
use serde::Serialize;

use crate::respond::trace::Trace;

const MARGIN: f64 = 1.15;
const HALF_LIFE_HOURS: f64 = 24.0;
const VPA_SHARE: f64 = 0.90;

/// What a simpler rule would give.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Baseline {
    /// Upper predicted peak under the rule.
    pub peak_mb: f64,
    /// The memory the rule gives the job.
    pub limit_mb: f64,
    /// Whether that memory is there and the peak stays below it.
    pub fits: bool,
}

/// The simpler rules.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Baselines {
    /// Factory thresholds, default batch sizes.
    pub seed: Option<Baseline>,
    /// Largest peak and a margin.
    pub krr: Option<Baseline>,
    /// 90 % quantile of decayed peaks and a margin.
    pub vpa: Option<Baseline>,
}

pub(super) fn request_rules(runs: &[&Run], machine_mb: f64) -> (Option<Baseline>, Option<Baseline>) {
    let peaks: Vec<(f64, f64)> =
        runs.iter().filter_map(|run| Some((Trace::of(run)?.peak, seconds(run)))).collect();
    let largest = peaks.iter().map(|p| p.0).reduce(f64::max);
    let request = |peak: f64| {
        let limit_mb = peak * MARGIN;
        let worst = largest.unwrap_or(peak);
        Baseline { peak_mb: worst, limit_mb, fits: limit_mb <= machine_mb && worst <= limit_mb }
    };
    (largest.map(request), decayed_quantile(peaks).map(request))
}

fn decayed_quantile(mut peaks: Vec<(f64, f64)>) -> Option<f64> {
    let newest = peaks.iter().map(|p| p.1).reduce(f64::max)?;
    peaks.sort_by(|a, b| a.0.total_cmp(&b.0));
    let weight = |at: f64| (-(newest - at) / 3600.0 / HALF_LIFE_HOURS * std::f64::consts::LN_2).exp();
    let total: f64 = peaks.iter().map(|p| weight(p.1)).sum();
    let mut sum = 0.0;
    for (peak, at) in &peaks {
        sum += weight(*at);
        if sum >= VPA_SHARE * total {
            return Some(*peak);
        }
    }
    peaks.last().map(|p| p.0)
}

#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^52")]
fn seconds(run: &Run) -> f64 {
    run.started.as_second() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_peaks_count_less() {
        let day = 86_400.0;
        let peaks = vec![(900.0, 0.0), (500.0, 10.0 * day), (510.0, 10.0 * day)];
        assert_eq!(decayed_quantile(peaks), Some(510.0));
        assert_eq!(decayed_quantile(Vec::new()), None);
    }
}
