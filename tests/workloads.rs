//! Four workloads of known truth, really run and really recorded, are classified correctly.
//!
//! Each runs in a process of its own, so that none disturbs another's memory: this test binary
//! starts itself with the workload's name.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use memtool_analyzer::{Analysis, LeakVerdict, Reading, analyze};
use memtool_profile_model::{AdaptiveConfig, PeakSource, Run, read_run};
use memtool_recorder::Recorder;

/// Batches of a workload, and the time from one to the next.
const BATCHES: u32 = 40;
const PACE: Duration = Duration::from_millis(240);
/// What is recorded before the first batch and after the last.
const REST: Duration = Duration::from_millis(600);
/// What a batch works with, in MiB: no allocator keeps blocks of this size when they are freed.
const WORK: usize = 40;
const SAWTOOTH: usize = 60;
/// What each batch of the leak keeps.
const LEAKED: usize = 3;
/// The cache of the plateau, and how many of the batches fill it.
const CACHE: usize = 120;
const FILLING: u32 = 12;
/// The spike, and the batch that has it.
const SPIKE: usize = 150;
const SPIKE_BATCH: u32 = 20;
/// Share of the spike that its exact peak must show: kernels with many processors count resident
/// pages with some MiB to spare.
const SHOWN: f64 = 0.95;

const WORKLOADS: [&str; 4] = ["leak", "plateau", "sawtooth", "spike"];
const NAME: &str = "MEMTOOL_TEST_WORKLOAD";
const STREAM: &str = "MEMTOOL_TEST_STREAM";

#[test]
fn the_leak_is_found_and_nothing_else_taken_for_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let stream = |name: &str| folder.path().join(format!("{name}.ndjson"));
    let running: Vec<(&str, Child)> = WORKLOADS.map(|name| (name, start(name, &stream(name)))).into();
    for (name, mut child) in running {
        assert!(child.wait().expect("it was started").success(), "{name} failed");
    }
    for name in WORKLOADS {
        let path = stream(name);
        let analysis = analysis(&path);
        let report = analysis.profiles.get(0).expect("it is in memory");
        assert_eq!(report.leak.verdict == LeakVerdict::Leak, name == "leak", "{name}: {:?}", report.leak);
        let run = read_run(&std::fs::read(&path).expect("recorded")).expect("a stream");
        assert_eq!(run.batches.len(), BATCHES as usize, "{name}");
        if name == "spike" {
            assert_spike_is_seen(&run, report.peak_rss_mb);
        }
    }
}

fn analysis(path: &Path) -> Analysis {
    analyze(&[PathBuf::from(path)], Reading::default(), |_, _| {}).expect("it is in memory")
}

/// The spike comes and goes between two samples: only an exact peak shows it.
#[expect(clippy::cast_precision_loss, reason = "a few MiB")]
fn assert_spike_is_seen(run: &Run, sampled_peak: f64) {
    let batch = &run.batches[SPIKE_BATCH as usize];
    let (Some(peak), Some(start)) = (batch.rss_peak, batch.rss_start) else { panic!("{batch:?}") };
    if batch.peak_source == Some(PeakSource::Sampled) {
        return;
    }
    assert!(peak.get() - start.get() >= SPIKE as f64 * SHOWN, "{batch:?}, sampled {sampled_peak}");
}

fn start(name: &str, stream: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("this test"));
    command.args(["--exact", "workloads::run_in_a_process_of_its_own", "--ignored"]);
    command.env(NAME, name).env(STREAM, stream).stdout(Stdio::null());
    command.spawn().expect("this test starts")
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn run_in_a_process_of_its_own() {
    let name = std::env::var(NAME).expect("the test above names it");
    let stream = std::env::var_os(STREAM).expect("the test above names it");
    let interval = if name == "spike" { 0.4 } else { 0.04 };
    let config = AdaptiveConfig { monitoring_interval_seconds: interval, ..AdaptiveConfig::default() };
    // Samples are closer than a job's config allows.
    let recorder = Recorder::builder().config(config).any_order().job(name.as_str()).stream_file(stream);
    let recorder = recorder.start().expect("a recorder");
    let mut kept = Vec::new();
    thread::sleep(REST);
    let began = Instant::now();
    for number in 0..BATCHES {
        let batch = recorder.batch("batch", 100);
        work(&name, number, &recorder, &mut kept);
        batch.finish();
        thread::sleep((PACE * (number + 1)).saturating_sub(began.elapsed()));
    }
    thread::sleep(REST);
    assert!(recorder.stop(), "the stream is complete");
    black_box(kept);
}

fn work(name: &str, number: u32, recorder: &Recorder, kept: &mut Vec<Vec<u8>>) {
    let held = match name {
        "leak" => {
            kept.push(memory(LEAKED));
            memory(WORK)
        }
        "plateau" => {
            if number < FILLING {
                kept.push(memory(CACHE / FILLING as usize));
            }
            memory(WORK)
        }
        "sawtooth" => memory(SAWTOOTH),
        _ => {
            if number == SPIKE_BATCH {
                await_sample(recorder);
                drop(memory(SPIKE));
            }
            Vec::new()
        }
    };
    thread::sleep(PACE / 2);
    drop(held);
}

/// Returns right after a sample, so that nearly a whole interval is left until the next.
fn await_sample(recorder: &Recorder) {
    let samples = || recorder.statistics().map(|statistics| statistics.recording.samples);
    let (before, began) = (samples(), Instant::now());
    while samples() == before && began.elapsed() < Duration::from_secs(1) {
        thread::sleep(Duration::from_millis(1));
    }
}

/// Memory of a size in MiB, written to so that it is resident.
fn memory(mebibytes: usize) -> Vec<u8> {
    black_box(vec![1; mebibytes << 20])
}
