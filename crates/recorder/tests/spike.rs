//! Exact peaks between samples. The mark is the process's: these tests have a process of their own,
//! and take turns.
#![cfg(target_os = "linux")]
#![expect(clippy::print_stdout, reason = "figures and skips are shown with --nocapture")]

use std::sync::{Mutex, PoisonError};

use memtool_recorder::model::stream::read_stream;
use memtool_recorder::model::{AdaptiveConfig, PeakSource};
use memtool_recorder::{HighWater, LinuxProbe, PeakAccess, Probe, Recorder};

static TURN: Mutex<()> = Mutex::new(());

/// Memory that is there, not only promised.
fn touched(mebibytes: usize) -> Vec<u8> {
    let block = vec![1_u8; mebibytes << 20];
    assert!(block.iter().step_by(4096).all(|byte| *byte == 1));
    block
}

#[test]
fn memory_that_is_touched_raises_rss_and_the_mark_until_reset() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut probe = LinuxProbe::of_self().expect("a probe");
    let mut mark = HighWater::open().expect("a mark");
    if mark.access() != PeakAccess::Exact {
        println!("skipped: the high-water mark cannot be reset here");
        return;
    }
    mark.reset().expect("reset");
    let before = probe.rss().expect("resident").get();
    let block = touched(256);
    let with = probe.rss().expect("resident").get();
    drop(block);
    let peak = mark.peak().expect("a peak").get();
    assert!(with - before > 192.0, "{before} {with}");
    assert!(peak - before > 192.0, "{before} {peak}");
    mark.reset().expect("reset");
    assert!(mark.peak().expect("a peak").get() < before + 128.0);
    assert!(mark.highest().get() >= peak);
}

#[test]
fn a_spike_between_samples_is_in_the_batch_peak() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let config = AdaptiveConfig { monitoring_interval_seconds: 60.0, ..AdaptiveConfig::default() };
    let folder = tempfile::tempdir().expect("a folder");
    let recorder = Recorder::builder().config(config).reports_dir(folder.path()).start().expect("starts");
    let path = recorder.stream_path().expect("written").to_owned();
    if !recorder.statistics().expect("live").recording.exact_peaks {
        println!("skipped: the high-water mark cannot be reset here");
        return;
    }
    for mebibytes in [64, 1] {
        let batch = recorder.batch("spike", 1);
        drop(touched(mebibytes));
        batch.finish();
    }
    assert!(recorder.stop());
    let run = read_stream(&std::fs::read_to_string(path).expect("there")).expect("reads back");
    let rises: Vec<f64> = run
        .batches
        .iter()
        .map(|batch| {
            assert_eq!(batch.peak_source, Some(PeakSource::HighWaterMark));
            batch.rss_peak.expect("seen").get() - batch.rss_start.expect("seen").get()
        })
        .collect();
    assert!(rises[0] > 60.0, "64 MiB came and went: {rises:?}");
    assert!(rises[1] < 10.0, "the mark was reset: {rises:?}");
}

#[test]
fn recorders_of_one_process_do_not_take_the_mark_from_each_other() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().expect("a folder");
    let start = || {
        let builder = Recorder::builder().reports_dir(folder.path()).background(false);
        builder.start().expect("starts")
    };
    let (first, second) = (start(), start());
    if !first.statistics().expect("live").recording.exact_peaks {
        println!("skipped: the high-water mark cannot be reset here");
        return;
    }
    let outer = first.batch("outer", 1);
    drop(touched(96));
    let shared = second.batch("shared", 1);
    drop(touched(32));
    shared.finish();
    outer.finish();
    let rise = |recorder: Recorder| {
        let path = recorder.stream_path().expect("written").to_owned();
        assert!(recorder.stop());
        let run = read_stream(&std::fs::read_to_string(path).expect("there")).expect("reads back");
        assert_eq!(run.batches[0].peak_source, Some(PeakSource::HighWaterMark));
        run.batches[0].rss_peak.expect("seen").get() - run.batches[0].rss_start.expect("seen").get()
    };
    let (outer, shared) = (rise(first), rise(second));
    assert!(outer > 90.0, "its own spike came before the other's reset: {outer}");
    assert!((28.0..60.0).contains(&shared), "only what came after its own reset: {shared}");
}
