//! Many replays as one prediction.

use super::calibration::Widening;
use super::kill_probability;
use super::prediction::{LevelShare, Prediction};
use super::replay::Outcome;
use super::scenario::Scenario;
use crate::memory_model::{Interval, quantile_of};
use crate::stats::count;

/// One replay's outcome beside the recorded run's time by the same draw.
#[derive(Debug, Clone, Copy)]
pub(super) struct Replayed {
    pub(super) outcome: Outcome,
    pub(super) recorded_seconds: f64,
    /// Factor by which two measured speeds differ without a reason.
    pub(super) noise: f64,
}

/// The prediction of some replays; `least` is the peak, and what was charged then, that is known to be reached.
pub(super) fn summary(
    replays: &[Replayed],
    scenario: &Scenario,
    limit: Option<f64>,
    widening: Widening,
    least: (f64, f64),
) -> Prediction {
    let column = |value: &dyn Fn(&Replayed) -> f64| replays.iter().map(value).collect::<Vec<f64>>();
    let median = |value: &dyn Fn(&Replayed) -> f64| quantile_of(column(value), 0.5).unwrap_or(0.0);
    let share_at = |level: usize| {
        let of =
            |r: &Replayed| r.outcome.seconds_at[level] / r.outcome.seconds_at.iter().sum::<f64>().max(1e-9);
        column(&of).iter().sum::<f64>() / count(replays.len()).max(1.0)
    };
    let ratio = |r: &Replayed| {
        if r.outcome.seconds > 0.0 { r.recorded_seconds / r.outcome.seconds * r.noise } else { 1.0 }
    };
    let adaptive = matches!(scenario, Scenario::Config(_));
    let charged = column(&|r| r.outcome.charged.max(least.1));
    let drawn = Interval::of(&column(&|r| r.outcome.peak));
    Prediction {
        identifiable: true,
        peak_rss_mb: drawn.map(|peak| widening.of_interval(peak, least.0)),
        recorded_peak_mb: None,
        kill_probability: limit
            .zip(drawn)
            .and_then(|(limit, drawn)| kill_probability::probability(&charged, limit, widening.blur(drawn))),
        replays_killed: limit.and_then(|limit| kill_probability::share(&charged, limit)),
        replays: replays.len(),
        charged_mb: quantile_of(charged.iter().copied(), 0.5),
        // Its speed is its own.
        throughput_ratio: if matches!(scenario, Scenario::AsRecorded) {
            None
        } else {
            Interval::of(&column(&ratio))
        },
        throughput_assumed: true,
        level_changes: median(&|r| count_u64(r.outcome.level_changes)),
        gc_runs: median(&|r| count_u64(r.outcome.gc_runs)),
        fallback_share: if adaptive { share_at(0) } else { 0.0 },
        level_share: adaptive.then(|| LevelShare {
            fallback: share_at(0),
            low: share_at(1),
            medium: share_at(2),
            high: share_at(3),
        }),
        replay_error: 0.0,
        bounds_only: false,
        warnings: Vec::new(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn count_u64(n: u64) -> f64 {
    n as f64
}
