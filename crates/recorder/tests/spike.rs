//! Exact peaks between samples; the mark is the process's, so this test has one of its own.
#![cfg(target_os = "linux")]
#![expect(clippy::print_stdout, reason = "figures and skips are shown to whoever asks")]

use memtool_recorder::Recorder;
use memtool_recorder::model::stream::read_stream;
use memtool_recorder::model::{AdaptiveConfig, PeakSource};

#[test]
fn a_spike_between_samples_is_in_the_batch_peak() {
    let config = AdaptiveConfig { monitoring_interval_seconds: 60.0, ..AdaptiveConfig::default() };
    let folder = tempfile::tempdir().expect("a folder");
    let recorder = Recorder::builder().config(config).reports_dir(folder.path()).start().expect("starts");
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
