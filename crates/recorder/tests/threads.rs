//! Many threads, many batches, a real clock and a real file.

use std::thread;
use std::time::{Duration, Instant};

use memtool_recorder::Recorder;
use memtool_recorder::model::stream::read_stream;
use memtool_recorder::model::{AdaptiveConfig, PeakSource};

fn config(interval: f64) -> AdaptiveConfig {
    AdaptiveConfig { monitoring_interval_seconds: interval, ..AdaptiveConfig::default() }
}

#[test]
fn eight_threads_of_batches_are_all_in_the_stream() {
    const EACH: u64 = 1_500;
    let folder = tempfile::tempdir().expect("a folder");
    let recorder = Recorder::builder().config(config(0.001)).reports_dir(folder.path());
    let recorder = recorder.size_cap(1 << 30).start().expect("starts");
    let path = recorder.stream_path().expect("written").to_owned();
    thread::scope(|scope| {
        for number in 0..8_u64 {
            let recorder = &recorder;
            scope.spawn(move || {
                for _ in 0..EACH {
                    let batch = recorder.batch("load", number);
                    assert!(recorder.batch_size() > 0);
                    batch.finish();
                }
            });
        }
    });
    let recording = recorder.statistics().expect("live").recording;
    assert_eq!(recording.batches, 8 * EACH);
    assert!(recorder.stop());
    let run = read_stream(&std::fs::read_to_string(path).expect("there")).expect("reads back");
    let lost = run.warnings.iter().any(|warning| warning.to_string().contains("lost"));
    let ended = run.batches.iter().filter(|batch| batch.end.is_some()).count() as u64;
    assert!(ended == 8 * EACH || lost, "{ended} of {} batches, and no word of a loss", 8 * EACH);
}

#[test]
fn the_background_thread_looks_by_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let recorder =
        Recorder::builder().config(config(0.005)).reports_dir(folder.path()).start().expect("starts");
    let until = Instant::now() + Duration::from_secs(20);
    while recorder.statistics().expect("live").recording.samples < 20 && Instant::now() < until {
        thread::sleep(Duration::from_millis(1));
    }
    assert!(recorder.statistics().expect("live").recording.samples >= 20);
}

#[cfg(target_os = "linux")]
#[test]
fn a_spike_between_samples_is_in_the_batch_peak() {
    let folder = tempfile::tempdir().expect("a folder");
    let recorder =
        Recorder::builder().config(config(60.0)).reports_dir(folder.path()).start().expect("starts");
    let path = recorder.stream_path().expect("written").to_owned();
    if !recorder.statistics().expect("live").recording.exact_peaks {
        println!("skipped: the high-water mark cannot be reset here");
        return;
    }
    for mebibytes in [64_usize, 1] {
        let batch = recorder.batch("spike", 1);
        let held = vec![1_u8; mebibytes << 20];
        assert_eq!(held.iter().map(|byte| u64::from(*byte)).sum::<u64>(), (mebibytes << 20) as u64);
        drop(held);
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
fn dropping_the_handle_closes_the_stream() {
    let folder = tempfile::tempdir().expect("a folder");
    let recorder =
        Recorder::builder().config(config(60.0)).reports_dir(folder.path()).start().expect("starts");
    let path = recorder.stream_path().expect("written").to_owned();
    let batch = recorder.batch("outlives the handle", 1);
    drop(recorder);
    batch.finish();
    let run = read_stream(&std::fs::read_to_string(path).expect("there")).expect("reads back");
    assert_eq!(run.warnings, [], "the footer is there");
}
