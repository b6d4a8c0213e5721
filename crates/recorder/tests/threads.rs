//! Many threads, many batches, a real clock and a real file.

use std::thread;
use std::time::{Duration, Instant};

use memtool_recorder::Recorder;
use memtool_recorder::model::AdaptiveConfig;
use memtool_recorder::model::stream::read_stream;

fn config(interval: f64) -> AdaptiveConfig {
    AdaptiveConfig { monitoring_interval_seconds: interval, ..AdaptiveConfig::default() }
}

#[test]
fn sixty_four_threads_of_batches_are_all_in_the_stream() {
    const EACH: u64 = 200;
    let folder = tempfile::tempdir().expect("a folder");
    let recorder = Recorder::builder().config(config(0.001)).reports_dir(folder.path());
    let recorder = recorder.size_cap(1 << 30).start().expect("starts");
    let path = recorder.stream_path().expect("written").to_owned();
    thread::scope(|scope| {
        for number in 0..64_u64 {
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
    assert_eq!(recording.batches, 64 * EACH);
    assert!(recorder.stop());
    let run = read_stream(&std::fs::read_to_string(path).expect("there")).expect("reads back");
    let lost = run.warnings.iter().any(|warning| warning.to_string().contains("lost"));
    let ended = run.batches.iter().filter(|batch| batch.end.is_some()).count() as u64;
    assert!(ended == 64 * EACH || lost, "{ended} of {} batches, and no word of a loss", 64 * EACH);
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
