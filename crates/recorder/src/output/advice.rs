//! Advice while the job runs, from the history and the baseline alone.
//!
//! The type names are the existing manager's where the meaning is the same. What it would save
//! is withheld: a live view has no model to compute it with. `memtool analyze` has.

use jiff::Timestamp;
use memtool_profile_model::{PressureLevel, Recommendation, SnapshotKind};

use crate::engine::shared::Shared;
use crate::engine::state::State;

/// Share of the window's time under high pressure that is too much.
const HIGH_SHARE: f64 = 0.3;
/// Collections in succession that freed less than a fiftieth of memory.
const FUTILE_COLLECTIONS: usize = 3;
/// Minutes of baseline that a leak needs: start-up is no leak.
const LEAK_MINUTES: f64 = 5.0;
/// Points of the baseline that a leak needs.
const LEAK_POINTS: usize = 24;

/// All advice so far: what holds now, and what held before.
pub(crate) fn given(shared: &Shared) -> Vec<Recommendation> {
    let mut state = shared.state();
    remember(&mut state, shared.clock.wall());
    state.recommendations.clone()
}

/// Adds the advice that holds now; each kind is kept once, as it last held.
pub(crate) fn remember(state: &mut State, now: Timestamp) {
    for standing in all(state, now) {
        match state.recommendations.iter_mut().find(|known| known.kind == standing.kind) {
            Some(known) => *known = standing,
            None => state.recommendations.push(standing),
        }
    }
}

/// The advice that holds now.
fn all(state: &State, now: Timestamp) -> Vec<Recommendation> {
    let made = advice(state);
    let dated = |advice: Advice| Recommendation {
        kind: advice.kind.to_owned(),
        description: advice.description,
        action: advice.action.to_owned(),
        priority: advice.priority.to_owned(),
        estimated_savings_mb: None,
        confidence: advice.confidence,
        timestamp: now.to_string(),
    };
    made.into_iter().map(dated).collect()
}

struct Advice {
    kind: &'static str,
    description: String,
    action: &'static str,
    priority: &'static str,
    confidence: f64,
}

fn advice(state: &State) -> Vec<Advice> {
    [high_memory(state), futile_collections(state), fallback_off(state), leak(state)]
        .into_iter()
        .flatten()
        .collect()
}

/// High pressure over much of the window, by time and not by samples.
fn high_memory(state: &State) -> Option<Advice> {
    let window = state.config.recommendation_window_minutes * 60.0;
    let newest = state.history.last()?.at.seconds();
    let recent = state.history.iter().rev().take_while(|s| newest - s.at.seconds() <= window);
    let mut recent: Vec<_> = recent.filter(|s| s.kind == SnapshotKind::Regular).collect();
    recent.reverse();
    if recent.len() < state.config.min_samples_for_recommendation.max(2) as usize {
        return None;
    }
    let (mut high, mut area, mut total) = (0.0, 0.0, 0.0);
    for pair in recent.windows(2) {
        let seconds = (pair[1].at.seconds() - pair[0].at.seconds()).max(0.0);
        total += seconds;
        area += seconds * pair[0].rss.get();
        high += if pair[0].pressure_level >= PressureLevel::High { seconds } else { 0.0 };
    }
    let (share, mean) = (high / total, area / total);
    (share > HIGH_SHARE && mean > state.config.thresholds.moderate_mb.get()).then(|| Advice {
        kind: "high_memory_pattern",
        description: format!(
            "{:.0} % of the last {total:.0} s under high pressure, {mean:.0} MiB on average",
            100.0 * share
        ),
        action: "Use smaller batches, or free what a batch needed before the next one begins",
        priority: "high",
        confidence: 0.7,
    })
}

/// Forced collections that free next to nothing.
fn futile_collections(state: &State) -> Option<Advice> {
    let newest_first = state.history.iter().rev();
    let futile = newest_first
        .clone()
        .zip(newest_first.skip(1))
        .filter(|(after, _)| after.kind == SnapshotKind::PostGc)
        .map(|(after, before)| 1.0 - after.rss.get() / before.rss.get().max(1.0))
        .take_while(|share| *share < 0.02)
        .count();
    (futile >= FUTILE_COLLECTIONS).then(|| Advice {
        kind: "frequent_gc",
        description: format!("the last {futile} forced collections each freed less than 2 % of memory"),
        action: "Raise gc_trigger_mb above what the job holds for good, or set memtool.gc_cooldown_share",
        priority: "medium",
        confidence: 0.8,
    })
}

/// Critical pressure with no fallback to go to.
fn fallback_off(state: &State) -> Option<Advice> {
    let critical = state.policy.counters.critical_events;
    (critical > 0 && !state.config.fallback_enabled).then(|| Advice {
        kind: "enable_fallback",
        description: format!("{critical} samples under critical pressure, and fallback is switched off"),
        action: "Set fallback_enabled, so that critical pressure leads to the smallest batches",
        priority: "medium",
        confidence: 0.8,
    })
}

/// A baseline that rises in each quarter of the run, by `leak_threshold_mb` or more in total.
fn leak(state: &State) -> Option<Advice> {
    let points = state.baseline.points();
    let minutes = points.last()?.0 - points.first()?.0;
    if !state.config.leak_detection_enabled || minutes < LEAK_MINUTES || points.len() < LEAK_POINTS {
        return None;
    }
    // The first quarter is warm-up.
    let settled = &points[points.len() / 4..];
    let medians: Vec<f64> = settled.chunks(settled.len().div_ceil(4)).map(median).collect();
    let growth = medians.last()? - medians.first()?;
    let steady = medians.windows(2).all(|pair| pair[1] - pair[0] > growth / 10.0);
    (steady && growth >= state.config.leak_threshold_mb.get()).then(|| Advice {
        kind: "memory_leak",
        description: format!(
            "the baseline of memory rose by {growth:.0} MiB in {:.0} minutes, steadily",
            minutes * 0.75
        ),
        action: "SampleTrigger for lists, caches and logs that outlive a batch; memtool analyze has the evidence",
        priority: "medium",
        confidence: 0.6,
    })
}

fn median(points: &[(f64, f64)]) -> f64 {
    let mut sizes: Vec<f64> = points.iter().map(|(_, size)| *size).collect();
    sizes.sort_by(f64::total_cmp);
    sizes[sizes.len() / 2]
}
