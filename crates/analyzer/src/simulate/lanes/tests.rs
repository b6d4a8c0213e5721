use memtool_policy::{PolicyState, collected, step};
use memtool_profile_model::{
    AvailableLimits, BatchSizes, Hysteresis, MemoryThresholds, Mib, Observation, Offset, OptimizationLevel,
};
use proptest::prelude::*;

use super::policy::{Policies, Rules};
use super::vector::{LANES, Lanes, Mask};
use super::*;
use crate::respond::made_up::MadeUp;
use crate::respond::respond;
use crate::simulate::random::Random;
use crate::simulate::{models, sizes};

/// Thresholds in any order, so that no rule rests on theirs; steps of 25 so that values meet them.
fn config() -> impl Strategy<Value = AdaptiveConfig> {
    let mib = |most: u32| (0..most / 25).prop_map(|n| Mib::new(f64::from(25 * n)));
    let thresholds =
        (mib(900), mib(900), mib(900), mib(900), mib(900)).prop_map(|(m, h, c, g, f)| MemoryThresholds {
            moderate_mb: m,
            high_mb: h,
            critical_mb: c,
            gc_trigger_mb: g,
            fallback_trigger_mb: f,
        });
    let floors = prop_oneof![
        Just(AvailableLimits::NONE),
        (mib(500), mib(500), mib(500)).prop_map(|(moderate_mb, high_mb, critical_mb)| AvailableLimits {
            moderate_mb,
            high_mb,
            critical_mb
        }),
    ];
    let hysteresis = (prop_oneof![Just(Mib::new(0.0)), mib(200)], prop_oneof![Just(0.0), 0.0..20.0_f64])
        .prop_map(|(margin_mb, dwell_seconds)| Hysteresis { margin_mb, dwell_seconds });
    let sizes = (1_u32..200, 1_u32..400, 1_u32..800, 1_u32..1600)
        .prop_map(|(fallback, low, medium, high)| BatchSizes { fallback, low, medium, high });
    let cooldown = prop_oneof![Just(0.0), 0.0..2.0_f64];
    (thresholds, floors, hysteresis, sizes, cooldown, any::<bool>(), any::<bool>(), 0.01..5.0_f64).prop_map(
        |(
            thresholds,
            available_limits,
            hysteresis,
            batch_sizes,
            gc_cooldown_share,
            gc,
            fallback,
            interval,
        )| {
            AdaptiveConfig {
                thresholds,
                available_limits,
                hysteresis,
                batch_sizes,
                gc_cooldown_share,
                auto_gc_enabled: gc,
                fallback_enabled: fallback,
                monitoring_interval_seconds: interval,
                ..AdaptiveConfig::default()
            }
        },
    )
}

/// The same without what makes two looks at the same memory differ.
fn by_level_alone(config: AdaptiveConfig) -> AdaptiveConfig {
    let hysteresis = Hysteresis { margin_mb: Mib::new(0.0), dwell_seconds: 0.0 };
    AdaptiveConfig { hysteresis, gc_cooldown_share: 0.0, ..config }
}

fn rank(level: OptimizationLevel) -> usize {
    [OptimizationLevel::Fallback, OptimizationLevel::Low, OptimizationLevel::Medium, OptimizationLevel::High]
        .iter()
        .position(|l| *l == level)
        .expect("a level")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn lanes_decide_as_the_policy_does(
        configs in prop::collection::vec(config(), LANES),
        looks in prop::collection::vec(
            prop::collection::vec((-1.0..6.0_f64, 0_u32..40, prop::option::of(0_u32..24), 0.0..1.0_f64), LANES),
            1..60,
        ),
        idle in prop::collection::vec(any::<bool>(), 60 * LANES),
    ) {
        let rules: Vec<Rules> = configs.iter().map(Rules::of).collect();
        let mut lanes = Policies::new(rules.iter().any(Rules::holds), rules.iter().any(Rules::cools));
        (0..LANES).for_each(|lane| lanes.begin(lane, &rules[lane]));
        let mut states = [PolicyState::default(); LANES];
        let zero = Lanes::all(0.0);
        let (mut seconds, mut rss, mut available) = (zero, zero, zero);
        for (turn, look) in looks.iter().enumerate() {
            let mut who = Mask::NONE;
            for (lane, (ahead, memory, left, _)) in look.iter().enumerate() {
                who.set(lane, !idle[turn * LANES + lane]);
                seconds.0[lane] += ahead;
                rss.0[lane] = f64::from(25 * memory);
                available.0[lane] = left.map_or(f64::INFINITY, |left| f64::from(25 * left));
            }
            let collect = lanes.step(who, seconds, rss, available);
            let mut after = rss;
            for (lane, (_, _, left, freed)) in look.iter().enumerate().filter(|(lane, _)| who.has(*lane)) {
                let seen = Observation {
                    at: Offset::from_seconds(seconds.0[lane]),
                    rss: Mib::new(rss.0[lane]),
                    available: left.map(|_| Mib::new(available.0[lane])),
                };
                let (next, done) = step(&configs[lane], states[lane], seen);
                prop_assert_eq!(collect.has(lane), done.collect);
                after.0[lane] = rss.0[lane] * freed;
                states[lane] =
                    if done.collect { collected(next, seen.rss, Mib::new(after.0[lane])) } else { next };
                prop_assert_eq!(lanes.level(lane), rank(states[lane].level));
                let counters = states[lane].counters;
                let counts = (counters.batch_size_adjustments, counters.total_gc_collections);
                prop_assert_eq!(lanes.counters(lane), counts);
            }
            lanes.collected(collect, rss, after);
        }
    }

    #[test]
    fn every_code_path_gives_the_plain_replay(
        configs in prop_oneof![
            prop::collection::vec(config(), 1..30),
            prop::collection::vec(config().prop_map(by_level_alone), 1..30),
        ],
        base in 1.0..600.0_f64, per_item in 0.0..1.5_f64, growth in -1.0..30.0_f64,
        recorded in prop::collection::vec(1_u32..2000, 1..5), count in 1_usize..8,
        records: bool, machine in prop::option::of(100.0..2000.0_f64), seed: u64, anchored: bool,
        freed in prop::collection::vec(0.0..1.0_f64, 1..4), others in prop::collection::vec(0.0..900.0_f64, 0..9),
        edges: bool, counted: bool, pause in 0.0..9.0_f64, longer in prop_oneof![Just(1.0), Just(1e3), Just(5e4)],
    ) {
        let made = MadeUp::sawtooth(base, per_item, &recorded, count).ramp(growth);
        let run = if records { made.recorded().run() } else { made.run() };
        let response = respond(&[&run]);
        let models = models(&[&run], &response);
        let model = &models[0];
        let mut random = Random::seeded(seed);
        let plan = |_| {
            let mut plan = Plan::draw(model, machine, &mut random);
            plan.stages.iter_mut().for_each(|stage| stage.pause += pause);
            // Of more work each batch would stand for several.
            plan.items *= longer;
            Plan {
                freed: freed.clone(),
                others: others.clone(),
                others_step: 2.5,
                others_count: counted,
                looks_at_edges: edges,
                ..plan
            }
        };
        let plans: Vec<Plan> = (0..3).map(plan).collect();
        let lasts: Vec<Mutex<Option<Scale>>> = plans.iter().map(|_| Mutex::default()).collect();
        let known: &[(f64, f64)] = if anchored { &[(50.0, 400.0), (900.0, 700.0)] } else { &[] };
        let scenarios: Vec<Scenario> = configs.into_iter().map(|c| Scenario::Config(Box::new(c))).collect();
        let scenarios = scenarios.iter().chain([&Scenario::FixedBatch(300)]);
        let tasks: Vec<Task<'_>> = scenarios
            .flat_map(|scenario| plans.iter().zip(&lasts).map(move |(plan, last)| (scenario, plan, last)))
            .map(|(scenario, plan, last)| {
                Task { plan, scale: Scale::of(model, &sizes(scenario), known), known, scenario, last }
            })
            .collect();
        for (task, size) in tasks.iter().zip([1.0, 60.0, 300.0].into_iter().cycle()) {
            let scale = task.anchored();
            let fixed = replay(task.plan, &scale, &mut Hand::Fixed(size), |_, _| ()).peak;
            prop_assert_eq!(peak_at(task.plan, &scale, size), fixed);
        }
        let plain: Vec<Outcome> = tasks.iter().map(Task::plainly).collect();
        prop_assert_eq!(&replay_all(&tasks), &plain);
        let laned: Vec<Laned<'_>> =
            tasks.iter().filter_map(|task| Laned::of(task, task.anchored())).collect();
        prop_assert_eq!(laned.len(), plain.len());
        for code in dispatch::all() {
            prop_assert_eq!(&code(&laned), &plain);
        }
    }
}
