//! A run as tuning sees it, and what the detectors said of it.

use memtool_profile_model::{AdaptiveConfig, Run};

use crate::detect::{LeakReport, LeakTier, LeakVerdict};
use crate::stats::quantiles;

/// A run with its leak verdict.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The run.
    pub run: &'a Run,
    /// What `analyze` says of a leak in it; `None` where nobody looked.
    pub leak: Option<&'a LeakReport>,
}

impl Evidence<'_> {
    /// The largest memory seen, by a sample or by a batch's exact peak.
    pub(super) fn peak_mb(&self) -> Option<f64> {
        let samples = self.run.snapshots.iter().filter_map(|s| s.rss);
        let batches = self.run.batches.iter().filter_map(|b| b.rss_peak);
        let readable = |mb: &f64| mb.is_finite() && *mb > 0.0;
        samples.chain(batches).map(|m| m.get()).filter(readable).reduce(f64::max)
    }

    /// First to last record.
    pub(super) fn minutes(&self) -> f64 {
        let ends =
            self.run.snapshots.iter().map(|s| s.at).chain(self.run.batches.iter().filter_map(|b| b.end));
        ends.map(|at| at.seconds()).filter(|s| s.is_finite()).fold(0.0, f64::max) / 60.0
    }

    /// The one batch size in force throughout, if so; the first sample comes before any decision.
    pub(super) fn fixed_size(&self) -> Option<u32> {
        let mut sizes: Vec<u32> = self.run.batches.iter().map(|batch| batch.size).collect();
        if sizes.is_empty() {
            sizes = self.run.snapshots.iter().skip(1).filter_map(|s| s.batch_size).collect();
        }
        let first = *sizes.first()?;
        (first > 0 && sizes.iter().all(|size| *size == first)).then_some(first)
    }

    /// Memory that neither the job nor anything available accounts for, under the run's own
    /// limit: the 95 % quantile over the samples; 0 where it cannot be told.
    pub(super) fn others_mb(&self) -> f64 {
        let Some(limit) = self.run.host.limit_mb else { return 0.0 };
        let others: Vec<f64> = self
            .run
            .snapshots
            .iter()
            .filter_map(|s| Some(limit.get() - s.available?.get() - s.rss?.get()))
            .filter(|mb| mb.is_finite())
            .collect();
        quantiles(&others, [0.95]).map_or(0.0, |[p95]| p95.max(0.0))
    }

    pub(super) fn leaks(&self) -> Option<&LeakReport> {
        self.leak.filter(|leak| leak.verdict == LeakVerdict::Leak)
    }

    /// Whether two runs were made under the same settings, as far as they steer memory.
    pub(super) fn same_settings(&self, other: &Self) -> bool {
        match (self.fixed_size(), other.fixed_size()) {
            (Some(a), Some(b)) => a == b,
            (None, None) => steering(&self.run.config) == steering(&other.run.config),
            _ => false,
        }
    }
}

/// The part of a config that decides sizes and collections.
fn steering(config: &AdaptiveConfig) -> AdaptiveConfig {
    let default = AdaptiveConfig::default();
    AdaptiveConfig {
        thresholds: config.thresholds,
        batch_sizes: config.batch_sizes,
        auto_gc_enabled: config.auto_gc_enabled,
        fallback_enabled: config.fallback_enabled,
        available_limits: config.available_limits,
        hysteresis: config.hysteresis,
        gc_cooldown_share: config.gc_cooldown_share,
        predictive: config.predictive,
        monitoring_interval_seconds: config.monitoring_interval_seconds,
        ..default
    }
}

/// What a leak adds to a run as long as the longest, beyond what its own recording shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Growth {
    /// The most that is added, in MiB.
    pub extra_mb: f64,
    /// Growth at its upper bound, in MiB a minute; 0 without a leak.
    pub mb_per_min: f64,
    /// What was found, for people; `None` without a leak.
    pub said: Option<String>,
}

impl Growth {
    pub(super) fn of(runs: &[Evidence]) -> Self {
        let longest = runs.iter().map(Evidence::minutes).fold(0.0, f64::max);
        let mut growth = Self::default();
        let leaking: Vec<&Evidence> = runs.iter().filter(|run| run.leaks().is_some()).collect();
        for run in &leaking {
            let Some(slope) = run.leaks().and_then(|leak| leak.slope_mb_per_min) else { continue };
            let extra = slope.high * longest - slope.estimate * run.minutes();
            growth.extra_mb = growth.extra_mb.max(extra);
            growth.mb_per_min = growth.mb_per_min.max(slope.high);
        }
        let confirmed = leaking.iter().any(|r| r.leak.is_some_and(|l| l.tier == Some(LeakTier::Confirmed)));
        growth.said = (!leaking.is_empty()).then(|| {
            format!(
                "a leak is {} in {} of {} runs, up to {:.1} MiB a minute: {:.0} MiB are added for a run of \
                 {longest:.1} minutes, the longest seen; no batch size stops a leak",
                if confirmed { "confirmed" } else { "suspected" },
                leaking.len(),
                runs.len(),
                growth.mb_per_min,
                growth.extra_mb,
            )
        });
        growth
    }
}
