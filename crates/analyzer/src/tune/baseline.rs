//! What simpler tools would say, beside the choice, and how that held.
//!
//! `krr`: largest peak + 15 %. `vpa`: 90 % quantile of the peaks of days, weighted by age with a
//! half-life of 24 hours, + 15 %. `seed`: the existing factory's thresholds with the default
//! batch sizes, which give the job all of its limit. The first two give a memory request; they
//! do not set batch sizes. Each is judged on every run from the others: does the run stay
//! within what the rule gave it?

use std::collections::BTreeMap;

use memtool_profile_model::{AdaptiveConfig, AvailableLimits, BatchSizes, MemoryThresholds, Mib, Run};
use serde::Serialize;

use super::backtest::{Score, cut_off};
use super::evidence::Evidence;
use super::outlook::Outlook;
use super::watch::{Part, Watch};

const MARGIN: f64 = 1.15;
const HALF_LIFE_HOURS: f64 = 24.0;
const VPA_SHARE: f64 = 0.90;
const DRAWS: u32 = 100;

/// What a simpler rule would give.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Baseline {
    /// Upper predicted peak under the rule; of a request the largest peak seen.
    pub peak_mb: f64,
    /// The memory the rule gives the job.
    pub limit_mb: f64,
    /// Whether that memory is there and the peak stays below it.
    pub fits: bool,
    /// How the rule held on runs it was not made from.
    pub backtest: Score,
}

/// The simpler rules.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Baselines {
    /// Factory thresholds, default batch sizes; `None` too where the time was over.
    pub seed: Option<Baseline>,
    /// Largest peak and a margin.
    pub krr: Option<Baseline>,
    /// 90 % quantile of decayed daily peaks and a margin.
    pub vpa: Option<Baseline>,
}

pub(super) fn baselines(
    runs: &[Evidence],
    outlook: &Outlook,
    machine_mb: f64,
    watch: &mut Watch,
) -> Baselines {
    Baselines {
        seed: if watch.step(Part::Proof) { seed_rule(runs, outlook) } else { None },
        krr: request(runs, machine_mb, largest),
        vpa: request(runs, machine_mb, decayed_quantile),
    }
}

/// A peak and when its run began.
type Peak = (f64, f64);

fn request(runs: &[Evidence], machine_mb: f64, rule: fn(&[Peak]) -> Option<f64>) -> Option<Baseline> {
    let peaks: Vec<(Peak, bool)> =
        runs.iter().filter_map(|r| Some(((r.peak_mb()?, seconds(r.run)), cut_off(r.run)))).collect();
    let plain: Vec<Peak> = peaks.iter().map(|(peak, _)| *peak).collect();
    let limit_mb = rule(&plain)? * MARGIN;
    let worst = largest(&plain)?;
    let judged = (0..peaks.len()).filter_map(|out| {
        let others: Vec<Peak> = (0..plain.len()).filter(|i| *i != out).map(|i| plain[i]).collect();
        Some((rule(&others)? * MARGIN, plain[out].0, peaks[out].1))
    });
    Some(Baseline {
        peak_mb: worst,
        limit_mb,
        fits: limit_mb <= machine_mb && worst <= limit_mb,
        backtest: Score::of(&judged.collect::<Vec<_>>()),
    })
}

fn largest(peaks: &[Peak]) -> Option<f64> {
    peaks.iter().map(|peak| peak.0).reduce(f64::max)
}

fn decayed_quantile(peaks: &[Peak]) -> Option<f64> {
    let mut days: BTreeMap<i64, Peak> = BTreeMap::new();
    for peak in peaks {
        let day = days.entry(day_of(peak.1)).or_insert(*peak);
        *day = (day.0.max(peak.0), day.1.max(peak.1));
    }
    let mut daily: Vec<Peak> = days.into_values().collect();
    let newest = daily.iter().map(|peak| peak.1).reduce(f64::max)?;
    daily.sort_by(|a, b| a.0.total_cmp(&b.0));
    let weight = |at: f64| (-(newest - at) / 3600.0 / HALF_LIFE_HOURS * std::f64::consts::LN_2).exp();
    let total: f64 = daily.iter().map(|peak| weight(peak.1)).sum();
    let mut sum = 0.0;
    let reached = daily.iter().find(|peak| {
        sum += weight(peak.1);
        sum >= VPA_SHARE * total
    });
    reached.or(daily.last()).map(|peak| peak.0)
}

/// The existing factory's thresholds for the limit with the default batch sizes: judged by the
/// runs that were recorded so, and by a replay of the others.
fn seed_rule(runs: &[Evidence], outlook: &Outlook) -> Option<Baseline> {
    let limit_mb = outlook.limit_mb();
    let seed = |limit: f64, available_limits: AvailableLimits| AdaptiveConfig {
        thresholds: MemoryThresholds::from_limit(Mib::new(limit)),
        available_limits,
        batch_sizes: BatchSizes::default(),
        ..AdaptiveConfig::default()
    };
    let view = outlook.of_config(&seed(limit_mb, AvailableLimits::default()), DRAWS)?;
    let judged = runs.iter().enumerate().filter_map(|(place, evidence)| {
        // On the machine that the run was recorded on, where that is known.
        let own_mb = evidence.run.host.limit_mb.map_or(limit_mb, Mib::get);
        let recorded = evidence.fixed_size().is_none()
            && evidence.run.config.batch_sizes == BatchSizes::default()
            && evidence.run.config.thresholds == MemoryThresholds::from_limit(Mib::new(own_mb));
        let actual = if recorded {
            evidence.peak_mb()?
        } else {
            outlook.median_of(place, &seed(own_mb, evidence.run.config.available_limits), own_mb, DRAWS)?
        };
        Some((own_mb, actual, recorded && cut_off(evidence.run)))
    });
    let backtest = Score::of(&judged.collect::<Vec<_>>());
    Some(Baseline { peak_mb: view.bound_mb, limit_mb, fits: outlook.fits(&view), backtest })
}

#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^52")]
fn seconds(run: &Run) -> f64 {
    run.started.as_second() as f64
}

#[expect(clippy::cast_possible_truncation, reason = "a day since 1970")]
fn day_of(seconds: f64) -> i64 {
    (seconds / 86_400.0).floor() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_peaks_count_less_and_a_day_has_one_peak() {
        let day = 86_400.0;
        let peaks = [(900.0, 0.0), (500.0, 10.0 * day), (510.0, 10.0 * day + 60.0)];
        assert_eq!(decayed_quantile(&peaks), Some(510.0));
        assert_eq!(decayed_quantile(&[]), None);
    }
}
