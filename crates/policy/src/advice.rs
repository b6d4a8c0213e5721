//! Advice while a job runs, for the job itself and for a live view. The careful findings are `analyze`'s.
//!
//! The names of kinds are the existing manager's where the meaning is the same. What it would save is withheld: while
//! a job runs there is no model to compute it with.

use memtool_profile_model::{AdaptiveConfig, Mib, PressureLevel};

use crate::baseline::Baseline;

/// Share of the window's time under high pressure that is too much.
const HIGH_SHARE: f64 = 0.3;
/// A collection that freed less than this share of memory was futile.
const FUTILE_SHARE: f64 = 0.02;
/// Futile collections in succession that are too many.
const FUTILE_COLLECTIONS: usize = 3;
/// Minutes of baseline that a leak needs: start-up is no leak.
const LEAK_MINUTES: f64 = 5.0;
/// Points of the baseline that a leak needs.
const LEAK_POINTS: usize = 24;

/// What was seen of a running job so far.
#[derive(Debug)]
pub struct Observed<'a> {
    /// Its settings.
    pub config: &'a AdaptiveConfig,
    /// Its time under pressure within `recommendation_window_minutes`.
    pub pressure: PressureTime,
    /// Collections in succession, the last one included, that freed next to nothing: see [`futile`].
    pub futile_collections: usize,
    /// Samples under critical pressure.
    pub critical_samples: u64,
    /// The least memory of each stretch of the run.
    pub baseline: &'a Baseline,
}

/// What to do, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    /// Its kind, such as `frequent_gc`.
    pub kind: &'static str,
    /// What was seen.
    pub description: String,
    /// What to do, as a sentence without its full stop.
    pub action: &'static str,
    /// `high`, `medium` or `low`.
    pub priority: &'static str,
    /// How sure, 0 to 1.
    pub confidence: f64,
}

/// How long a job was under high pressure.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PressureTime {
    /// Samples.
    pub samples: usize,
    /// Seconds from the first to the last of them.
    pub seconds: f64,
    /// Seconds of it under high or critical pressure.
    pub high_seconds: f64,
    /// Mean memory over this time, in MiB.
    pub mean_mb: f64,
}

impl PressureTime {
    /// Adds up samples in order of time: seconds, memory and level of each, which hold until the next.
    pub fn of(samples: impl IntoIterator<Item = (f64, Mib, PressureLevel)>) -> Self {
        let (mut found, mut area) = (Self::default(), 0.0);
        let mut before = None;
        for (at, rss, level) in samples {
            found.samples += 1;
            if let Some((since, held, high)) = before.replace((at, rss.get(), level >= PressureLevel::High)) {
                let seconds = f64::max(at - since, 0.0);
                found.seconds += seconds;
                area += seconds * held;
                found.high_seconds += if high { seconds } else { 0.0 };
            }
        }
        found.mean_mb = if found.seconds > 0.0 { area / found.seconds } else { 0.0 };
        found
    }

    /// The share of the time under high pressure; 0 without any time.
    #[must_use]
    pub fn high_share(&self) -> f64 {
        if self.seconds > 0.0 { self.high_seconds / self.seconds } else { 0.0 }
    }
}

/// Collections in succession that freed next to nothing, from what each freed as a share of memory, the last one first.
pub fn futile(freed_shares: impl IntoIterator<Item = f64>) -> usize {
    freed_shares.into_iter().take_while(|share| *share < FUTILE_SHARE).count()
}

/// The advice that holds now, one of a kind at most.
#[must_use]
pub fn advice(seen: &Observed<'_>) -> Vec<Advice> {
    [high_memory(seen), futile_collections(seen), fallback_off(seen), leak(seen)]
        .into_iter()
        .flatten()
        .collect()
}

/// High pressure over much of the window, by time and not by samples.
fn high_memory(seen: &Observed<'_>) -> Option<Advice> {
    let PressureTime { samples, seconds, mean_mb, .. } = seen.pressure;
    let share = seen.pressure.high_share();
    let enough = samples >= seen.config.min_samples_for_recommendation.max(2) as usize;
    (enough && share > HIGH_SHARE && mean_mb > seen.config.thresholds.moderate_mb.get()).then(|| Advice {
        kind: "high_memory_pattern",
        description: format!(
            "{:.0} % of the last {seconds:.0} s under high pressure, {mean_mb:.0} MiB on average",
            100.0 * share
        ),
        action: "Use smaller batches, or free what a batch needed before the next one begins",
        priority: "high",
        confidence: 0.7,
    })
}

/// Forced collections that free next to nothing.
fn futile_collections(seen: &Observed<'_>) -> Option<Advice> {
    let futile = seen.futile_collections;
    (futile >= FUTILE_COLLECTIONS).then(|| Advice {
        kind: "frequent_gc",
        description: format!(
            "the last {futile} forced collections each freed less than {:.0} % of memory",
            100.0 * FUTILE_SHARE
        ),
        action: "Raise gc_trigger_mb above what the job holds for good, or set memtool.gc_cooldown_share",
        priority: "medium",
        confidence: 0.8,
    })
}

/// Critical pressure with no fallback to go to.
fn fallback_off(seen: &Observed<'_>) -> Option<Advice> {
    let critical = seen.critical_samples;
    (critical > 0 && !seen.config.fallback_enabled).then(|| Advice {
        kind: "enable_fallback",
        description: format!("{critical} samples under critical pressure, and fallback is switched off"),
        action: "Set fallback_enabled, so that critical pressure leads to the smallest batches",
        priority: "medium",
        confidence: 0.8,
    })
}

/// A baseline that rises in each quarter of the run, by `leak_threshold_mb` or more in total.
fn leak(seen: &Observed<'_>) -> Option<Advice> {
    let points = seen.baseline.points();
    let minutes = points.last()?.0 - points.first()?.0;
    if !seen.config.leak_detection_enabled || minutes < LEAK_MINUTES || points.len() < LEAK_POINTS {
        return None;
    }
    // The first quarter is warm-up.
    let settled = &points[points.len() / 4..];
    let medians: Vec<f64> = settled.chunks(settled.len().div_ceil(4)).map(median).collect();
    let growth = medians.last()? - medians.first()?;
    let steady = medians.windows(2).all(|pair| pair[1] - pair[0] > growth / 10.0);
    (steady && growth >= seen.config.leak_threshold_mb.get()).then(|| Advice {
        kind: "memory_leak",
        description: format!(
            "the baseline of memory rose by {growth:.0} MiB in {:.0} minutes, steadily",
            minutes * 0.75
        ),
        action: "Look for lists, caches and logs that outlive a batch; memtool analyze has the evidence",
        priority: "medium",
        confidence: 0.6,
    })
}

fn median(points: &[(f64, f64)]) -> f64 {
    let mut sizes: Vec<f64> = points.iter().map(|(_, size)| *size).collect();
    sizes.sort_by(f64::total_cmp);
    sizes[sizes.len() / 2]
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::Offset;

    use super::*;

    fn kinds(seen: &Observed<'_>) -> Vec<&'static str> {
        advice(seen).into_iter().map(|advice| advice.kind).collect()
    }

    #[test]
    fn nothing_seen_is_nothing_to_say() {
        let (config, baseline) = (AdaptiveConfig::default(), Baseline::default());
        let pressure = PressureTime::of([]);
        let seen = Observed {
            config: &config,
            pressure,
            futile_collections: 0,
            critical_samples: 0,
            baseline: &baseline,
        };
        assert_eq!(kinds(&seen), [""; 0]);
        assert_eq!(kinds(&Observed { futile_collections: 3, critical_samples: 9, ..seen }), ["frequent_gc"]);
    }

    #[test]
    fn pressure_counts_by_time_and_not_by_samples() {
        let level = |high| if high { PressureLevel::High } else { PressureLevel::Low };
        let sample = |at, high| (at, Mib::new(if high { 3_100.0 } else { 100.0 }), level(high));
        // Nine forced samples in the one second under pressure, and a minute without.
        let crowded = (0..9).map(|n| sample(f64::from(n) / 9.0, true));
        let time = PressureTime::of(crowded.chain([sample(1.0, false), sample(61.0, false)]));
        assert_eq!((time.samples, time.seconds), (11, 61.0));
        assert!((time.high_seconds - 1.0).abs() < 1e-9 && time.high_share() < 0.02, "{time:?}");
    }

    #[test]
    fn the_last_collections_count() {
        assert_eq!(futile([0.0, 0.01, -0.1, 0.3, 0.0]), 3);
        assert_eq!(futile([]), 0);
    }

    #[test]
    fn a_rise_below_the_threshold_is_no_leak() {
        let mut baseline = Baseline::default();
        for second in 0..1_200_u32 {
            baseline.add(Offset::from_seconds(f64::from(second)), Mib::new(100.0 + f64::from(second) * 0.2));
        }
        let leaks = |threshold| {
            let config = AdaptiveConfig { leak_threshold_mb: Mib::new(threshold), ..Default::default() };
            let pressure = PressureTime::default();
            let seen = Observed {
                config: &config,
                pressure,
                futile_collections: 0,
                critical_samples: 0,
                baseline: &baseline,
            };
            kinds(&seen)
        };
        assert_eq!((leaks(50.0), leaks(500.0)), (vec!["memory_leak"], vec![]));
    }
}
