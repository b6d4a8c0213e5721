//! Advice while the job runs, current and past.

use jiff::Timestamp;
use memtool_policy::{Observed, PressureTime, advice, futile};
use memtool_profile_model::{Recommendation, SnapshotKind};

use crate::engine::shared::Shared;
use crate::engine::state::State;

/// All advice so far: what holds now, and what held before.
pub(crate) fn given(shared: &Shared) -> Vec<Recommendation> {
    let mut state = shared.state();
    remember(&mut state, shared.clock.wall());
    state.recommendations.clone()
}

/// Adds the advice that holds now; each kind is kept once, as it last held.
pub(crate) fn remember(state: &mut State, now: Timestamp) {
    for advice in standing(state, now) {
        match state.recommendations.iter_mut().find(|known| known.kind == advice.kind) {
            Some(known) => *known = advice,
            None => state.recommendations.push(advice),
        }
    }
}

/// The advice that holds now.
pub(crate) fn standing(state: &State, now: Timestamp) -> Vec<Recommendation> {
    let seen = Observed {
        config: &state.config,
        pressure: pressure_time(state),
        futile_collections: futile(freed_shares(state)),
        critical_samples: state.policy.counters.critical_events,
        baseline: &state.baseline,
    };
    let dated = |advice: memtool_policy::Advice| Recommendation {
        kind: advice.kind.to_owned(),
        description: advice.description,
        action: advice.action.to_owned(),
        priority: advice.priority.to_owned(),
        estimated_savings_mb: None,
        confidence: advice.confidence,
        timestamp: now.to_string(),
    };
    advice(&seen).into_iter().map(dated).collect()
}

/// The window's regular samples.
fn pressure_time(state: &State) -> PressureTime {
    let window = state.config.recommendation_window_minutes * 60.0;
    let newest = state.history.last().map_or(0.0, |last| last.at.seconds());
    let samples = state.history.iter().filter(|s| s.kind == SnapshotKind::Regular);
    let recent = samples.map(|s| (s.at.seconds(), s.rss, s.pressure_level));
    PressureTime::of(recent.skip_while(|(at, ..)| newest - at > window))
}

/// What each forced collection in the history freed, the last one first.
fn freed_shares(state: &State) -> impl Iterator<Item = f64> {
    let newest_first = state.history.iter().rev();
    let pairs = newest_first.clone().zip(newest_first.skip(1));
    let collected = pairs.filter(|(after, _)| after.kind == SnapshotKind::PostGc);
    collected.map(|(after, before)| 1.0 - after.rss.get() / before.rss.get().max(1.0))
}
