//! What the recorder costs: prints figures, asserts nothing.
//!
//! ```sh
//! cargo bench -p memtool-recorder --bench cost
//! ```
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a benchmark prints, and stops where it cannot go on"
)]

use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use memtool_recorder::model::{AdaptiveConfig, Predictive};
use memtool_recorder::{Builder, Recorder, cpu_seconds};

const SAMPLES: u32 = 20_000;
const WATCHED: Duration = Duration::from_secs(20);

fn main() {
    let folder = tempfile::tempdir().unwrap();
    println!("one sample, µs of wall time and of CPU time (best of 5 × {SAMPLES}):");
    let bare = bare_reads();
    print("bare reads of statm and meminfo, kept open", bare);
    let recorder = sampling_seldom(folder.path()).start().unwrap();
    let sample = best(|| {
        recorder.check(None);
    });
    print("a sample with its line in the stream", sample);
    // By CPU time: others on the machine stretch wall time.
    println!("  {:.2} times the bare reads", sample.1 / bare.1);
    if let Some(psutil) = psutil() {
        println!(
            "  psutil memory_info + virtual_memory    {psutil:8.2}: {:.1} times the sample",
            psutil / sample.1
        );
    }
    size_on_disk(&recorder);
    // A second recorder would have the first read the mark at each reset.
    drop(recorder);
    batches(folder.path());
    shares(folder.path());
    memory(folder.path());
}

fn sampling_seldom(folder: &Path) -> Builder {
    Recorder::builder().reports_dir(folder).background(false)
}

/// Wall and CPU microseconds of the best of five rounds.
fn best<T>(mut work: impl FnMut() -> T) -> (f64, f64) {
    let mut best = (f64::MAX, f64::MAX);
    for _ in 0..5 {
        let (began, cpu) = (Instant::now(), cpu_seconds().unwrap_or(0.0));
        (0..SAMPLES).for_each(|_| drop(work()));
        let each = |seconds: f64| seconds * 1e6 / f64::from(SAMPLES);
        let wall = each(began.elapsed().as_secs_f64());
        best = (best.0.min(wall), best.1.min(each(cpu_seconds().unwrap_or(0.0) - cpu)));
    }
    best
}

fn print(what: &str, (wall, cpu): (f64, f64)) {
    println!("  {what:40} {wall:8.2} {cpu:8.2}");
}

fn bare_reads() -> (f64, f64) {
    let (statm, meminfo) = kept();
    best(|| read_bare(&statm, &meminfo))
}

fn kept() -> (File, File) {
    (File::open("/proc/self/statm").unwrap(), File::open("/proc/meminfo").unwrap())
}

fn read_bare(statm: &File, meminfo: &File) {
    use std::os::unix::fs::FileExt;
    let mut buffer = [0; 192];
    statm.read_at(&mut buffer, 0).unwrap();
    std::hint::black_box(&buffer);
    meminfo.read_at(&mut buffer, 0).unwrap();
    std::hint::black_box(&buffer);
}

/// CPU microseconds of the same sample through psutil, if Python has it.
fn psutil() -> Option<f64> {
    let program = "import psutil, time\np = psutil.Process()\nbest = 9e9\nfor _ in range(5):\n t = time.process_time()\n \
        for _ in range(2000): p.memory_info(); psutil.virtual_memory()\n \
        best = min(best, (time.process_time() - t) / 2000 * 1e6)\nprint(best)";
    let output = Command::new("python3").args(["-c", program]).output().ok()?;
    let seconds = String::from_utf8(output.stdout).ok()?.trim().parse().ok();
    if seconds.is_none() {
        println!("  (psutil is not installed: pip install psutil)");
    }
    seconds
}

fn batches(folder: &Path) {
    let recorder = sampling_seldom(folder).start().unwrap();
    print("a batch, start and end", best(|| recorder.batch("bench", 10).finish()));
    drop(recorder);
    let threaded = Recorder::builder().reports_dir(folder).start().unwrap();
    print("a batch, with the background thread", best(|| threaded.batch("bench", 10).finish()));
    let lost = threaded.statistics().unwrap().recording.lost_records;
    print(
        "batch_size by level",
        best(|| {
            std::hint::black_box(threaded.batch_size());
        }),
    );
    drop(threaded);
    let predictive = Predictive { enabled: true, ..Predictive::default() };
    let config = AdaptiveConfig { predictive, ..Default::default() };
    let predictive = Recorder::builder().config(config).reports_dir(folder).start().unwrap();
    // As after a while: what a batch needs and how fast it is are known for several sizes.
    for round in 0..1_000 {
        predictive.batch("bench", 100 << (round % 4)).finish();
    }
    print(
        "batch_size by prediction",
        best(|| {
            std::hint::black_box(predictive.batch_size_for("bench"));
        }),
    );
    println!("  records lost at that rate: {lost}");
}

/// Bytes of a snapshot in the stream so far, as it is and as zstd packs it.
fn size_on_disk(recorder: &Recorder) {
    let stream = std::fs::read(recorder.stream_path().unwrap()).unwrap();
    let lines = stream.iter().filter(|byte| **byte == b'\n').count() as f64;
    let packed = zstd::bulk::compress(&stream, 3).unwrap();
    println!(
        "on disk, of {lines} lines: {:.1} bytes a snapshot, {:.1} with zstd",
        stream.len() as f64 / lines,
        packed.len() as f64 / lines
    );
}

/// CPU share of the background thread, the job asleep, beside a thread that only wakes up, and
/// one that wakes up and reads.
fn shares(folder: &Path) {
    println!("CPU share in a job that sleeps, {WATCHED:?} each: waking up / and bare reads / recorder:");
    for hertz in [1.0, 10.0] {
        let waking = used_meanwhile(|| every(hertz, || ()));
        let (statm, meminfo) = kept();
        let bare = used_meanwhile(|| every(hertz, || read_bare(&statm, &meminfo)));
        let config = AdaptiveConfig { monitoring_interval_seconds: 1.0 / hertz, ..Default::default() };
        let recorder = Recorder::builder().config(config).reports_dir(folder).start().unwrap();
        let ours = used_meanwhile(|| std::thread::sleep(WATCHED));
        println!("  {hertz:4} Hz: {waking:.4} % / {bare:.4} % / {ours:.4} %");
        drop(recorder);
    }
}

fn every(hertz: f64, work: impl Fn()) {
    let until = Instant::now() + WATCHED;
    while Instant::now() < until {
        std::thread::sleep(Duration::from_secs_f64(1.0 / hertz));
        work();
    }
}

fn used_meanwhile(work: impl FnOnce()) -> f64 {
    let before = cpu_seconds().unwrap_or(0.0);
    work();
    (cpu_seconds().unwrap_or(0.0) - before) / WATCHED.as_secs_f64() * 100.0
}

/// Resident memory that a recorder adds, right after its start and after many samples.
fn memory(folder: &Path) {
    let resident = || {
        let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
        statm.split(' ').nth(1).unwrap().parse::<f64>().unwrap() * 4.0
    };
    let before = resident();
    let config = AdaptiveConfig { history_size: 1_000, ..Default::default() };
    let recorder = Recorder::builder().config(config).reports_dir(folder).start().unwrap();
    println!("resident memory added, KiB, with a history of 1,000:");
    println!("  at the start                  {:6.0}", resident() - before);
    for _ in 0..200_000 {
        recorder.check(Some("long"));
    }
    println!("  after 200,000 samples           {:6.0}", resident() - before);
}
