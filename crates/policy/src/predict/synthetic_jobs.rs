//! Tests of the model on synthetic jobs.

use super::{BatchModel, Finished, Room, Sizing};
use memtool_profile_model::{AdaptiveConfig, Mib, SizeRule};
use memtool_tracegen::Random;

/// A job that behaves by numbers.
#[derive(Clone)]
struct SyntheticJob {
    items: u64,
    limit: f64,
    base: f64,
    fixed: f64,
    per_item: f64,
    /// Share of a batch's need that the allocator keeps.
    kept: f64,
    leaked_per_item: f64,
    garbage_per_item: f64,
    /// Items need this much more in the second half.
    heavier: f64,
    /// The peak's noise, at most this share.
    uneven: f64,
    seconds_fixed: f64,
    seconds_per_item: f64,
    /// How much slower an item of a thousand is than one alone.
    strain: f64,
    /// How much slower the first batch is; every batch halves it.
    cold: f64,
    /// The time's noise, a standard deviation.
    hasty: f64,
    seed: u64,
}

impl Default for SyntheticJob {
    fn default() -> Self {
        Self {
            items: 30_000,
            limit: 600.0,
            base: 100.0,
            fixed: 10.0,
            per_item: 0.2,
            kept: 0.0,
            leaked_per_item: 0.0,
            garbage_per_item: 0.0,
            heavier: 1.0,
            uneven: 0.03,
            seconds_fixed: 0.0,
            seconds_per_item: 0.000_3,
            strain: 0.0,
            cold: 0.3,
            hasty: 0.05,
            seed: 1,
        }
    }
}

/// How a job went.
#[derive(Debug, Default)]
struct Outcome {
    killed: bool,
    sizes: Vec<u64>,
    rules: Vec<SizeRule>,
    peak: f64,
    seconds: f64,
    collections: usize,
}

impl Outcome {
    fn usual(&self) -> u64 {
        let mut sizes = self.sizes.clone();
        sizes.sort_unstable();
        sizes[sizes.len() / 2]
    }
}

impl SyntheticJob {
    fn time(&self, items: f64) -> f64 {
        self.seconds_fixed + self.seconds_per_item * items * (1.0 + self.strain * items / 1000.0)
    }

    /// Time at one fixed size.
    fn time_at(&self, size: f64) -> f64 {
        self.time(size) * self.items as f64 / size
    }

    fn run(&self, config: &AdaptiveConfig) -> Outcome {
        self.drive(|model, room| model.next(config, room))
    }

    fn drive(&self, choose: impl Fn(&BatchModel, Room) -> Sizing) -> Outcome {
        let (mut noise, mut model, mut outcome) =
            (Random::new(self.seed), BatchModel::default(), Outcome::default());
        let (mut live, mut reservoir, mut garbage, mut done) = (self.base, 0.0, 0.0, 0);
        while done < self.items {
            let rss = live + reservoir + garbage;
            let mut sizing = choose(&model, self.room(rss));
            if sizing.collect_first {
                outcome.collections += 1;
                garbage = 0.0;
                model.collected(Mib::new(rss), Mib::new(live + reservoir));
                sizing = choose(&model, self.room(live + reservoir));
            }
            let items = u64::from(sizing.size).min(self.items - done);
            let start = live + reservoir + garbage;
            let heavier = if done * 2 > self.items { self.heavier } else { 1.0 };
            let need = (self.fixed + self.per_item * heavier * items as f64)
                * (1.0 + self.uneven * noise.between(-1.0, 1.0));
            let peak = start + (need - reservoir).max(0.0);
            outcome.peak = outcome.peak.max(peak);
            if peak > self.limit {
                outcome.killed = true;
                return outcome;
            }
            let batches = i32::try_from(outcome.sizes.len()).unwrap_or(i32::MAX);
            let seconds = self.time(items as f64) * (1.0 + self.cold * 0.5_f64.powi(batches));
            reservoir = self.kept * need.max(reservoir);
            live += self.leaked_per_item * items as f64;
            garbage += self.garbage_per_item * items as f64;
            outcome.seconds += seconds;
            outcome.sizes.push(items);
            outcome.rules.push(sizing.rule);
            done += items;
            model.finished(Finished {
                items,
                rss_start: Mib::new(start),
                rss_peak: Mib::new(peak),
                rss_end: Mib::new(live + reservoir + garbage),
                seconds: seconds * (self.hasty * noise.normal()).exp(),
                exact_peak: true,
            });
        }
        outcome
    }

    fn room(&self, rss: f64) -> Room {
        Room {
            rss: Mib::new(rss),
            available: Some(Mib::new((self.limit - rss).max(0.0))),
            limit: Some(Mib::new(self.limit)),
        }
    }
}

fn finished(job: &SyntheticJob) -> Outcome {
    let outcome = job.run(&AdaptiveConfig::default());
    assert!(!outcome.killed, "killed at {} of {}: {:?}", outcome.peak, job.limit, outcome.sizes);
    outcome
}

#[test]
fn batches_grow_where_each_has_a_cost_of_its_own() {
    let job = SyntheticJob { seconds_fixed: 0.06, limit: 4000.0, ..SyntheticJob::default() };
    for seed in 1..=20 {
        let outcome = finished(&SyntheticJob { seed, ..job.clone() });
        assert!(outcome.usual() >= 700, "{:?}", outcome.sizes);
        let share = job.time_at(1000.0) / outcome.seconds;
        assert!(share > 0.92, "{share} of the best fixed size's speed");
    }
}

#[test]
fn a_small_batch_that_is_as_fast_wins() {
    let usual = |seed| finished(&SyntheticJob { seed, ..SyntheticJob::default() }).usual();
    let small = (1..=200).filter(|&seed| usual(seed) <= 400).count();
    assert!(small >= 160, "{small} of 200, though every size is as fast");
    for seed in 1..=20 {
        let slow = finished(&SyntheticJob { seed, strain: 0.3, ..SyntheticJob::default() });
        assert!(slow.usual() <= 250, "{:?}", slow.sizes);
    }
}

#[test]
fn noisy_times_do_not_trap_it_at_a_slow_size() {
    for seed in 1..=20 {
        let job =
            SyntheticJob { seed, hasty: 0.4, seconds_fixed: 0.06, limit: 4000.0, ..SyntheticJob::default() };
        let outcome = finished(&job);
        let share = job.time_at(1000.0) / outcome.seconds;
        assert!(share > 0.80, "{share}: {:?}", outcome.sizes);
    }
}

#[test]
fn a_cold_start_is_not_taken_for_slow_small_batches() {
    for seed in 1..=20 {
        let outcome = finished(&SyntheticJob {
            seed,
            cold: 1.0,
            items: 40_000,
            strain: 0.2,
            ..SyntheticJob::default()
        });
        let late = &outcome.sizes[outcome.sizes.len() * 3 / 4..];
        let small: u64 = late.iter().filter(|&&size| size <= 300).sum();
        assert!(small * 10 >= late.iter().sum::<u64>() * 8, "{:?}", outcome.sizes);
    }
}

#[test]
fn a_cold_start_of_large_sizes_is_left_behind() {
    // The first batches take several times as long, and small ones are faster in truth.
    for seed in 1..=20 {
        let job = SyntheticJob { seed, cold: 4.0, items: 80_000, strain: 0.4, ..SyntheticJob::default() };
        let outcome = finished(&job);
        let share = job.time_at(100.0) / outcome.seconds;
        assert!(share > 0.93, "{share}: {:?}", outcome.sizes);
    }
}

#[test]
fn sizes_of_any_order_are_learned() {
    let mut config = AdaptiveConfig::default();
    config.batch_sizes.fallback = 5_000;
    config.batch_sizes.high = 200_000;
    let job = SyntheticJob {
        items: 8_000_000,
        per_item: 0.001,
        seconds_fixed: 0.06,
        seconds_per_item: 0.000_003,
        limit: 2000.0,
        ..SyntheticJob::default()
    };
    for seed in 1..=20 {
        let outcome = SyntheticJob { seed, ..job.clone() }.run(&config);
        let share = job.time_at(200_000.0) / outcome.seconds;
        assert!(!outcome.killed && share > 0.85, "{share}: {:?}", outcome.sizes);
    }
}

#[test]
fn the_largest_safe_size_is_taken_where_speed_wants_more() {
    let job = SyntheticJob { seconds_fixed: 0.3, limit: 200.0, ..SyntheticJob::default() };
    let outcome = finished(&job);
    assert!(outcome.rules.contains(&SizeRule::Fitted), "{:?}", outcome.rules);
    assert!(outcome.peak > 0.75 * job.limit && outcome.peak < 0.95 * job.limit, "{}", outcome.peak);
}

#[test]
fn memory_that_the_allocator_keeps_is_not_taken_for_a_small_need() {
    for kept in [0.5, 0.9, 1.0] {
        for seed in 1..=20 {
            finished(&SyntheticJob {
                seed,
                kept,
                seconds_fixed: 0.3,
                limit: 300.0,
                ..SyntheticJob::default()
            });
        }
    }
}

#[test]
fn a_leak_shrinks_batches_and_the_job_still_ends() {
    let job = SyntheticJob { leaked_per_item: 0.015, seconds_fixed: 0.01, ..SyntheticJob::default() };
    let outcome = finished(&job);
    assert!(outcome.rules.contains(&SizeRule::Shrunk), "{:?}", outcome.rules);
    let share = job.time_at(250.0) / outcome.seconds;
    assert!(share > 0.7, "{share} of the speed at 250: {:?}", outcome.sizes);
}

#[test]
fn heavier_items_are_survived() {
    for seed in 1..=20 {
        let job =
            SyntheticJob { seed, heavier: 1.3, seconds_fixed: 0.06, limit: 400.0, ..SyntheticJob::default() };
        finished(&job);
    }
}

#[test]
fn garbage_is_collected_where_memory_is_short_and_only_if_allowed() {
    let job = SyntheticJob { garbage_per_item: 0.1, ..SyntheticJob::default() };
    let outcome = finished(&job);
    assert!(outcome.collections > 0 && outcome.collections * 4 < outcome.sizes.len(), "{outcome:?}");
    let off = AdaptiveConfig { auto_gc_enabled: false, ..AdaptiveConfig::default() };
    assert_eq!(SyntheticJob { items: 3000, ..job }.run(&off).collections, 0);
}

#[test]
fn a_collection_that_frees_nothing_is_seldom_repeated() {
    let job = SyntheticJob { leaked_per_item: 0.015, seconds_fixed: 0.01, ..SyntheticJob::default() };
    let outcome = finished(&job);
    assert!(outcome.collections >= 1 && outcome.collections <= 8, "{}", outcome.collections);
}

#[test]
fn a_host_that_tells_of_no_collection_is_asked_seldom() {
    let config = AdaptiveConfig::default();
    let job = SyntheticJob { leaked_per_item: 0.015, ..SyntheticJob::default() };
    let asked = std::cell::Cell::new(0_usize);
    let outcome = job.drive(|model, room| {
        let mut sizing = model.next(&config, room);
        asked.set(asked.get() + usize::from(sizing.collect_first));
        sizing.collect_first = false;
        sizing
    });
    assert!(asked.get() >= 1 && asked.get() * 8 < outcome.sizes.len(), "{} asked", asked.get());
}

#[test]
fn no_linear_job_of_ten_thousand_is_killed() {
    let mut noise = Random::new(2025);
    let config = AdaptiveConfig::default();
    for seed in 0..10_000 {
        let limit = noise.between(100.0, 8000.0);
        let base = limit * noise.between(0.02, 0.6);
        let fixed = limit * noise.between(0.0, 0.1);
        // The start size fits, with what the safe share leaves.
        let room = (0.9 * limit - base - fixed) / 1.1;
        let job = SyntheticJob {
            items: 4_000,
            limit,
            base,
            fixed,
            per_item: room / 100.0 * noise.uniform().powi(2),
            uneven: noise.between(0.0, 0.05),
            seconds_fixed: 0.1 * noise.uniform().powi(3),
            kept: if noise.uniform() < 0.3 { noise.uniform() } else { 0.0 },
            hasty: noise.between(0.02, 0.3),
            seed,
            ..SyntheticJob::default()
        };
        let outcome = job.run(&config);
        assert!(!outcome.killed, "job {seed}: {} of {limit}: {:?}", outcome.peak, outcome.sizes);
    }
}
