//! Six hot paths for instruction counts: `hot_paths NAME ROUNDS` sets one up and runs it this many times.
//!
//! `make test-instructions` runs it under valgrind with one round and with three: half of the difference is what one
//! round takes, without the start of the program. Inputs are synthetic, from fixed seeds.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use memtool_analyzer::memory_model::memory_model;
use memtool_analyzer::simulate::{Scenario, SimulateOptions, Simulator};
use memtool_analyzer::{Context, Series, chart, detect, load, phases};
use memtool_profile_model::profile::{Closing, write_profile};
use memtool_profile_model::stream::stream_text;
use memtool_profile_model::{
    AdaptiveConfig, Batch, MemoryThresholds, Mib, Offset, OptimizationLevel, PeakSource, Run, Snapshot,
};
use memtool_recorder::fake::FakeProbe;
use memtool_recorder::{FakeClock, Reading, Recorder};
use memtool_tracegen::{Course, Settings, Trace, trace};

/// Samples of every input, one a second, and samples of a batch.
const SAMPLES: usize = 10_000;
const BATCH: usize = 50;
/// Configs that a round of replay goes through.
const CONFIGS: u32 = 20;
/// Columns of a round of reduction.
const COLUMNS: usize = 1_000;
/// Samples that a round of recording takes.
const RECORDED: usize = 500;
const READ_MEMORY: Option<u64> = Some(64 << 20);

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (name, rounds) = (arguments.next(), arguments.next());
    let rounds: usize = rounds.context("usage: hot_paths NAME ROUNDS")?.parse()?;
    let folder = tempfile::tempdir()?;
    match name.as_deref().unwrap_or_default() {
        "profile" => read(&profile(folder.path())?, rounds),
        "stream" => read(&stream(folder.path())?, rounds),
        "detect" => judge(rounds),
        "replay" => replay(rounds),
        "reduce" => reduce(rounds),
        "sample" => sample(folder.path(), rounds)?,
        other => bail!("no hot path is named {other:?}"),
    }
    Ok(())
}

fn made() -> Trace {
    trace(&Settings {
        course: Course::Leak(500.0),
        samples: SAMPLES,
        batch_samples: BATCH as f64,
        ..Settings::default()
    })
}

fn seconds(index: usize) -> f64 {
    index as f64
}

/// The trace as a run, one batch after the other.
fn run() -> Run {
    let made = made();
    let at = |index: usize| Offset::from_seconds(seconds(index));
    let snapshot = |(index, (&rss, &size)): (usize, (&f64, &u32))| Snapshot {
        at: at(index),
        rss: Some(Mib::new(rss).rounded()),
        batch_size: Some(size),
        ..Snapshot::default()
    };
    let snapshots = made.rss_mb.iter().zip(&made.batch_size).enumerate().map(snapshot).collect();
    let batch = |(place, held): (usize, &[f64])| Batch {
        size: 500,
        items: 500,
        start: at(place * BATCH),
        end: Some(at((place + 1) * BATCH)),
        rss_start: held.first().copied().map(Mib::new),
        rss_peak: held.iter().copied().reduce(f64::max).map(Mib::new),
        peak_source: Some(PeakSource::HighWaterMark),
        rss_end: held.first().copied().map(Mib::new),
        ..Batch::default()
    };
    let batches = made.rss_mb.chunks(BATCH).enumerate().map(batch).collect();
    Run { snapshots, batches, ..Run::default() }
}

fn profile(folder: &Path) -> anyhow::Result<PathBuf> {
    let (run, path) = (run(), folder.join("memory_profile_made.json"));
    let closing = Closing::after(OptimizationLevel::default(), &run.config.batch_sizes);
    std::fs::write(&path, write_profile(&run, &closing)?)?;
    Ok(path)
}

fn stream(folder: &Path) -> anyhow::Result<PathBuf> {
    let path = folder.join("memory_stream_made.ndjson");
    std::fs::write(&path, stream_text(&run())?)?;
    Ok(path)
}

/// Reads a file as the commands do.
fn read(path: &Path, rounds: usize) {
    for _ in 0..rounds {
        let loaded = load(&[path.to_owned()], READ_MEMORY, |_, _| (), |_, run| run.snapshots.len());
        assert_eq!(loaded.values, [SAMPLES], "the file reads back whole");
    }
}

/// All rules on one series.
fn judge(rounds: usize) {
    let series = series();
    let context = Context {
        moderate_mb: 2000.0,
        high_mb: 3000.0,
        critical_mb: 3500.0,
        gc_trigger_mb: 2500.0,
        ..Context::default()
    };
    for _ in 0..rounds {
        black_box(detect(black_box(&series), &context));
    }
}

fn series() -> Series {
    let run = run();
    Series::new(&run, &phases(&run))
}

/// One run replayed under configs whose thresholds lie in and around its saw.
fn replay(rounds: usize) {
    let run = run();
    let model = memory_model(&[&run]);
    let options = SimulateOptions { draws: 1, machine_limit_mb: Some(2000.0), ..SimulateOptions::default() };
    let simulator = Simulator::new(&[&run], &model, &options);
    for _ in 0..rounds {
        for index in 0..CONFIGS {
            black_box(simulator.simulate(&scenario(300.0 + 50.0 * f64::from(index))));
        }
    }
}

fn scenario(limit: f64) -> Scenario {
    let thresholds = MemoryThresholds::from_limit(Mib::new(limit));
    Scenario::Config(Box::new(AdaptiveConfig { thresholds, ..AdaptiveConfig::default() }))
}

/// A chart's line, brought down to its columns.
fn reduce(rounds: usize) {
    let samples: Vec<(f64, f64)> =
        made().rss_mb.into_iter().enumerate().map(|(index, rss)| (seconds(index), rss)).collect();
    for _ in 0..rounds {
        black_box(chart::thinned(black_box(&samples), COLUMNS));
    }
}

/// Samples with their lines. The memory is synthetic: the kernel's texts differ from machine to machine, and valgrind ends a
/// program that asks rustix for the page size.
fn sample(folder: &Path, rounds: usize) -> anyhow::Result<()> {
    let (probe, memory) = FakeProbe::new(Reading::default());
    let recorder = Recorder::builder().reports_dir(folder).background(false).probe(Box::new(probe));
    let recorder = recorder.clock(Arc::new(FakeClock::default())).start()?;
    let available = Some(Mib::new(16_000.0));
    for rss in made().rss_mb.iter().cycle().take(rounds * RECORDED) {
        memory.set(Reading { rss: Some(Mib::new(*rss).rounded()), available, ..Reading::default() });
        black_box(recorder.check(None));
    }
    Ok(())
}
