use memtool_profile_model::{LiveSample, Mib, Run};

use super::peak_model::PeakModel;
use super::rise::Rise;
use super::*;
use memtool_tracegen::SyntheticRun;

fn assert_near(value: f64, expected: f64) {
    assert!((value - expected).abs() <= 0.02 * expected.abs(), "{value} instead of {expected}");
}

#[test]
fn fixed_runs_of_two_sizes_give_the_line() {
    let runs = [250, 1000].map(|size| SyntheticRun::sawtooth(100.0, 0.3, &[size], 6).run());
    let memory_model = memory_model(&[&runs[0], &runs[1]]);
    assert_eq!((memory_model.status, memory_model.method), (Status::Identified, Method::FixedRuns));
    assert_near(memory_model.per_item_mb.median, 0.3);
    assert_near(memory_model.base_mb.median, 100.0);
    assert!(memory_model.per_item_mb.low < 0.3 && memory_model.per_item_mb.high > 0.3);
    assert_eq!(memory_model.sizes_seen, [250.0, 1000.0]);
}

#[test]
fn batch_records_of_two_sizes_give_the_line() {
    let run = SyntheticRun::sawtooth(100.0, 0.3, &[500, 1000, 250], 6).recorded().run();
    let memory_model = memory_model(&[&run]);
    assert_eq!((memory_model.status, memory_model.method), (Status::Identified, Method::Batches));
    assert_near(memory_model.per_item_mb.median, 0.3);
}

#[test]
fn batches_that_overlap_are_not_fitted() {
    let mut run = SyntheticRun::sawtooth(100.0, 0.3, &[500, 1000, 250], 6).recorded().run();
    for batch in run.batches.iter_mut().step_by(2) {
        // Two at once: the peak is that of both.
        batch.rss_peak = batch.rss_peak.map(|peak| peak.scaled(3.0));
        batch.overlapping = true;
    }
    let memory_model = memory_model(&[&run]);
    assert_eq!((memory_model.method, memory_model.samples), (Method::Batches, 9));
    assert_near(memory_model.per_item_mb.median, 0.3);
}

#[test]
fn a_ramp_under_the_sawtooth_does_not_enter_the_slope_of_batches() {
    let run = SyntheticRun::sawtooth(100.0, 0.3, &[1000, 500, 250], 6).ramp(20.0).recorded().run();
    let memory_model = memory_model(&[&run]);
    assert_near(memory_model.per_item_mb.median, 0.3);
    assert!(memory_model.per_item_mb.high < 0.33, "the start tells growth from need: {memory_model:?}");
    assert_eq!(memory_model.status, Status::Identified);
}

#[test]
fn snapshots_alone_give_bounds_around_the_truth() {
    let run = SyntheticRun::sawtooth(100.0, 0.3, &[1000, 500, 250], 6).run();
    let memory_model = memory_model(&[&run]);
    assert_eq!((memory_model.status, memory_model.method), (Status::Bounded, Method::Snapshots));
    let w = memory_model.per_item_mb;
    assert!(w.low <= 0.301 && w.high >= 0.3, "{w:?}");
}

#[test]
fn one_size_is_not_identifiable_but_bounded() {
    let run = SyntheticRun::sawtooth(100.0, 0.3, &[1000], 6).ramp(10.0).recorded().run();
    let memory_model = memory_model(&[&run]);
    assert!(!memory_model.identifiable());
    let w = memory_model.per_item_mb;
    assert!(w.low <= 0.301 && w.high >= 0.34, "{w:?}");
    assert_eq!(memory_model.warnings, [ModelWarning::OneSize(1000.0)]);
    let reason = "not identifiable: only batch size 1000 was seen; record one run with another fixed size";
    assert_eq!(memory_model.reason().as_deref(), Some(reason));
}

#[test]
fn what_samples_show_early_may_be_loaded_or_a_heap() {
    let rise = Rise { mb: 300.0, items: 1000.0, early_mb: 200.0 };
    let model = PeakModel::of_rises(&[rise], vec![0.0, 1000.0], 2000.0);
    let needs = |items: f64| -> Vec<f64> {
        let states = model.hypotheses.iter().map(|hypothesis| hypothesis.fit.states[1]);
        states.map(|state| (state.level + state.slope * items).round()).collect()
    };
    assert_eq!((needs(1000.0), needs(100.0)), (vec![300.0, 300.0], vec![210.0, 30.0]));
    let weights: f64 = model.hypotheses.iter().map(|hypothesis| hypothesis.weight).sum();
    assert!((weights - 1.0).abs() < 1e-12);
}

#[test]
fn nothing_readable_says_so() {
    let run = Run::default();
    let memory_model = memory_model(&[&run]);
    assert_eq!(memory_model.method, Method::None);
    assert_eq!(memory_model.warnings, [ModelWarning::NoSize]);
}

#[test]
fn a_smaller_size_with_the_higher_peak_is_told() {
    let small = SyntheticRun::sawtooth(500.0, 0.1, &[100], 6).recorded().run();
    let large = SyntheticRun::sawtooth(100.0, 0.1, &[1000], 6).recorded().run();
    let memory_model = memory_model(&[&small, &large]);
    assert_eq!(memory_model.warnings.first(), Some(&ModelWarning::SmallerSizeHigherPeak));
}

#[test]
fn what_items_need_may_grow_with_the_work() {
    // The need of an item doubles half-way, at alternating sizes: the dominant one is the later.
    let mut run = SyntheticRun::sawtooth(100.0, 0.2, &[500, 1000, 500, 1000, 500, 1000], 5).recorded().run();
    let half = run.batches.len() / 2;
    for batch in &mut run.batches[half..] {
        batch.rss_peak = batch.rss_start.zip(batch.rss_peak).map(|(start, peak)| {
            memtool_profile_model::Mib::new(start.get() + 2.0 * (peak.get() - start.get()))
        });
    }
    let found = memory_model(&[&run]).per_item_mb;
    assert!((0.36..0.44).contains(&found.median), "{found:?}");
}

#[test]
fn a_batch_that_a_kill_cut_off_counts_as_a_lower_bound() {
    let mut run = SyntheticRun::sawtooth(100.0, 0.3, &[500, 1000], 6).recorded().run();
    run.warnings.push(memtool_profile_model::Warning::EndedWithoutClosing);
    let last = run.batches.last_mut().expect("a batch");
    // It died on the way up: the samples show half of it.
    (last.end, last.rss_peak, last.rss_end) = (None, Some(memtool_profile_model::Mib::new(250.0)), None);
    let memory_model = memory_model(&[&run]);
    assert_near(memory_model.per_item_mb.median, 0.3);
}

#[test]
fn a_collection_is_not_all_taken_from_the_batch_that_it_stands_in() {
    // Each batch works 0.7 s; in every second one a collection of 0.4 s stands, and libraries compute on.
    let mut run = SyntheticRun::sawtooth(100.0, 0.3, &[1000], 12).recorded().run();
    for (index, batch) in run.batches.iter_mut().enumerate() {
        batch.cpu_seconds = Some(0.7);
        if index % 2 == 1 {
            run.collections.push(memtool_profile_model::Collection {
                at: memtool_profile_model::Offset::from_nanos(batch.start.nanos() + 300_000_000),
                forced: true,
                seconds: Some(0.4),
                rss_before: batch.rss_peak,
                rss_after: batch.rss_peak,
                objects: Some(0),
                committed: None,
                young: false,
            });
        }
    }
    let memory_model = memory_model(&[&run]);
    let model = &memory_model.models[0];
    assert!((model.reclaim.seconds - 0.3).abs() < 1e-9, "{}", model.reclaim.seconds);
    // Six collections, at three quarters of their own time.
    assert!((model.collecting - 6.0 * 0.3).abs() < 1e-9, "{}", model.collecting);
}

#[test]
fn every_full_batch_shows_a_size_and_a_rest_does_not() {
    let mut run =
        SyntheticRun::sawtooth(100.0, 0.3, &[100, 100, 100, 100, 1000, 700, 40], 1).recorded().run();
    // The last batch had what was left of 700.
    run.batches[6].size = 700;
    assert_eq!(memory_model(&[&run]).sizes_seen, [100.0, 700.0, 1000.0]);
}

#[test]
fn what_a_first_batch_leaves_in_use_is_no_need_of_smaller_ones() {
    // 200 MiB are loaded by the first batch, and stay; items need next to nothing.
    let mut run = SyntheticRun::sawtooth(20.0, 0.2, &[1000, 500, 500, 500], 1).recorded().run();
    for (index, batch) in run.batches.iter_mut().enumerate() {
        let start = if index == 0 { 20.0 } else { 220.0 };
        (batch.rss_start, batch.rss_peak, batch.rss_end) =
            (Some(Mib::new(start)), Some(Mib::new(220.0)), Some(Mib::new(220.0)));
    }
    let highest = |run: &Run| {
        let model = memory_model(&[run]);
        model.models[0].operations[0].highest(125.0).expect("a peak").0
    };
    let unseen = highest(&run);
    let (first, last) = (run.batches[0], run.batches[3]);
    let sample = |at, batch_end, used| LiveSample {
        at,
        batch_end,
        heap_used: Some(Mib::new(used)),
        heap_free: Some(Mib::new(0.0)),
        py_blocks: None,
    };
    let ends = [(first.end, 205.0), (last.end, 206.0)];
    run.live.samples = std::iter::once(sample(first.start, false, 5.0))
        .chain(ends.map(|(end, used)| sample(end.expect("an end"), true, used)))
        .collect();
    let seen = highest(&run);
    assert!((200.0..240.0).contains(&seen) && unseen < 190.0, "{seen} {unseen}");
}
