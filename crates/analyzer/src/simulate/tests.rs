use memtool_profile_model::{
    AdaptiveConfig, AvailableLimits, Format, LiveSample, MemoryThresholds, Mib, Offset, Peak, PeakSource,
    Run, Snapshot, SnapshotKind, Warning,
};
use proptest::prelude::*;

use super::*;
use crate::memory_model::{Interval, memory_model};
use memtool_tracegen::SyntheticRun;

fn predict(run: &Run, scenario: &Scenario, limit_mb: Option<f64>) -> Prediction {
    simulate(&[run], &memory_model(&[run]), scenario, &SimulateOptions { limit_mb, ..Default::default() })
}

fn peak(prediction: &Prediction) -> Interval {
    prediction.peak_rss_mb.expect("a peak")
}

fn adaptive(limit: f64) -> Scenario {
    Scenario::Config(Box::new(AdaptiveConfig {
        thresholds: MemoryThresholds::from_limit(Mib::new(limit)),
        available_limits: AvailableLimits::NONE,
        ..AdaptiveConfig::default()
    }))
}

#[test]
fn another_fixed_size_moves_the_peak_by_its_items() {
    let run = SyntheticRun::sawtooth(100.0, 0.3, &[250, 1000], 6).recorded().run();
    let p = peak(&predict(&run, &Scenario::FixedBatch(500), None));
    assert!(p.low < 250.0 && p.high > 250.0 && (p.median - 250.0).abs() < 25.0, "{p:?}");
}

#[test]
fn a_larger_chunk_makes_the_batches_of_all_operations_in_turn_larger() {
    let operations: [&[(&str, f64)]; 3] = [
        &[("responses", 8.0), ("scores", 2.0)],
        &[("load", 1.0), ("join", 8.0), ("store", 0.5)],
        &[("scores", 2.0), ("responses", 8.0)],
    ];
    for operations in operations {
        let runs =
            [16, 64].map(|size| SyntheticRun::sawtooth(180.0, 0.0, &[size], 12).through(operations).run());
        let runs: Vec<&Run> = runs.iter().collect();
        let model = memory_model(&runs);
        let options = SimulateOptions { limit_mb: Some(1024.0), ..Default::default() };
        let of = |size| simulate(&runs, &model, &Scenario::FixedBatch(size), &options);
        let (fits, kills) = (of(64), of(200));
        assert!((peak(&fits).median - 692.0).abs() < 40.0, "{operations:?}: {:?}", peak(&fits));
        assert!((peak(&kills).median - 1780.0).abs() < 180.0, "{operations:?}: {:?}", peak(&kills));
        assert!(kills.kill_probability > Some(0.95), "{operations:?}: {:?}", kills.kill_probability);
    }
}

#[test]
fn one_adaptive_run_of_operations_in_turn_foresees_a_larger_chunk() {
    let operations = [("responses", 8.0), ("scores", 2.0)];
    let run = SyntheticRun::sawtooth(180.0, 0.0, &[8, 32, 16, 64, 24], 4).through(&operations).run();
    let found = peak(&predict(&run, &Scenario::FixedBatch(100), None));
    assert!((found.median - 980.0).abs() < 100.0, "{found:?}");
}

#[test]
fn a_job_without_batches_has_no_figure_for_other_sizes_but_one_for_itself() {
    let mut run = SyntheticRun::sawtooth(100.0, 0.3, &[1000], 6).run();
    run.snapshots.iter_mut().for_each(|snapshot| snapshot.batch_size = None);
    let other = predict(&run, &Scenario::FixedBatch(500), Some(300.0));
    assert_eq!(
        (other.peak_rss_mb, other.kill_probability, other.recorded_peak_mb),
        (None, None, Some(400.0))
    );
    assert_eq!(other.warnings, [PredictionWarning::Withheld]);
    let itself = predict(&run, &Scenario::AsRecorded, Some(300.0));
    assert!(itself.kill_probability > Some(0.9), "{itself:?}");
    let of_batches = |warning: &PredictionWarning| warning.to_string().contains("batch");
    assert!(!itself.warnings.iter().any(of_batches), "{:?}", itself.warnings);
}

#[test]
fn a_mark_between_samples_is_the_peak_of_the_run_as_it_was() {
    let mut run = SyntheticRun::sawtooth(100.0, 0.3, &[1000], 6).run();
    let rss = Mib::new(460.0);
    run.stated_peak = Some(Peak { rss, source: Some(PeakSource::HighWaterMark) });
    let found = predict(&run, &Scenario::AsRecorded, Some(450.0));
    assert!((peak(&found).median - 460.0).abs() < 15.0, "{found:?}");
    assert!(found.kill_probability > Some(0.5) && found.throughput_ratio.is_none());
}

#[test]
fn one_size_replayed_at_that_size_is_the_recorded_peak() {
    let run = SyntheticRun::sawtooth(100.0, 0.3, &[1000], 6).recorded().run();
    let prediction = predict(&run, &Scenario::FixedBatch(1000), Some(1000.0));
    let p = peak(&prediction);
    assert!((p.median - 400.0).abs() < 8.0 && p.high < 450.0, "{p:?}");
    assert!(!prediction.identifiable);
    assert!(prediction.kill_probability.is_some_and(|p| p < 0.02), "{prediction:?}");
    assert!(prediction.replay_error < 0.03);
}

#[test]
fn memory_that_returns_between_batches_keeps_the_high_size() {
    // The rules see the memory between batches only: low thresholds do not lower this peak.
    let run = SyntheticRun::sawtooth(100.0, 0.3, &[250, 1000], 6).recorded().run();
    // Whether they see it returned before the next batch is a matter of timing: it is in the range.
    let p = peak(&predict(&run, &adaptive(450.0), None));
    assert!(p.high > 390.0, "{p:?}");
}

#[test]
fn a_ramp_that_stays_makes_the_policy_step_down() {
    let run = SyntheticRun::sawtooth(100.0, 0.3, &[1000, 500], 12).ramp(20.0).recorded().run();
    let prediction = predict(&run, &adaptive(500.0), None);
    let share = prediction.level_share.expect("a controller");
    assert!(share.fallback + share.low + share.medium > 0.3, "{share:?}");
    assert!(prediction.level_changes > 2.0 && prediction.gc_runs > 0.0);
    assert!(peak(&prediction).median < peak(&predict(&run, &Scenario::FixedBatch(1000), None)).median);
}

#[test]
fn an_error_of_the_whole_prediction_does_not_grow_from_batch_to_batch() {
    // Memory that only fills up, in 300 small batches whose peak is where they start.
    let run = SyntheticRun::sawtooth(200.0, 0.0, &[100], 300).ramp(0.5).recorded().run();
    let found = peak(&predict(&run, &Scenario::FixedBatch(100), None));
    assert!(found.low > 290.0 && (330.0..370.0).contains(&found.median), "{found:?}");
}

#[test]
fn without_a_limit_there_is_no_kill() {
    let run = SyntheticRun::sawtooth(100.0, 0.3, &[1000], 6).recorded().run();
    let at = |limit| predict(&run, &Scenario::FixedBatch(1000), limit).kill_probability;
    assert_eq!(at(None), None);
    assert!(at(Some(300.0)).is_some_and(|p| p > 0.9) && at(Some(900.0)).is_some_and(|p| p < 0.05));
}

#[test]
fn a_cost_of_each_batch_makes_small_ones_slow() {
    // A batch costs as much as 250 of its items.
    let mut run = SyntheticRun::sawtooth(100.0, 0.3, &[250, 1000].repeat(12), 1).recorded().run();
    for batch in &mut run.batches {
        batch.cpu_seconds = Some(0.001 * (250.0 + f64::from(batch.size)));
    }
    let ratio = |size| predict(&run, &Scenario::FixedBatch(size), None).throughput_ratio.expect("a ratio");
    // An item takes 2 ms in batches of 250, 1.25 ms in batches of 1000.
    let (small, large) = (ratio(250), ratio(1000));
    assert!((large.median / small.median - 1.6).abs() < 0.15, "{small:?} {large:?}");
}

#[test]
fn one_size_leaves_the_cost_of_a_batch_assumed() {
    let run = SyntheticRun::sawtooth(100.0, 0.3, &[250], 6).recorded().run();
    let prediction = predict(&run, &Scenario::FixedBatch(1000), None);
    let ratio = prediction.throughput_ratio.expect("a ratio");
    assert!(ratio.high > 1.2 && ratio.high > 1.3 * ratio.low && prediction.throughput_assumed, "{ratio:?}");
}

#[test]
fn a_kill_comes_where_the_neighbour_and_the_batch_meet() {
    let mut run = SyntheticRun::sawtooth(100.0, 0.3, &[250, 1000], 6).recorded().run();
    // In a container of 900 MiB another process takes 400 in the second half, where the large batches are.
    run.host.limit_mb = Some(Mib::new(900.0));
    run.host.limit_source = Some("cgroup".to_owned());
    let half = run.snapshots.len() / 2;
    for (index, snapshot) in run.snapshots.iter_mut().enumerate() {
        let others = if index >= half { 400.0 } else { 0.0 };
        snapshot.available = snapshot.rss.map(|rss| Mib::new(900.0 - rss.get() - others));
    }
    let at = |limit| predict(&run, &Scenario::FixedBatch(1000), Some(limit)).kill_probability;
    assert!(at(700.0).is_some_and(|p| p > 0.8) && at(1000.0).is_some_and(|p| p < 0.2));
}

/// A run whose limit is of one of the three kinds, on a machine of 9,000 MiB.
fn limited(source: Option<&str>, limit_mb: f64) -> Run {
    let mut run = SyntheticRun::sawtooth(100.0, 0.3, &[250, 1000], 6).recorded().run();
    run.host.limit_mb = Some(Mib::new(limit_mb));
    run.host.total_mb = Some(Mib::new(9000.0));
    run.host.limit_source = source.map(str::to_owned);
    run
}

#[test]
fn a_limit_below_the_recorded_peak_kills_the_recorded_run_whatever_the_limit_was() {
    // In a container of 9,000 MiB the job is alone; the other limits are below what the machine has available.
    for (source, limit_mb) in [
        (None, 9000.0),
        (Some("cgroup v2"), 9000.0),
        (Some("memory_limit_gb"), 600.0),
        (Some("physical"), 600.0),
    ] {
        let run = limited(source, limit_mb);
        let at = |limit| predict(&run, &Scenario::AsRecorded, Some(limit)).kill_probability;
        for limit in [1.0, 100.0, 395.0] {
            assert!(at(limit).is_some_and(|p| p > 0.5), "{source:?} {limit} {:?}", at(limit));
        }
        assert!(at(100.0).is_some_and(|p| p > 0.99) && at(800.0).is_some_and(|p| p < 0.05), "{source:?}");
        let fixed = predict(&run, &Scenario::FixedBatch(1000), Some(300.0)).kill_probability;
        assert!(fixed.is_some_and(|p| p > 0.9), "{source:?} {fixed:?}");
    }
}

#[test]
fn the_recorded_run_once_more_is_its_own_peak_or_more() {
    let run = limited(None, 9000.0);
    let found = predict(&run, &Scenario::AsRecorded, None);
    let p = peak(&found);
    assert!(p.low >= 400.0 && p.median < 410.0 && found.identifiable, "{p:?}");
}

#[test]
fn samples_spread_over_years_are_replayed_in_no_time() {
    let mut run = SyntheticRun::sawtooth(100.0, 0.3, &[250, 1000], 6).run();
    for (index, snapshot) in (0_i64..).zip(&mut run.snapshots) {
        snapshot.at = memtool_profile_model::Offset::from_nanos(index * 3_000_000 * 1_000_000_000);
    }
    let begin = std::time::Instant::now();
    let _ = predict(&run, &adaptive(450.0), None);
    assert!(begin.elapsed().as_secs() < 20, "{:?}", begin.elapsed());
}

#[test]
fn work_outside_of_batches_is_in_every_replay() {
    let mut run = SyntheticRun::sawtooth(100.0, 0.3, &[250, 1000], 6).recorded().run();
    let last = run.batches.last().and_then(|batch| batch.end).expect("an end");
    // Results are joined between two batches, or after the last one.
    for at in [run.batches[2].end.expect("an end").nanos() + 50_000_000, last.nanos() + 50_000_000] {
        let mut joined = run.clone();
        let place = joined.snapshots.partition_point(|s| s.at.nanos() < at);
        let sample = memtool_profile_model::Snapshot {
            at: memtool_profile_model::Offset::from_nanos(at),
            rss: Some(Mib::new(900.0)),
            ..joined.snapshots[place.min(joined.snapshots.len() - 1)]
        };
        joined.snapshots.insert(place, sample);
        let prediction = predict(&joined, &Scenario::FixedBatch(250), Some(700.0));
        assert!((peak(&prediction).median - 900.0).abs() < 45.0, "{prediction:?}");
        assert!(prediction.kill_probability.is_some_and(|p| p > 0.9) && prediction.replay_error < 0.1);
    }
    run.snapshots.pop();
    assert!(peak(&predict(&run, &Scenario::FixedBatch(250), None)).high < 300.0);
}

#[test]
fn what_the_heap_keeps_after_a_large_batch_is_no_need_of_small_ones() {
    // One batch of 1,000 items takes 300 MiB from a fresh heap; those of 250 fit into what it leaves.
    let mut run =
        SyntheticRun::sawtooth(20.0, 0.3, &[1000, 250, 250, 250, 250, 250, 250, 250], 1).recorded().run();
    let first_end = run.batches[0].end.expect("an end");
    for batch in &mut run.batches[1..] {
        (batch.rss_start, batch.rss_peak, batch.rss_end) =
            (Some(Mib::new(320.0)), Some(Mib::new(320.0)), Some(Mib::new(320.0)));
    }
    run.batches[0].rss_end = Some(Mib::new(320.0));
    for snapshot in run.snapshots.iter_mut().filter(|s| s.at >= first_end) {
        snapshot.rss = Some(Mib::new(320.0));
    }
    let small = peak(&predict(&run, &Scenario::FixedBatch(250), None)).median;
    assert!(small < 200.0, "{small}");
    assert!(peak(&predict(&run, &Scenario::FixedBatch(1000), None)).median > 300.0);
}

#[test]
fn a_recorded_peak_is_the_least_that_a_larger_size_reaches() {
    let run = SyntheticRun::sawtooth(100.0, 0.3, &[500], 12).recorded().run();
    let larger = predict(&run, &Scenario::FixedBatch(800), Some(240.0));
    assert!(
        peak(&larger).low >= 0.97 * 250.0 && larger.kill_probability.is_some_and(|p| p > 0.5),
        "{larger:?}"
    );
}

#[test]
fn smaller_batches_are_laid_over_all_the_work() {
    let run = SyntheticRun::sawtooth(100.0, 0.3, &[1000], 6).recorded().run();
    let memory_model = memory_model(&[&run]);
    let (seconds, rss) = simulated_path(&run, &memory_model, &Scenario::FixedBatch(500));
    // A start and a peak of each of twelve batches.
    assert_eq!((seconds.len(), rss.len()), (24, 24));
    assert!(seconds.is_sorted(), "{seconds:?}");
}

#[test]
fn a_run_that_was_killed_is_open_above() {
    let mut run = SyntheticRun::sawtooth(100.0, 0.3, &[250, 1000], 6).ramp(10.0).recorded().run();
    let whole = peak(&predict(&run, &Scenario::FixedBatch(1000), None));
    run.warnings.push(memtool_profile_model::Warning::EndedWithoutClosing);
    let prediction = predict(&run, &Scenario::FixedBatch(1000), None);
    assert!(peak(&prediction).high > 1.1 * whole.high, "{prediction:?}");
    assert!(prediction.warnings.contains(&PredictionWarning::Unfinished));
}

#[test]
fn no_sample_gives_no_figure() {
    let run = Run::default();
    let at = |scenario| predict(&run, &scenario, Some(10.0));
    let (other, same) = (at(Scenario::FixedBatch(100)), at(Scenario::AsRecorded));
    assert_eq!((other.peak_rss_mb, other.kill_probability), (None, None));
    assert_eq!((same.peak_rss_mb, same.kill_probability), (None, None));
    for prediction in [other, same] {
        assert!(prediction.warnings.contains(&PredictionWarning::NoSample), "{prediction:?}");
    }
}

#[test]
fn predicted_sizes_keep_a_batch_below_the_limit_where_levels_do_not() {
    // Memory returns between batches: levels see nothing, predictions know what the next one needs.
    let mut run = SyntheticRun::sawtooth(100.0, 0.3, &[250, 1000], 12).recorded().run();
    run.host.limit_mb = Some(Mib::new(350.0));
    run.host.limit_source = Some("cgroup".to_owned());
    for snapshot in &mut run.snapshots {
        snapshot.available = snapshot.rss.map(|rss| Mib::new((350.0 - rss.get()).max(0.0)));
    }
    let Scenario::Config(mut config) = adaptive(350.0) else { panic!("a config") };
    let killed = |config: &AdaptiveConfig| {
        let scenario = Scenario::Config(Box::new(config.clone()));
        predict(&run, &scenario, Some(350.0)).kill_probability.expect("a limit")
    };
    let by_level = killed(&config);
    config.predictive.enabled = true;
    let predicted = killed(&config);
    assert!(by_level > 0.8 && predicted < 0.25, "{by_level} {predicted}");
}

#[test]
fn the_same_input_gives_the_same_prediction() {
    let run = SyntheticRun::sawtooth(100.0, 0.3, &[250, 1000], 4).run();
    assert_eq!(predict(&run, &adaptive(400.0), None), predict(&run, &adaptive(400.0), None));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn figures_are_finite_and_ordered(
        base in 1.0..2000.0_f64, per_item in 0.0..5.0_f64, growth in -1.0..50.0_f64,
        sizes in prop::collection::vec(0_u32..3000, 1..5), count in 1_usize..6,
        records: bool, target in 0_u32..6000, limit in 0.0..5000.0_f64, fixed: bool,
    ) {
        let made = SyntheticRun::sawtooth(base, per_item, &sizes, count).ramp(growth);
        let run = if records { made.recorded().run() } else { made.run() };
        let scenario = if fixed { Scenario::FixedBatch(target) } else { adaptive(limit) };
        let prediction = predict(&run, &scenario, Some(limit));
        for i in prediction.peak_rss_mb.iter().chain(prediction.throughput_ratio.iter()) {
            prop_assert!(i.low.is_finite() && i.high.is_finite());
            prop_assert!(0.0 <= i.low && i.low <= i.median && i.median <= i.high, "{i:?}");
        }
        prop_assert!(prediction.kill_probability.is_none_or(|p| (0.0..=1.0).contains(&p)));
        prop_assert!(prediction.replay_error.is_finite());
        prop_assert!((0.0..=1.0 + 1e-9).contains(&prediction.fallback_share));
    }

    #[test]
    fn the_kill_probability_never_falls_as_the_limit_falls(
        source in prop::option::of(prop::sample::select(vec!["cgroup v2", "memory_limit_gb", "address space limit"])),
        own in 300.0..9000.0_f64, limits in prop::collection::vec(1.0..2000.0_f64, 2..6), size in 1_u32..2000,
    ) {
        let run = limited(source, own);
        let mut limits = limits;
        limits.sort_by(f64::total_cmp);
        for scenario in [Scenario::FixedBatch(size), Scenario::AsRecorded, adaptive(600.0)] {
            let killed: Vec<f64> =
                limits.iter().filter_map(|l| predict(&run, &scenario, Some(*l)).kill_probability).collect();
            prop_assert!(killed.len() == limits.len() && killed.windows(2).all(|w| w[0] >= w[1]), "{killed:?}");
        }
    }
}

#[test]
fn millions_of_tiny_batches_are_not_walked_one_by_one() {
    let run = SyntheticRun::sawtooth(100.0, 0.001, &[1_000_000], 20).recorded().run();
    let small = peak(&predict(&run, &Scenario::FixedBatch(1), None));
    assert!(small.median < 150.0, "{small:?}");
}

/// A heap that does not shrink: a batch of 1000 items fills it to 400 MiB, and twelve of 250 go on inside. Of the 300 MiB
/// that it took, `kept` are in use at the end, by the counters if they are recorded.
fn filled_heap(kept: f64, counted: bool) -> Run {
    let sizes: Vec<u32> = std::iter::once(1000).chain([250; 12]).collect();
    let mut run = SyntheticRun::sawtooth(100.0, 0.3, &sizes, 1).recorded().run();
    let full = Some(Mib::new(400.0));
    let first_end = run.batches[0].end.expect("an end");
    run.batches[0].rss_end = full;
    for batch in &mut run.batches[1..] {
        (batch.rss_start, batch.rss_peak, batch.rss_end) = (full, full, full);
    }
    run.snapshots.iter_mut().filter(|s| s.at >= first_end).for_each(|s| s.rss = full);
    if counted {
        run.live.samples.push(counts(Offset::START, false, 10.0, 0.0));
        for (done, batch) in (1_u32..).zip(&run.batches) {
            let used = kept * f64::from(done) / 13.0;
            run.live.samples.push(counts(batch.end.expect("an end"), true, 10.0 + used, 300.0 - used));
        }
    }
    run
}

fn counts(at: Offset, batch_end: bool, used: f64, free: f64) -> LiveSample {
    let (heap_used, heap_free) = (Some(Mib::new(used)), Some(Mib::new(free)));
    LiveSample { at, batch_end, heap_used, heap_free, py_blocks: None }
}

#[test]
fn bytes_in_use_tell_what_a_full_heap_hides() {
    let at = |kept: f64, counted: bool| {
        peak(&predict(&filled_heap(kept, counted), &Scenario::FixedBatch(250), None))
    };
    // A batch of 250 needs 175 MiB, and what is kept.
    let (flat, leaking) = (at(0.0, true), at(130.0, true));
    assert!((160.0..230.0).contains(&flat.median), "{flat:?}");
    assert!((270.0..330.0).contains(&leaking.median), "{leaking:?}");
    assert!(at(130.0, false).high > leaking.median, "without counts it may be anything up to the full heap");
}

#[test]
fn a_run_that_was_killed_in_its_first_batch_bounds_the_peak_from_below() {
    let mut run = SyntheticRun::sawtooth(100.0, 0.2, &[1000], 1).recorded().run();
    run.format = Format::StreamV1;
    run.warnings.push(Warning::EndedWithoutClosing);
    (run.batches[0].end, run.batches[0].rss_end) = (None, None);
    let at = |size| predict(&run, &Scenario::FixedBatch(size), None);
    let (small, large) = (at(125), at(1000));
    assert!(large.bounds_only && peak(&large).median > 300.0 && peak(&large).low > 280.0, "{large:?}");
    assert!((140.0..260.0).contains(&peak(&small).median), "{small:?}");
}

#[test]
fn a_job_that_ends_where_its_child_met_the_limit_was_cut_off() {
    let mut run = SyntheticRun::sawtooth(100.0, 0.3, &[250, 1000], 1).recorded().run();
    run.host.limit_source = Some("cgroup v2".to_owned());
    let predicted = |limit_mb: f64| {
        let mut run = run.clone();
        run.host.limit_mb = Some(Mib::new(limit_mb));
        predict(&run, &Scenario::FixedBatch(1000), None)
    };
    let (cut_off, finished) = (predicted(395.0), predicted(900.0));
    assert!(cut_off.bounds_only && !finished.bounds_only, "{cut_off:?} {finished:?}");
    assert!(peak(&cut_off).high > peak(&finished).high, "{cut_off:?} {finished:?}");
}

#[test]
fn samples_without_a_closing_one_that_end_at_their_largest_were_cut_off() {
    let mut whole = SyntheticRun::sawtooth(100.0, 0.3, &[250, 1000], 2).run();
    whole.format = Format::ProfileZoned;
    let bounds_only = |run: &Run| predict(run, &Scenario::FixedBatch(500), None).bounds_only;
    assert!(!bounds_only(&whole), "it ends below its peak: {:?}", whole.snapshots.last());
    let mut cut = whole.clone();
    let rss = |snapshot: &Snapshot| snapshot.rss.map_or(0.0, Mib::get);
    let peak = cut.snapshots.iter().map(rss).fold(0.0, f64::max);
    let at_peak = cut.snapshots.iter().rposition(|s| rss(s) == peak).expect("samples");
    cut.snapshots.truncate(at_peak + 1);
    assert!(bounds_only(&cut));
    cut.snapshots[at_peak].kind = SnapshotKind::Statistics;
    assert!(!bounds_only(&cut), "a job that exports its profile was not killed");
}
