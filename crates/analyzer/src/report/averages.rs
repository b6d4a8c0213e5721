//! Averages over all samples of a run, kept or not.

use memtool_profile_model::Totals;

use crate::series::Series;
use crate::stats::quantiles;

/// What is an average over all samples, kept or not.
pub(super) struct Averages {
    pub(super) samples: usize,
    pub(super) mean_rss_mb: f64,
    pub(super) time_weighted_mean_rss_mb: f64,
    pub(super) p50_p95_p99_rss_mb: [f64; 3],
    pub(super) level_shares: [f64; 4],
    pub(super) coverage: f64,
}

impl Averages {
    pub(super) fn of(series: &Series, totals: Option<&Totals>) -> Self {
        let Some(totals) = totals else {
            return Self {
                samples: series.len(),
                mean_rss_mb: series.mean_rss_mb(),
                time_weighted_mean_rss_mb: series.time_weighted_rss_mb(),
                p50_p95_p99_rss_mb: quantiles(&series.rss_mb, [0.5, 0.95, 0.99]).unwrap_or_default(),
                level_shares: series.level_shares(),
                coverage: series.coverage(),
            };
        };
        let shares = |seconds: [f64; 4]| seconds.map(|s| s / totals.observed_s);
        let known = totals.level_s.filter(|_| totals.observed_s > 0.0);
        let duration_s = series.duration_s();
        Self {
            samples: totals.samples,
            mean_rss_mb: totals.mean_rss_mb,
            time_weighted_mean_rss_mb: totals.time_weighted_mean_rss_mb,
            p50_p95_p99_rss_mb: totals.p50_p95_p99_rss_mb,
            level_shares: known.map_or_else(|| series.level_shares(), shares),
            coverage: if duration_s > 0.0 { (totals.observed_s / duration_s).min(1.0) } else { 1.0 },
        }
    }
}
