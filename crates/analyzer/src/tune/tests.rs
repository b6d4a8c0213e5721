use memtool_profile_model::{AdaptiveConfig, Run};
use proptest::prelude::*;

use super::evaluation::Evaluation;
use super::evaluator::Evaluator;
use super::ranges::fits_reader;
use super::*;
use crate::detect::{LeakReport, LeakTier, LeakVerdict};
use memtool_tracegen::SyntheticRun;

fn tune_with(
    runs: &[Run],
    leak: Option<&LeakReport>,
    machine: Machine,
    options: &TuneOptions,
) -> MachineTuning {
    let evidence: Vec<Evidence> = runs.iter().map(|run| Evidence { run, leak }).collect();
    tune(&evidence, &[machine], options, |_, _, _| 1.0).machines.remove(0)
}

fn tune_on(runs: &[Run], machine: Machine) -> MachineTuning {
    tune_with(runs, None, machine, &TuneOptions { draws: 60, ..TuneOptions::default() })
}

fn fixed(sizes: &[u32], per_item: f64) -> Vec<Run> {
    sizes.iter().map(|size| SyntheticRun::sawtooth(200.0, per_item, &[*size], 6).recorded().run()).collect()
}

/// Growth of 60 to 100 MiB per minute and per 1,000 items.
fn confirmed_leak() -> LeakReport {
    let slope = crate::detect::Growth { estimate: 90.0, low: 60.0, high: 100.0 };
    LeakReport {
        verdict: LeakVerdict::Leak,
        tier: Some(LeakTier::Confirmed),
        slope_mb_per_min: Some(slope),
        slope_mb_per_batch: None,
        slope_mb_per_1000_items: Some(slope),
        by_operation: Vec::new(),
        hours_to_limit: None,
        reason_code: crate::detect::ReasonCode::Growing,
        reason: String::new(),
    }
}

#[test]
fn the_bound_keeps_the_limit_and_the_config_its_order() {
    let tuned = tune_on(&fixed(&[500, 1000], 2.0), Machine::with_gib(4.0));
    let (config, expected) =
        (tuned.chosen.as_ref().expect("a config"), tuned.expected.expect("an expectation"));
    let high = config.batch_sizes.high;
    // The line gives 200 + 2 · size; the interval keeps the size below what the line alone allows.
    assert!(high.is_multiple_of(25) && 200.0 + 2.0 * f64::from(high) <= expected.peak_upper_mb, "{high}");
    assert!(expected.median_mb <= expected.peak_upper_mb && expected.peak_upper_mb <= expected.cvar_mb);
    assert!(
        expected.peak_upper_mb <= tuned.usable_mb && fits_reader(config, tuned.usable_mb, Reader::Existing)
    );
}

#[test]
fn a_smaller_risk_never_allows_more() {
    let runs = fixed(&[500, 1000], 2.0);
    let bound = |risk: f64| {
        let options = TuneOptions { risk, draws: 60, ..TuneOptions::default() };
        let tuned = tune_with(&runs, None, Machine::with_gib(4.0), &options);
        tuned.chosen.map_or(0, |config| config.batch_sizes.high)
    };
    assert!(bound(0.001) <= bound(0.2));
}

#[test]
fn it_never_more_than_doubles_the_largest_size() {
    let tuned = tune_on(&fixed(&[100, 200], 0.1), Machine::with_gib(16.0));
    assert!(tuned.chosen.expect("a config").batch_sizes.high <= 400);
    let mixed = [SyntheticRun::sawtooth(200.0, 0.1, &[200, 400], 6).recorded().run()];
    let tuned = tune_on(&mixed, Machine::with_gib(16.0));
    assert!(tuned.chosen.expect("a config").batch_sizes.high <= 800, "one run alone doubles it at most");
}

#[test]
fn a_size_that_did_half_of_the_work_is_bounded_by_the_recorded_peak() {
    let run = SyntheticRun::sawtooth(200.0, 0.3, &[100, 400, 1000], 6).recorded().run();
    let evidence = [Evidence { run: &run, leak: None }];
    // 600, 2,400 and 6,000 items: more than half in batches of 1000.
    assert_eq!(evidence[0].carried_size(), Some(1000.0));
    let (model, growth) = (memory_model(&[&run]), Growth::of(&evidence));
    let evaluator = Evaluator::new(&evidence, (&model, &growth), 4000.0, 0.01, 1);
    let evaluation = evaluator.of_size(1000, 60).expect("an evaluation");
    assert!(evaluation.peak_upper_mb < 1.13 * 500.0 && !evaluation.bounds_only, "{evaluation:?}");
}

#[test]
fn of_a_run_that_leaks_the_last_items_tell_which_size_its_peak_bounds() {
    let run = SyntheticRun::sawtooth(200.0, 0.3, &[1000, 400, 100], 6).recorded().run();
    let leak = confirmed_leak();
    let carried = |leak| Evidence { run: &run, leak }.carried_size();
    // 6,000, 2,400 and 600 items, the last 2,250 in batches of 400 and 100.
    assert_eq!((carried(None), carried(Some(&leak))), (Some(1000.0), Some(400.0)));
}

#[test]
fn one_size_is_kept_where_it_fits() {
    let tuned = tune_on(&fixed(&[1000], 0.3), Machine::with_gib(16.0));
    assert_eq!(tuned.chosen.expect("a config").batch_sizes.high, 1000);
    assert!(tuned.reasons["batch_sizes.high"].contains("kept, never changed"));
    assert_eq!((tuned.backtest.runs, tuned.backtest.violations), (0, 0));
    assert!(tuned.backtest.note.is_some_and(|note| note.contains("unproved")));
}

#[test]
fn one_size_that_does_not_fit_is_refused_with_its_reason() {
    let tuned = tune_on(&fixed(&[1000], 3.0), Machine::with_gib(4.0));
    let reason = tuned.refused.expect("refused");
    assert!(
        reason.contains("no batch size fits") && reason.contains("only one batch size was recorded"),
        "{reason}"
    );
    assert!(tuned.reasons.is_empty() && tuned.predicted.is_none() && tuned.expected.is_none());
    let next_run = tuned.next_run.expect("a run that would tell more");
    assert_eq!((next_run.batch_size, next_run.command.as_str()), (500, "export MEMTOOL_BATCH_SIZE=500"));
    let mut adaptive = fixed(&[1000], 3.0);
    adaptive[0].snapshots.last_mut().expect("samples").batch_size = Some(500);
    let tuned = tune_on(&adaptive, Machine::with_gib(4.0));
    assert_eq!(tuned.next_run.map(|run| run.batch_size), Some(500), "no other size was seen");
}

#[test]
fn predicted_sizes_that_ended_within_the_limit_are_to_be_kept() {
    let mut runs = fixed(&[1000], 2.6);
    runs[0].config.predictive.enabled = true;
    let reason = |limit| tune_on(&runs, Machine::with_limit(limit)).refused.expect("refused");
    assert!(reason(2850.0).contains("predicted sizes ended at 2800 MiB"), "{}", reason(2850.0));
    assert!(!reason(2750.0).contains("predicted sizes"), "the run itself is beyond it");
}

#[test]
fn a_machine_too_small_for_the_loader_is_refused_and_the_recorder_takes_it() {
    let runs = fixed(&[500, 1000], 0.1);
    let tuned = tune_on(&runs, Machine::with_limit(1200.0));
    assert!(tuned.refused.expect("refused").contains("too small for the ranges"));
    let options = TuneOptions { reader: Reader::Recorder, draws: 60, ..TuneOptions::default() };
    let tuned = tune_with(&runs, None, Machine::with_limit(1200.0), &options);
    assert!(fits_reader(&tuned.chosen.expect("a config"), 1200.0, Reader::Recorder));
}

#[test]
fn runs_without_a_sample_are_refused() {
    let tuned = tune_on(&[Run::default()], Machine::with_gib(8.0));
    assert!(tuned.refused.expect("refused").contains("0 readable samples and batches together"));
}

#[test]
fn a_job_without_batches_is_told_the_limit_it_needs() {
    let mut run = SyntheticRun::sawtooth(200.0, 1.5, &[1000], 6).run();
    for snapshot in &mut run.snapshots {
        snapshot.batch_size = None;
    }
    let evidence = [Evidence { run: &run, leak: None }];
    let of = |risk: f64| {
        let options = TuneOptions { risk, ..TuneOptions::default() };
        tune(&evidence, &[Machine::with_limit(1800.0)], &options, |_, _, _| 1.0)
    };
    let tuning = of(0.01);
    let needed = tuning.needed.as_ref().expect("a limit");
    assert!(needed.limit_mb > 1700.0 && needed.limit_mb < 3000.0, "{needed:?}");
    assert_eq!((needed.runs, needed.risk, needed.exact), (1, 0.01, false));
    let refused = tuning.machines[0].refused.as_deref();
    assert!(refused.is_some_and(|reason| reason.contains("no batch size was recorded")), "{refused:?}");
    assert!(of(0.2).needed.is_some_and(|risky| risky.limit_mb <= needed.limit_mb));
    assert!(tune(&[], &[Machine::with_gib(4.0)], &TuneOptions::default(), |_, _, _| 1.0).needed.is_none());
}

#[test]
fn each_operation_has_its_size_and_the_one_that_limits_all_is_named() {
    let operations = [("responses", 8.0), ("scores", 2.0)];
    let of = |size: &u32| SyntheticRun::sawtooth(180.0, 0.0, &[*size], 12).through(&operations).run();
    let runs: Vec<Run> = [8, 32, 64].iter().map(of).collect();
    let evidence: Vec<Evidence> = runs.iter().map(|run| Evidence { run, leak: None }).collect();
    let options = TuneOptions { reader: Reader::Recorder, ..TuneOptions::default() };
    let tuned = tune(&evidence, &[Machine::with_limit(1024.0)], &options, |_, _, _| 1.0).machines.remove(0);
    let high = tuned.chosen.expect("a config").batch_sizes.high;
    assert!((60..=105).contains(&high), "{high}");
    let [responses, scores] = &tuned.operations[..] else { panic!("{:?}", tuned.operations) };
    assert!(
        responses.binding
            && !scores.binding
            && scores.peak_upper_at_chosen_mb < responses.peak_upper_at_chosen_mb
    );
    assert!(responses.batch_size.is_some_and(|size| size <= 105), "{responses:?}");
    assert!(scores.peak_upper_mb.is_some_and(|mb| mb <= 1024.0), "{scores:?}");
    let one = tune_on(&fixed(&[500, 1000], 0.5), Machine::with_gib(4.0));
    assert!(one.operations.is_empty());
}

#[test]
fn short_runs_count_together() {
    let runs: Vec<Run> = [200, 400, 800]
        .iter()
        .map(|size| SyntheticRun::sawtooth(100.0, 0.1, &[*size], 2).recorded().run())
        .collect();
    let options = TuneOptions { reader: Reader::Recorder, draws: 60, ..TuneOptions::default() };
    let tuned = tune_with(&runs, None, Machine::with_limit(600.0), &options);
    assert!(tuned.feasible(), "{:?}", tuned.refused);
    assert!(!tuned.reasons["batch_sizes.high"].contains("only batch size"), "{:?}", tuned.reasons);
}

#[test]
fn a_leak_is_said_and_a_shorter_run_is_grown_to_the_longest() {
    let runs: Vec<Run> = [4, 12]
        .iter()
        .flat_map(|count| {
            [500, 1000].map(|size| SyntheticRun::sawtooth(200.0, 0.5, &[size], *count).recorded().run())
        })
        .collect();
    let leak = confirmed_leak();
    let evidence: Vec<Evidence> = runs.iter().map(|run| Evidence { run, leak: Some(&leak) }).collect();
    let growth = Growth::of(&evidence);
    // 12 batches of 1000 are the most; the first run has 4 of 500: 10,000 items fewer.
    assert!((growth.extra_mb[0] - 1000.0).abs() < 1e-9 && growth.extra_mb[3].abs() < 1e-9, "{growth:?}");
    assert!(growth.message.as_ref().is_some_and(|said| said.starts_with("confirmed in 4 of 4 runs")));
    let options = TuneOptions { draws: 60, ..TuneOptions::default() };
    let bound = |leak: Option<&LeakReport>| {
        let tuned = tune_with(&runs, leak, Machine::with_gib(8.0), &options);
        (tuned.expected.expect("an expectation"), tuned.chosen.expect("a config").batch_sizes.high)
    };
    let ((with, _), (without, _)) = (bound(Some(&leak)), bound(None));
    assert!(
        with.leak_mb > 0.0 && with.peak_upper_mb > without.peak_upper_mb && with.minutes_to_limit.is_some()
    );
    let refused = tune_with(&runs, Some(&leak), Machine::with_limit(1800.0), &options);
    let reason = refused.refused.unwrap_or_default();
    assert!(reason.is_empty() || reason.contains("no batch size stops a leak"), "{reason}");
}

#[test]
fn a_search_cut_short_still_answers_and_says_so() {
    let runs = fixed(&[500, 1000], 0.5);
    let evidence: Vec<Evidence> = runs.iter().map(|run| Evidence { run, leak: None }).collect();
    let options = TuneOptions { draws: 60, ..TuneOptions::default() };
    let mut heard = Vec::new();
    let heard_at = |done: usize| ("8gb".to_owned(), done, choose::STEPS + 5);
    let tuning = tune(&evidence, &[Machine::with_gib(8.0)], &options, |machine, done, of| {
        heard.push((machine.name.clone(), done, of));
        // Half of the time for the search, none after it.
        if done < 40 { 0.9 } else { 0.0 }
    });
    let tuned = &tuning.machines[0];
    let expected = tuned.expected.expect("an expectation");
    assert!(!expected.search_completed && expected.evaluations < 45 && tuned.feasible(), "{expected:?}");
    assert!(expected.peak_upper_mb <= tuned.usable_mb);
    assert_eq!((heard.first(), heard.last()), (Some(&heard_at(0)), Some(&heard_at(40))));
    assert_eq!((tuned.backtest.runs, tuned.baselines.existing_defaults), (0, None));
    assert!(tuned.backtest.note.as_ref().is_some_and(|note| note.contains("the time was over: 4 of 4")));
    assert!(tuned.provenance.iter().all(|p| !p.has_effect && p.reason.contains("the time was over")));
}

#[test]
fn a_size_that_ran_to_its_end_below_the_limit_is_not_refused() {
    // The larger size would not fit, and the growth of a steered run makes the smaller one look unsafe.
    let runs = [
        SyntheticRun::sawtooth(200.0, 0.5, &[500], 12).recorded().run(),
        SyntheticRun::sawtooth(200.0, 0.5, &[500, 1000, 500], 6).ramp(12.0).recorded().run(),
    ];
    let options = TuneOptions { reader: Reader::Recorder, draws: 60, ..TuneOptions::default() };
    // 450 MiB was its peak; 3 % of it, stretched, are below 520.
    let tuned = tune_with(&runs[..], None, Machine::with_limit(520.0), &options);
    assert!(tuned.feasible(), "{:?}", tuned.refused);
    let tight = tune_with(&runs[..], None, Machine::with_limit(440.0), &options);
    assert!(tight.chosen.is_none_or(|config| config.batch_sizes.high < 500));
}

#[test]
fn mapped_files_do_not_count_against_the_limit() {
    let mut runs = fixed(&[250, 500], 1.0);
    let chosen = |runs: &[Run]| {
        let options = TuneOptions { reader: Reader::Recorder, draws: 60, ..TuneOptions::default() };
        tune_with(runs, None, Machine::with_limit(720.0), &options)
    };
    // At 500 the peak is 700 MiB, of which nothing is mapped: too near to the limit.
    let high = chosen(&runs).chosen.map_or(0, |config| config.batch_sizes.high);
    for snapshot in runs.iter_mut().flat_map(|run| &mut run.snapshots) {
        snapshot.shared = Some(memtool_profile_model::Mib::new(120.0));
    }
    let tuned = chosen(&runs);
    let config = tuned.chosen.expect("a config");
    assert!(high < 500 && config.batch_sizes.high >= 500, "{high}, {}", config.batch_sizes.high);
    assert!(tuned.expected.is_some_and(|expected| expected.peak_upper_mb - 120.0 <= 720.0));
    assert!(tuned.reasons["batch_sizes.high"].contains("120 MiB of mapped files do not count"));
}

#[test]
fn an_early_stop_drops_only_what_does_not_fit_and_leaves_the_rest_as_it_is() {
    let runs = fixed(&[250, 500, 1000], 2.0);
    let evidence: Vec<Evidence> = runs.iter().map(|run| Evidence { run, leak: None }).collect();
    let plain: Vec<&Run> = runs.iter().collect();
    let (model, growth) = (memory_model(&plain), Growth::of(&evidence));
    let evaluator = Evaluator::new(&evidence, (&model, &growth), 1500.0, 0.01, 7);
    let config = |high: u32| {
        let mut config = AdaptiveConfig::default();
        config.batch_sizes.high = high;
        config.batch_sizes.medium = high / 2;
        config
    };
    let configs = [200, 300, 400, 900, 1500, 2000].map(config);
    let fits = |evaluations: &[Option<Evaluation>]| -> Vec<bool> {
        evaluations.iter().map(|one| evaluator.fits(one.as_ref().expect("an evaluation"))).collect()
    };
    let (whole, stopped) =
        (evaluator.of_configs(&configs, 16), evaluator.evaluate_until_infeasible(&configs, 16));
    assert_eq!(fits(&whole), fits(&stopped));
    assert!(fits(&whole).contains(&true) && fits(&whole).contains(&false), "{:?}", fits(&whole));
    for (place, (whole, stopped)) in whole.iter().zip(&stopped).enumerate() {
        assert!(whole == stopped || !fits(std::slice::from_ref(whole))[0], "{place}");
    }
}

#[test]
fn the_backtest_leaves_each_run_out_once_and_each_config_once() {
    let tuned = tune_on(&fixed(&[250, 500, 1000], 0.5), Machine::with_gib(8.0));
    let backtest = &tuned.backtest;
    assert_eq!((backtest.runs, backtest.violations, backtest.left_out.len()), (3, 0, 3));
    assert!(backtest.slack_mb.expect("a mean") > 0.0);
    assert_eq!(backtest.by_config.runs, 3);
    for one in &backtest.left_out {
        assert!((one.predicted_mb - one.actual_mb).abs() < 0.1 * one.actual_mb, "{one:?}");
    }
    // Two runs of each size: with a config left out as a whole nothing of its own is known.
    let doubled = tune_on(&fixed(&[500, 500, 1000, 1000], 0.5), Machine::with_gib(8.0));
    assert_eq!((doubled.backtest.runs, doubled.backtest.by_config.runs), (4, 0));
    assert!(doubled.backtest.note.is_some());
}

#[test]
fn the_baselines_stand_in_the_same_units_and_the_same_table() {
    let tuned = tune_on(&fixed(&[500, 1000], 0.5), Machine::with_gib(8.0));
    let krr = tuned.baselines.rules["krr"].expect("krr");
    assert!((krr.limit_mb - 700.0 * 1.15).abs() < 1e-6 && krr.fits);
    // The run of 1000 reaches 700 MiB; the other one, 450 MiB, and 15 % do not cover it.
    assert_eq!((krr.backtest.runs, krr.backtest.violations), (2, 1));
    assert!(
        tuned.baselines.existing_defaults.is_some_and(|rule| rule.peak_mb > 600.0 && rule.backtest.runs == 2)
    );
}

#[test]
fn every_number_is_explained_and_the_pareto_front_rises() {
    let tuned = tune_on(&fixed(&[250, 500, 1000], 2.0), Machine::with_gib(4.0));
    assert_eq!(tuned.provenance.len(), 9);
    for number in &tuned.provenance {
        assert!(!number.reason.is_empty() && tuned.reasons.contains_key(number.parameter));
        assert_eq!(number.has_effect, number.next_best.is_some(), "{number:?}");
    }
    assert!(tuned.pareto.len() <= 7 && tuned.pareto.iter().filter(|point| point.knee).count() == 1);
    let rises = |a: &ParetoPoint, b: &ParetoPoint| a.peak_upper_mb <= b.peak_upper_mb && a.speed < b.speed;
    assert!(tuned.pareto.windows(2).all(|pair| rises(&pair[0], &pair[1])), "{:?}", tuned.pareto);
}

#[test]
fn the_same_runs_give_the_same_answer() {
    let runs = fixed(&[250, 1000], 1.0);
    assert_eq!(tune_on(&runs, Machine::with_gib(4.0)), tune_on(&runs, Machine::with_gib(4.0)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_chosen_config_is_ordered_and_every_refusal_has_a_reason(
        base in 1.0..3000.0_f64, per_item in 0.0..8.0_f64, growth in 0.0..80.0_f64,
        sizes in prop::collection::vec(1_u32..6000, 1..4), several: bool, records: bool,
        limit in 0.0..20_000.0_f64, own: bool,
    ) {
        let made = |sizes: &[u32]| {
            let made = SyntheticRun::sawtooth(base, per_item, sizes, 4).ramp(growth);
            if records { made.recorded().run() } else { made.run() }
        };
        let runs: Vec<Run> =
            if several { sizes.iter().map(|s| made(&[*s])).collect() } else { vec![made(&sizes)] };
        let largest = sizes.iter().max().copied().unwrap_or(0);
        let reader = if own { Reader::Recorder } else { Reader::Existing };
        let options = TuneOptions { reader, draws: 20, ..TuneOptions::default() };
        let tuned = tune_with(&runs, None, Machine::with_limit(limit), &options);
        match &tuned.chosen {
            Some(config) => {
                // The floors have no key of their own: their reason stands in the header.
                let mut comments = tuned.reasons.clone();
                comments.remove("available_limits");
                let text = memtool_job_config::write_config(config, &comments, &[]).expect("YAML");
                let read = memtool_job_config::read_config(&text).expect("loads").config;
                prop_assert!(fits_reader(&read, limit, reader), "{config:?}");
                prop_assert_eq!(&read, config);
                prop_assert!(config.batch_sizes.high <= 2 * largest);
                prop_assert!(tuned.expected.is_some_and(|expected| expected.peak_upper_mb <= limit));
            }
            None => prop_assert!(tuned.refused.as_ref().is_some_and(|r| !r.is_empty())),
        }
        let json = serde_json::to_string(&tuned.backtest).expect("serializes");
        prop_assert!(!json.contains("NaN"));
        prop_assert!(tuned.backtest.slack_mb.is_none_or(f64::is_finite));
    }
}
