use proptest::prelude::*;

use super::*;
use crate::respond::made_up::{MadeUp, empty};

fn tune_on(runs: &[Run], machine: Machine) -> MachineTuning {
    let runs: Vec<&Run> = runs.iter().collect();
    let options = TuneOptions { draws: 60, ..TuneOptions::default() };
    tune(&runs, &[machine], &options).machines.remove(0)
}

fn fixed(sizes: &[u32], per_item: f64) -> Vec<Run> {
    sizes.iter().map(|size| MadeUp::sawtooth(200.0, per_item, &[*size], 6).recorded().run()).collect()
}

#[test]
fn the_size_is_the_largest_that_fits() {
    let tuned = tune_on(&fixed(&[500, 1000], 2.0), Machine::with_gib(4.0));
    let high = tuned.chosen.as_ref().expect("a config").batch_sizes.high;
    let safe = 0.90 * 0.95 * Machine::with_gib(4.0).limit_mb;
    // The line gives 200 + 2 · size; the interval keeps the size below what the line alone allows.
    assert!(high.is_multiple_of(25) && 200.0 + 2.0 * f64::from(high) < safe && high > 700, "{high}");
    assert!(tuned.reasons["batch_sizes.high"].contains("largest multiple of 25"));
}

#[test]
fn it_never_more_than_doubles_the_largest_size() {
    let tuned = tune_on(&fixed(&[100, 200], 0.1), Machine::with_gib(16.0));
    assert_eq!(tuned.chosen.expect("a config").batch_sizes.high, 400);
}

#[test]
fn one_size_is_kept_where_it_fits_and_never_enlarged() {
    let tuned = tune_on(&fixed(&[1000], 0.3), Machine::with_gib(16.0));
    assert_eq!(tuned.chosen.expect("a config").batch_sizes.high, 1000);
    assert!(tuned.reasons["batch_sizes.high"].starts_with("kept, never enlarged"));
    assert_eq!((tuned.backtest.runs, tuned.backtest.violations), (0, 0));
    assert!(tuned.backtest.note.is_some());
}

#[test]
fn one_size_that_does_not_fit_is_refused_with_its_reason() {
    let tuned = tune_on(&fixed(&[1000], 3.0), Machine::with_gib(4.0));
    let reason = tuned.refused.expect("refused");
    assert!(reason.contains("no batch size fits") && reason.contains("record one run"), "{reason}");
    assert!(tuned.reasons.is_empty() && tuned.predicted.is_none());
}

#[test]
fn a_machine_too_small_for_the_loader_is_refused() {
    let tuned = tune_on(&fixed(&[500, 1000], 0.1), Machine::with_limit(1200.0));
    assert!(tuned.refused.expect("refused").contains("too small for the ranges"));
}

#[test]
fn runs_without_a_sample_are_refused() {
    let tuned = tune_on(&[empty(AdaptiveConfig::default())], Machine::with_gib(8.0));
    assert!(tuned.refused.expect("refused").contains("30 or more readable samples and batches"));
}

#[test]
fn the_backtest_leaves_each_run_out_once() {
    let tuned = tune_on(&fixed(&[250, 500, 1000], 0.5), Machine::with_gib(8.0));
    assert_eq!((tuned.backtest.runs, tuned.backtest.violations), (3, 0));
    assert!(tuned.backtest.slack_mb.expect("a mean") > 0.0);
}

#[test]
fn the_baselines_stand_in_the_same_units() {
    let tuned = tune_on(&fixed(&[500, 1000], 0.5), Machine::with_gib(8.0));
    let krr = tuned.baselines.krr.expect("krr");
    assert!((krr.limit_mb - 700.0 * 1.15).abs() < 1e-6 && krr.fits);
    assert!(tuned.baselines.seed.is_some_and(|seed| seed.peak_mb > 600.0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_chosen_config_is_ordered_and_every_refusal_has_a_reason(
        base in 1.0..3000.0_f64, per_item in 0.0..8.0_f64, growth in 0.0..80.0_f64,
        sizes in prop::collection::vec(1_u32..6000, 1..4), several: bool, records: bool,
        limit in 0.0..20_000.0_f64,
    ) {
        let made = |sizes: &[u32]| {
            let made = MadeUp::sawtooth(base, per_item, sizes, 4).ramp(growth);
            if records { made.recorded().run() } else { made.run() }
        };
        let runs: Vec<Run> =
            if several { sizes.iter().map(|s| made(&[*s])).collect() } else { vec![made(&sizes)] };
        let largest = sizes.iter().max().copied().unwrap_or(0);
        let tuned = tune_on(&runs, Machine::with_limit(limit));
        match &tuned.chosen {
            Some(config) => {
                prop_assert!(fits_loader(config, limit), "{config:?}");
                prop_assert!(config.batch_sizes.high <= 2 * largest);
                let peak = tuned.predicted.as_ref().and_then(|p| p.peak_rss_mb).expect("a peak");
                prop_assert!(peak.high <= limit);
            }
            None => prop_assert!(tuned.refused.as_ref().is_some_and(|r| !r.is_empty())),
        }
        let json = serde_json::to_string(&tuned.backtest).expect("serializes");
        prop_assert!(!json.contains("NaN"));
        prop_assert!(tuned.backtest.slack_mb.is_none_or(f64::is_finite));
    }
}
