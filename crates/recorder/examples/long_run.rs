//! Samples by the billion on a faked clock, into a stream with a cap: `long_run SAMPLES [CAP_MIB]`.
//!
//! Prints what a sample took, what was written and left out, and the largest hole in the stream.

use std::env;
use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use memtool_recorder::fake::FakeProbe;
use memtool_recorder::model::Mib;
use memtool_recorder::model::stream::current::Record;
use memtool_recorder::model::stream::parse_line;
use memtool_recorder::{FakeClock, Reading, Recorder};

const INTERVAL: Duration = Duration::from_millis(100);

/// A saw on a slow rise, so that samples have news for years.
fn memory(sample: u64) -> Reading {
    let (part, rise) = (sample % 600, sample / 6_000_000);
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let rss = 200.0 + part as f64 + rise as f64;
    Reading { rss: Some(Mib::new(rss)), ..Reading::default() }
}

/// Times of the samples in a stream: how many, the largest hole between two, the last; in seconds.
fn samples(stream: &Path) -> Result<(u64, f64, f64), Box<dyn Error>> {
    let (mut count, mut widest, mut last) = (0, 0.0_f64, 0.0);
    for line in BufReader::new(fs::File::open(stream)?).lines() {
        if let Record::Snapshot(snapshot) = parse_line(&line?)? {
            let at = snapshot.t_ns.seconds();
            (count, widest, last) = (count + 1, widest.max(at - last), at);
        }
    }
    Ok((count, widest, last))
}

fn resident_kb() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

#[expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "it prints figures")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let count: u64 = args.next().ok_or("usage: long_run SAMPLES [CAP_MIB]")?.parse()?;
    let cap: u64 = args.next().map_or(Ok(64), |cap| cap.parse())?;
    let folder = tempfile::tempdir()?;
    let clock = FakeClock::default();
    let (probe, faked) = FakeProbe::with_rss(Mib::new(200.0));
    let builder = Recorder::builder().background(false).probe(Box::new(probe)).clock(Arc::new(clock.clone()));
    let recorder = builder.reports_dir(folder.path()).size_cap(cap << 20).start()?;
    let stream = recorder.stream_path().ok_or("no stream")?.to_owned();
    let began = Instant::now();
    for sample in 0..count {
        clock.advance(INTERVAL);
        faked.set(memory(sample));
        recorder.check(None);
    }
    let took = began.elapsed();
    let written = recorder.stop();
    let (kept, widest, last) = samples(&stream)?;
    let length = fs::metadata(&stream)?.len();
    println!(
        "{count} samples in {took:.0?}, {:.2} µs each, closed: {written}",
        took.as_secs_f64() * 1e6 / count as f64
    );
    println!(
        "{length} bytes of a cap of {cap} MiB, {kept} samples kept; largest hole {widest:.0} s of {last:.0} s"
    );
    println!("largest resident memory {} KiB", resident_kb().unwrap_or_default());
    Ok(())
}
