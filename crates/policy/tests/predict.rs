//! What holds of the predictive batch size whatever its input.

use memtool_policy::predict::{BatchModel, Finished, Room, Sizing};
use memtool_profile_model::stream::current::{DecisionRecord, Record};
use memtool_profile_model::stream::{append_line, parse_line};
use memtool_profile_model::{
    Action, AdaptiveConfig, BatchSizes, Mib, Observation, Offset, Predictive, SizeRule, pressure,
};
use proptest::prelude::*;

/// The same cases at every run.
fn seeded() -> ProptestConfig {
    let rng_seed = proptest::test_runner::RngSeed::Fixed(20_261_129);
    ProptestConfig { cases: 400, rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => 0.0..5000.0_f64,
        1 => any::<f64>(),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(0.0),
        1 => Just(1e300),
    ]
}

fn any_batch() -> impl Strategy<Value = Finished> {
    let items = prop_oneof![4 => 1..2000_u64, 1 => any::<u64>(), 1 => Just(0)];
    (items, any_number(), any_number(), any_number(), any_number(), any::<bool>()).prop_map(
        |(items, start, peak, end, seconds, exact_peak)| Finished {
            items,
            rss_start: Mib::new(start),
            rss_peak: Mib::new(peak),
            rss_end: Mib::new(end),
            seconds,
            exact_peak,
        },
    )
}

/// A batch as a job has it.
fn likely_batch() -> impl Strategy<Value = Finished> {
    (1..1500_u64, 10.0..900.0_f64, 0.0..400.0_f64, 0.0..1.0_f64, 0.01..2.0_f64).prop_map(
        |(items, start, need, kept, seconds)| Finished {
            items,
            rss_start: Mib::new(start),
            rss_peak: Mib::new(start + need),
            rss_end: Mib::new(start + need * kept),
            seconds,
            exact_peak: true,
        },
    )
}

fn any_config() -> impl Strategy<Value = AdaptiveConfig> {
    (any_number(), 0..5000_u32, any::<u32>(), 0..3000_u32, prop_oneof![Just(0), 1..5000_u32, any::<u32>()])
        .prop_map(|(safe_share, high, odd, fallback, largest)| {
            let fallback = if odd % 16 == 0 { odd } else { fallback };
            AdaptiveConfig {
                batch_sizes: BatchSizes { fallback, high, ..BatchSizes::default() },
                predictive: Predictive { enabled: true, safe_share, largest },
                ..AdaptiveConfig::default()
            }
        })
}

fn room(rss: f64, available: Option<f64>, limit: Option<f64>) -> Room {
    Room { rss: Mib::new(rss), available: available.map(Mib::new), limit: limit.map(Mib::new) }
}

fn taught(batches: &[Finished]) -> BatchModel {
    let mut model = BatchModel::default();
    batches.iter().for_each(|&batch| model.finished(batch));
    model
}

fn largest(config: &AdaptiveConfig) -> u32 {
    let asked = config.predictive.largest;
    (if asked == 0 { config.batch_sizes.high } else { asked }).max(1)
}

fn stays_below_its_ceiling(sizing: Sizing) -> bool {
    match (sizing.predicted_peak, sizing.ceiling) {
        (Some(peak), Some(ceiling)) => sizing.size == 1 || peak.get() <= ceiling.get() * (1.0 + 1e-9),
        _ => true,
    }
}

proptest! {
    #![proptest_config(seeded())]

    #[test]
    fn whatever_it_is_told_the_size_is_allowed(
        batches in proptest::collection::vec(prop_oneof![any_batch(), likely_batch()], 0..40),
        config in any_config(),
        rss in any_number(),
        available in proptest::option::of(any_number()),
        limit in proptest::option::of(any_number()),
        collection in proptest::option::of((any_number(), any_number())),
    ) {
        let mut model = taught(&batches);
        if let Some((before, after)) = collection {
            model.collected(Mib::new(before), Mib::new(after));
        }
        let sizing = model.next(&config, room(rss, available, limit));
        prop_assert!((1..=largest(&config)).contains(&sizing.size), "{sizing:?}");
        prop_assert!(stays_below_its_ceiling(sizing), "{sizing:?}");
    }

    #[test]
    fn what_is_written_of_a_size_is_read(
        batches in proptest::collection::vec(prop_oneof![any_batch(), likely_batch()], 0..40),
        config in any_config(),
        rss in 0.0..1e6_f64,
        available in proptest::option::of(0.0..1e6_f64),
        limit in proptest::option::of(0.0..1e6_f64),
    ) {
        let sizing = taught(&batches).next(&config, room(rss, available, limit));
        let action = Action::Predict {
            operation: None,
            old_size: 1,
            new_size: sizing.size,
            predicted_peak: sizing.predicted_peak,
            ceiling: sizing.ceiling,
            rule: sizing.rule,
        };
        let seen = Observation { at: Offset::START, rss: Mib::new(rss), available: available.map(Mib::new) };
        let record = Record::Decision(DecisionRecord::new(seen.at, action, seen, pressure(&config, seen), None));
        let mut line = Vec::new();
        append_line(&mut line, &record).expect("JSON");
        let read = parse_line(std::str::from_utf8(&line).expect("text"));
        prop_assert!(read.is_ok(), "{:?}: {:?}", read, sizing);
    }

    #[test]
    fn less_room_never_gives_a_larger_batch(
        batches in proptest::collection::vec(likely_batch(), 0..40),
        rss in 10.0..900.0_f64,
        limit in 50.0..4000.0_f64,
        more in 0.0..1.0_f64,
        less in 0.0..1.0_f64,
    ) {
        let (model, config) = (taught(&batches), AdaptiveConfig::default());
        // Where there is room to grow, a smaller batch is run once more before: up to the largest
        // so far, less room may then mean a larger one.
        let seen = batches.iter().map(|batch| batch.items).max().unwrap_or(0);
        let left = |share: f64| model.next(&config, room(rss, Some(share * limit), Some(limit)));
        let (a, b) = (left(more.max(less)), left(more.min(less)));
        prop_assert!(b.size <= a.size || u64::from(b.size) <= seen, "{a:?} {b:?}");
        let below = |share: f64| model.next(&config, room(rss, None, Some(rss + share * limit)));
        let (a, b) = (below(more.max(less)), below(more.min(less)));
        prop_assert!(b.size <= a.size || u64::from(b.size) <= seen, "{a:?} {b:?}");
    }

    #[test]
    fn a_batch_is_at_most_twice_the_largest_before(
        batches in proptest::collection::vec(likely_batch(), 1..40),
        rss in 10.0..900.0_f64,
    ) {
        let sizing = taught(&batches).next(&AdaptiveConfig::default(), room(rss, Some(1e6), Some(1e6)));
        let seen = batches.iter().map(|batch| batch.items).max().unwrap_or(0);
        prop_assert!(u64::from(sizing.size) <= (2 * seen).max(100), "{sizing:?}");
    }
}

#[test]
fn an_unknown_operation_starts_small() {
    let sizing =
        BatchModel::default().next(&AdaptiveConfig::default(), room(100.0, Some(900.0), Some(1000.0)));
    assert_eq!((sizing.size, sizing.rule, sizing.predicted_peak), (100, SizeRule::Unknown, None));
    let short = BatchModel::default().next(&AdaptiveConfig::default(), room(10.0, Some(50.0), Some(1000.0)));
    assert_eq!(short.ceiling, Some(Mib::ZERO), "less is left than the reserve");
    let full = BatchModel::default().next(&AdaptiveConfig::default(), room(950.0, Some(50.0), Some(1000.0)));
    assert_eq!(full.size, 1);
}

#[test]
fn without_a_known_limit_medium_is_the_largest() {
    let slow_start = |items: u64| Finished {
        items,
        rss_start: Mib::new(100.0),
        rss_peak: Mib::new(100.0 + items as f64 * 0.01),
        rss_end: Mib::new(100.0),
        seconds: 1.0,
        exact_peak: true,
    };
    let mut model = taught(&[100, 100, 100, 200, 400, 500].map(slow_start));
    let config = AdaptiveConfig::default();
    assert_eq!(model.next(&config, room(100.0, None, None)).size, 500);
    // Before it grows it runs its size once more and a smaller batch again, to tell growth from warming up.
    let sizes = [(); 3].map(|()| {
        let size = model.next(&config, room(100.0, Some(1e4), Some(1e4))).size;
        model.finished(slow_start(u64::from(size)));
        size
    });
    assert!(sizes.iter().any(|size| *size > 500), "{sizes:?}");
}

#[test]
fn memory_of_the_model_is_constant() {
    assert!(std::mem::size_of::<BatchModel>() <= 16_384, "{}", std::mem::size_of::<BatchModel>());
}

#[test]
fn a_sampled_peak_is_held_for_too_low() {
    let batch = |exact_peak| Finished {
        items: 100,
        rss_start: Mib::new(100.0),
        rss_peak: Mib::new(200.0),
        rss_end: Mib::new(100.0),
        seconds: 0.1,
        exact_peak,
    };
    let predicted = |exact| {
        let sizing =
            taught(&[batch(exact); 3]).next(&AdaptiveConfig::default(), room(100.0, Some(1e4), Some(1e4)));
        sizing.predicted_peak.map(Mib::get)
    };
    assert!(predicted(false) > predicted(true));
}
