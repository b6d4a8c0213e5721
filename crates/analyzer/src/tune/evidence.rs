//! A run as tuning sees it, and what the detectors said of it.

use memtool_profile_model::{AdaptiveConfig, Run};

use crate::detect::{LeakReport, LeakTier, LeakVerdict};
use crate::rate;
use crate::stats::quantiles;

/// A run with its leak verdict.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The run.
    pub run: &'a Run,
    /// What `analyze` says of a leak in it; `None` where it was not analyzed.
    pub leak: Option<&'a LeakReport>,
}

impl<'a> Evidence<'a> {
    /// The largest memory of the run, by a sample, a batch's peak, or the mark of the whole run.
    pub(super) fn peak_mb(&self) -> Option<f64> {
        self.run.peak(None).map(|peak| peak.rss.get()).filter(|mb| mb.is_finite() && *mb > 0.0)
    }

    /// Readable samples and recorded peaks of batches.
    pub(super) fn observations(&self) -> usize {
        let readable = self.run.snapshots.iter().filter(|s| s.rss.is_some()).count();
        readable + self.run.batches.iter().filter(|b| b.rss_peak.is_some()).count()
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

    /// The size that half of the items or more were in batches of, or of larger ones; `None` without batches. Where the run
    /// leaks, of the last quarter of its items: those came on top of all that it leaked.
    pub(super) fn carried_size(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "items far below 2^52")]
        let mut sizes: Vec<f64> =
            self.run.batches.iter().filter(|b| b.end.is_some()).map(|b| b.items as f64).collect();
        if self.leaks().is_some() {
            let mut before = 0.75 * sizes.iter().sum::<f64>();
            sizes.retain(|items| {
                before -= items;
                before < 0.0
            });
        }
        sizes.sort_by(|a, b| b.total_cmp(a));
        let mut left = 0.5 * sizes.iter().sum::<f64>();
        sizes.into_iter().find(|items| {
            left -= items;
            left <= 0.0
        })
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

    /// Items of all finished batches; 0 without batch records.
    #[expect(clippy::cast_precision_loss, reason = "items far below 2^52")]
    fn items(&self) -> f64 {
        self.run.batches.iter().filter(|batch| batch.end.is_some()).map(|batch| batch.items as f64).sum()
    }

    pub(super) fn leaks(&self) -> Option<&'a LeakReport> {
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

/// What leaks in the runs mean for the advice.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Growth {
    /// For each run what it would grow further at its upper bound, were it as long as the
    /// longest, in MiB: by items where they are recorded, else by time.
    pub(super) extra_mb: Vec<f64>,
    /// Growth at its upper bound, in MiB per minute; 0 without a leak.
    pub mb_per_min: f64,
    /// What was found, for people; `None` without a leak.
    pub message: Option<String>,
}

impl Growth {
    pub(super) fn of(runs: &[Evidence]) -> Self {
        let longest = runs.iter().map(Evidence::minutes).fold(0.0, f64::max);
        let most_items = runs.iter().map(Evidence::items).fold(0.0, f64::max);
        let extra = |run: &Evidence| {
            let leak = run.leaks()?;
            let by_items = leak.slope_mb_per_1000_items.filter(|_| run.items() > 0.0);
            Some(match by_items {
                Some(slope) => slope.high * (most_items - run.items()) / 1000.0,
                None => leak.slope_mb_per_min?.high * (longest - run.minutes()),
            })
        };
        let leaking: Vec<&LeakReport> = runs.iter().filter_map(Evidence::leaks).collect();
        let slopes = leaking.iter().filter_map(|leak| leak.slope_mb_per_min).map(|slope| slope.high);
        let mb_per_min = slopes.fold(0.0, f64::max);
        let confirmed = leaking.iter().any(|leak| leak.tier == Some(LeakTier::Confirmed));
        let message = format!(
            "{} in {} of {} runs, up to {}: the advice is for runs of up to {}, the longest seen, with the growth of so long a run \
             in it; no batch size stops a leak",
            if confirmed { "confirmed" } else { "suspected" },
            leaking.len(),
            runs.len(),
            rate::in_words(mb_per_min),
            rate::span_in_words(longest),
        );
        Self {
            extra_mb: runs.iter().map(|run| extra(run).unwrap_or(0.0).max(0.0)).collect(),
            mb_per_min,
            message: (!leaking.is_empty()).then_some(message),
        }
    }
}
