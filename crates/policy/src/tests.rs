//! The rules as they stand, and what the two settings change in them.

use memtool_profile_model::{
    AdaptiveConfig, Counters, Hysteresis, LevelChange, Mib, Observation, Offset, OptimizationLevel,
    PressureLevel,
};
use proptest::prelude::*;

use super::{PolicyState, allowance, collected, step};

const CALM: f64 = 9000.0;

fn seen(rss: f64, available: f64) -> Observation {
    Observation { at: Offset::START, rss: Mib::new(rss), available: Some(Mib::new(available)) }
}

fn at(seconds: i64, rss: f64) -> Observation {
    Observation { at: Offset::from_nanos(seconds * 1_000_000_000), ..seen(rss, CALM) }
}

fn patient(margin: f64, dwell_seconds: f64) -> AdaptiveConfig {
    let hysteresis = Hysteresis { margin_mb: Mib::new(margin), dwell_seconds };
    AdaptiveConfig { hysteresis, ..AdaptiveConfig::default() }
}

/// The levels after each observation, from medium on.
fn levels(config: &AdaptiveConfig, observations: &[Observation]) -> Vec<OptimizationLevel> {
    let mut state = PolicyState::default();
    let after = |seen: &Observation| {
        state = step(config, state, *seen).0;
        state.level
    };
    observations.iter().map(after).collect()
}

#[test]
fn critical_below_the_fallback_trigger_is_low_and_not_fallback() {
    let config = AdaptiveConfig::default();
    let (state, step) = step(&config, PolicyState::default(), seen(100.0, 100.0));
    assert_eq!(step.pressure.level, PressureLevel::Critical);
    assert_eq!(state.level, OptimizationLevel::Low);
    assert!(!state.fallback_active);
}

#[test]
fn fallback_is_counted_once_and_ends_with_critical_pressure() {
    let config = AdaptiveConfig::default();
    let mut state = PolicyState::default();
    for _ in 0..3 {
        state = step(&config, state, seen(3600.0, CALM)).0;
    }
    assert_eq!(state.level, OptimizationLevel::Fallback);
    assert_eq!(state.counters.automatic_fallbacks, 1);
    assert_eq!(state.counters.critical_events, 3);
    let (state, _) = step(&config, state, seen(3100.0, CALM));
    assert_eq!(state.level, OptimizationLevel::Low);
    assert!(!state.fallback_active);
}

#[test]
fn garbage_is_collected_at_every_sample_above_the_trigger() {
    let config = AdaptiveConfig::default();
    let (state, first) = step(&config, PolicyState::default(), seen(2500.0, CALM));
    let (state, second) = step(&config, state, seen(2500.0, CALM));
    assert!(first.collect && second.collect);
    assert_eq!(state.counters.total_gc_collections, 2);
    let off = AdaptiveConfig { auto_gc_enabled: false, ..config };
    assert!(!step(&off, state, seen(2500.0, CALM)).1.collect);
}

#[test]
fn the_first_quiet_sample_leaves_medium_for_high() {
    let (state, step) = step(&AdaptiveConfig::default(), PolicyState::default(), seen(100.0, CALM));
    let change =
        LevelChange { from: OptimizationLevel::Medium, to: OptimizationLevel::High, held_since: None };
    assert_eq!(step.change, Some(change));
    assert_eq!(state.counters.batch_size_adjustments, 1);
}

#[test]
fn a_less_strict_level_waits_for_the_margin() {
    use OptimizationLevel::{High, Medium};
    let config = patient(300.0, 0.0);
    let found = levels(&config, &[at(0, 2000.0), at(1, 1999.0), at(2, 1701.0), at(3, 1699.0)]);
    assert_eq!(found, [Medium, Medium, Medium, High]);
    // Available memory waits for its floor and the margin.
    let found = levels(&config, &[seen(1.0, 1999.0), seen(1.0, 2299.0), seen(1.0, 2300.0)]);
    assert_eq!(found, [Medium, Medium, High]);
}

#[test]
fn a_less_strict_level_waits_for_the_dwell_and_a_break_begins_it_anew() {
    use OptimizationLevel::{High, Low};
    let config = patient(0.0, 10.0);
    let calm_from = [at(0, 3100.0), at(1, 100.0), at(10, 100.0), at(11, 100.0)];
    assert_eq!(levels(&config, &calm_from), [Low, Low, Low, High]);
    let broken = [at(0, 3100.0), at(1, 100.0), at(9, 3100.0), at(11, 100.0), at(20, 100.0), at(21, 100.0)];
    assert_eq!(levels(&config, &broken), [Low, Low, Low, Low, Low, High]);
}

#[test]
fn levels_in_between_are_taken_while_a_looser_one_waits() {
    use OptimizationLevel::{Fallback, High, Low, Medium};
    // Low is possible from second 1 on, medium from 4, high from 6.
    let config = patient(0.0, 10.0);
    let falling = [(0, 3600.0), (1, 3100.0), (4, 2100.0), (6, 100.0), (11, 100.0), (14, 100.0), (16, 100.0)];
    let found = levels(&config, &falling.map(|(second, rss)| at(second, rss)));
    assert_eq!(found, [Fallback, Fallback, Fallback, Fallback, Low, Medium, High]);
    // The margin allows only the level in between.
    let found = levels(&patient(300.0, 0.0), &[at(0, 3100.0), at(1, 1900.0), at(2, 1600.0)]);
    assert_eq!(found, [Low, Medium, High]);
}

#[test]
fn time_that_goes_back_begins_the_dwell_anew() {
    use OptimizationLevel::{High, Low, Medium};
    let config = patient(0.0, 10.0);
    let back =
        [at(100, 3100.0), at(101, 100.0), at(105, 100.0), at(104, 100.0), at(112, 100.0), at(114, 1.0)];
    assert_eq!(levels(&config, &back), [Low, Low, Low, Low, Low, High]);
    let extremes = [i64::MAX, i64::MIN, 0, i64::MAX]
        .map(|nanos| Observation { at: Offset::from_nanos(nanos), ..seen(100.0, CALM) });
    assert_eq!(levels(&config, &extremes), [Medium, Medium, High, High]);
}

#[test]
fn a_change_says_since_when_it_was_held_back() {
    let config = patient(0.0, 10.0);
    let mut state = PolicyState::default();
    let mut changes = Vec::new();
    for seen in [at(0, 3100.0), at(3, 100.0), at(13, 100.0), at(14, 3100.0), at(15, 100.0), at(16, 3600.0)] {
        let (next, done) = step(&config, state, seen);
        changes.extend(done.change.map(|change| (change.to, change.held_since)));
        state = next;
    }
    let since = Some(Offset::from_nanos(3_000_000_000));
    use OptimizationLevel::{Fallback, High, Low};
    // The last one is stricter: that a looser level was held just before plays no part.
    let expected = [(Low, None), (High, since), (Low, None), (Fallback, None)];
    assert_eq!(changes, expected);
}

#[test]
fn a_fallback_that_is_held_is_one_fallback() {
    let config = patient(300.0, 0.0);
    let mut state = PolicyState::default();
    for rss in [3600.0, 3400.0, 3600.0, 3300.0] {
        state = step(&config, state, seen(rss, CALM)).0;
        assert!(state.fallback_active && state.level == OptimizationLevel::Fallback, "{rss}");
    }
    assert_eq!(state.counters.automatic_fallbacks, 1);
    let (state, _) = step(&config, state, seen(3100.0, CALM));
    assert!(!state.fallback_active && state.level == OptimizationLevel::Low);
}

/// Which samples are collected at, with what each collection leaves.
fn collections(share: f64, samples: &[f64], left: impl Fn(f64) -> f64) -> Vec<bool> {
    let config = AdaptiveConfig { gc_cooldown_share: share, ..AdaptiveConfig::default() };
    let mut state = PolicyState::default();
    let collects = |rss: &f64| {
        let (next, step) = step(&config, state, seen(*rss, CALM));
        state = if step.collect { collected(next, Mib::new(*rss), Mib::new(left(*rss))) } else { next };
        step.collect
    };
    samples.iter().map(collects).collect()
}

#[test]
fn the_next_collection_waits_for_a_share_of_what_the_last_freed() {
    // 1000 freed down to 2500: half of it is 500.
    let found = collections(0.5, &[2400.0, 3500.0, 2999.0, 3000.0], |rss| rss - 1000.0);
    assert_eq!(found, [false, true, false, true]);
}

#[test]
fn an_ineffective_collection_waits_for_a_share_of_a_twentieth_of_the_trigger() {
    let found = collections(1.0, &[2600.0, 2600.0, 2724.0, 2725.0, 2849.0, 2850.0], |rss| rss);
    assert_eq!(found, [true, false, false, true, false, true]);
    // The same without a result, or if memory even grew.
    let config = AdaptiveConfig { gc_cooldown_share: 1.0, ..AdaptiveConfig::default() };
    let (state, _) = step(&config, PolicyState::default(), seen(2600.0, CALM));
    assert!(!step(&config, state, seen(2600.0, CALM)).1.collect);
    let grown = collections(1.0, &[2600.0, 2734.0, 2735.0], |rss| rss + 10.0);
    assert_eq!(grown, [true, false, true]);
}

#[test]
fn growth_counts_from_the_least_memory_since() {
    // 3000 left, of which more than the trigger's twentieth went without a collection.
    let found = collections(1.0, &[3000.0, 2600.0, 2724.0, 2725.0], |rss| rss);
    assert_eq!(found, [true, false, false, true]);
}

fn observations() -> impl Strategy<Value = Vec<Observation>> {
    // Around the thresholds and on them, at times that mostly go on.
    let sizes = || prop_oneof![3 => 0.0..4500.0_f64, 1 => (0..45_u32).prop_map(|n| f64::from(n) * 100.0)];
    let one = (-2..20_i64, sizes(), prop::option::of(sizes()));
    prop::collection::vec(one, 0..60).prop_map(|steps| {
        let mut second = 0;
        let observation = |(gap, rss, available): (i64, f64, Option<f64>)| {
            second += gap;
            Observation { available: available.map(Mib::new), ..at(second, rss) }
        };
        steps.into_iter().map(observation).collect()
    })
}

/// The existing manager's rules, written down once more from its description.
#[derive(Default)]
struct Plain {
    fallback: bool,
    batch: Option<u32>,
    counters: Counters,
}

impl Plain {
    fn see(&mut self, config: &AdaptiveConfig, rss: f64, available: f64) -> (bool, &'static str) {
        let collects = rss >= config.thresholds.gc_trigger_mb.get() && config.auto_gc_enabled;
        self.counters.total_gc_collections += u64::from(collects);
        let sizes = config.batch_sizes;
        let (word, mut batch) = if rss >= 3500.0 || available < 500.0 {
            ("critical", sizes.low)
        } else if rss >= 3000.0 || available < 1000.0 {
            ("high", sizes.low)
        } else if rss >= 2000.0 || available < 2000.0 {
            ("moderate", sizes.medium)
        } else {
            ("low", sizes.high)
        };
        if word != "critical" {
            self.fallback = false;
        } else if config.fallback_enabled && rss >= 3200.0 {
            self.counters.automatic_fallbacks += u64::from(!self.fallback);
            (self.fallback, batch) = (true, sizes.fallback);
        }
        let before = self.batch.replace(batch).unwrap_or(sizes.medium);
        self.counters.batch_size_adjustments += u64::from(before != batch);
        self.counters.memory_warnings += u64::from(word == "high" || word == "critical");
        self.counters.critical_events += u64::from(word == "critical");
        (collects, word)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn with_zeros_it_is_the_existing_manager(
        observations in observations(), fallback_enabled: bool, auto_gc_enabled: bool,
    ) {
        let config = AdaptiveConfig { fallback_enabled, auto_gc_enabled, ..AdaptiveConfig::default() };
        let (mut plain, mut state) = (Plain::default(), PolicyState::default());
        for seen in observations {
            let before = config.batch_sizes.size(state.level);
            let (next, done) = step(&config, state, seen);
            let (collects, word) = plain.see(&config, seen.rss.get(), seen.available.map_or(1e9, Mib::get));
            // What a collection freed plays no part.
            state = if done.collect { collected(next, seen.rss, Mib::ZERO) } else { next };
            let after = config.batch_sizes.size(state.level);
            prop_assert_eq!((done.collect, done.pressure.level.as_str()), (collects, word));
            prop_assert_eq!(Some(after), plain.batch);
            prop_assert_eq!(done.change.is_some(), before != after);
            prop_assert_eq!(done.change.and_then(|change| change.held_since), None);
            prop_assert_eq!(state.fallback_active, plain.fallback);
            prop_assert_eq!(state.counters, plain.counters);
        }
    }

    #[test]
    fn hysteresis_relaxes_exactly_where_the_margin_held_for_the_dwell(
        observations in observations(), margin in 0.0..800.0_f64, dwell in 0.0..30.0_f64,
    ) {
        let config = patient(margin, dwell);
        let mut state = PolicyState::default();
        for (index, seen) in observations.iter().enumerate() {
            let before = state.level;
            state = step(&config, state, *seen).0;
            let wanted = allowance::allowed(&config, *seen);
            // Backwards over what was seen, while time runs on and the margin holds.
            let long_enough = |level: OptimizationLevel| {
                let mut from = None;
                for place in (0..=index).rev() {
                    let earlier = observations[place];
                    let goes_on = place == index || earlier.at <= observations[place + 1].at;
                    if !goes_on || allowance::allowed_with_margin(&config, earlier) < level {
                        break;
                    }
                    from = Some(earlier.at);
                }
                from.is_some_and(|from| seen.at.seconds() - from.seconds() >= dwell)
            };
            use OptimizationLevel::{Fallback, High, Low, Medium};
            let loosest = [High, Medium, Low].into_iter().find(|level| long_enough(*level));
            let expected = if wanted < before { wanted } else { before.max(loosest.unwrap_or(Fallback)) };
            prop_assert_eq!(state.level, expected);
        }
    }

    #[test]
    fn with_a_cool_down_no_sample_is_collected_at_without_growth(
        observations in observations(), share in 0.01..3.0_f64, freed in 0.0..0.5_f64,
    ) {
        let config = AdaptiveConfig { gc_cooldown_share: share, ..AdaptiveConfig::default() };
        let mut state = PolicyState::default();
        let mut last: Option<(f64, f64)> = None;
        for seen in observations {
            let rss = seen.rss.get();
            let (next, done) = step(&config, state, seen);
            last = last.map(|(least, freed)| (least.min(rss), freed));
            let grown = last.is_none_or(|(least, freed)| rss >= least + share * f64::max(freed, 125.0));
            prop_assert_eq!(done.collect, rss >= 2500.0 && grown);
            state = next;
            if done.collect {
                let after = rss * (1.0 - freed);
                state = collected(state, seen.rss, Mib::new(after));
                last = Some((after, rss - after));
            }
        }
    }
}
