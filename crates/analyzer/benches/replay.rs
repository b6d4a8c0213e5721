//! What replays cost: nanoseconds for each sample, config and draw.
//!
//! `cargo bench -p memtool-analyzer --bench replay`. A synthetic trace of up to 1,000,000 samples, a second apart, in
//! batches of this many samples, replayed under 1,000 configs: by levels alone, with levels held back for ten
//! seconds, and with collections. Processor time is that of all threads: what one thread would take; the wall
//! clock has both cores.

use std::error::Error;
use std::io::Write as _;
use std::time::Instant;

use memtool_analyzer::memory_model::memory_model;
use memtool_analyzer::simulate::{Scenario, SimulateOptions, Simulator};
use memtool_profile_model::{
    AdaptiveConfig, AvailableLimits, Batch, BatchSizes, Hysteresis, MemoryThresholds, Mib, Offset,
    PeakSource, Run, Snapshot,
};
use rustix::time::{ClockId, clock_gettime};

const SAMPLES: u32 = 1_000_000;
const CONFIGS: u32 = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "| samples | samples a batch | configs | policy | processor, s | wall, s | ns a sample and config, one thread | both |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|---|")?;
    for (samples, per_batch, configs, policy) in [
        (1_000, 4, CONFIGS, Policy::Levels),
        (1_000, 10, CONFIGS, Policy::Levels),
        (10_000, 50, CONFIGS, Policy::Levels),
        (SAMPLES, 500, CONFIGS, Policy::Levels),
        (10_000, 50, CONFIGS, Policy::HeldBack),
        (10_000, 50, CONFIGS, Policy::Collects),
    ] {
        let run = sawtooth(samples, per_batch);
        let response = memory_model(&[&run]);
        let options =
            SimulateOptions { draws: 1, machine_limit_mb: Some(1000.0), ..SimulateOptions::default() };
        let scenarios: Vec<Scenario> = (0..configs).map(|index| scenario(index, policy)).collect();
        let simulator = Simulator::new(&[&run], &response, &options);
        let _ = simulator.simulate(&scenarios[0]);
        let (begin, cpu) = (Instant::now(), processor_seconds());
        let predictions = simulator.simulate_many(&scenarios);
        let (wall, cpu) = (begin.elapsed().as_secs_f64(), processor_seconds() - cpu);
        let steps = f64::from(samples) * f64::from(configs);
        let changes: f64 = predictions.iter().map(|p| p.level_changes).sum();
        writeln!(
            out,
            "| {samples} | {per_batch} | {configs} | {policy:?} | {cpu:.3} | {wall:.3} | {:.2} | {:.2} | ({changes:.0} level changes)",
            1e9 * cpu / steps,
            1e9 * wall / steps
        )?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "seconds of a benchmark")]
fn processor_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64
}

/// What the policy does beyond its levels.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Policy {
    Levels,
    HeldBack,
    Collects,
}

/// Configs whose thresholds lie in and around the sawtooth, with sizes of their own.
fn scenario(index: u32, policy: Policy) -> Scenario {
    let limit = 300.0 + 0.9 * f64::from(index % 1000);
    let dwell_seconds = if policy == Policy::HeldBack { 10.0 } else { 0.0 };
    Scenario::Config(Box::new(AdaptiveConfig {
        thresholds: MemoryThresholds::from_limit(Mib::new(limit)),
        batch_sizes: BatchSizes {
            fallback: 100,
            low: 250,
            medium: 500 + index % 200,
            high: 900 + index % 300,
        },
        available_limits: AvailableLimits::NONE,
        auto_gc_enabled: policy == Policy::Collects,
        hysteresis: Hysteresis { dwell_seconds, ..Hysteresis::default() },
        monitoring_interval_seconds: 1.0,
        ..AdaptiveConfig::default()
    }))
}

/// Batches of 1,000 and 500 items in turn, each as long as its items, over a floor that wanders.
fn sawtooth(samples: u32, per_batch: u32) -> Run {
    let mut run = Run::default();
    let (mut index, mut place) = (0, 0);
    while index < samples {
        let (size, steps) = if place % 2 == 0 { (1000, per_batch) } else { (500, per_batch / 2) };
        let floor = 200.0 + 100.0 * (f64::from(place) / 37.0).sin();
        let need = 0.3 * f64::from(size);
        let moment = |index: u32| Offset::from_seconds(f64::from(index));
        for step in 0..steps {
            let rss = floor + need * f64::from(step) / f64::from(steps);
            run.snapshots.push(snapshot(moment(index + step), rss, size));
        }
        run.batches.push(batch((moment(index), moment(index + steps)), size, (floor, floor + need)));
        (index, place) = (index + steps, place + 1);
    }
    run
}

fn snapshot(at: Offset, rss: f64, size: u32) -> Snapshot {
    Snapshot { at, rss: Some(Mib::new(rss)), batch_size: Some(size), ..Snapshot::default() }
}

fn batch((start, end): (Offset, Offset), size: u32, (floor, peak): (f64, f64)) -> Batch {
    Batch {
        size,
        items: u64::from(size),
        start,
        end: Some(end),
        rss_start: Some(Mib::new(floor)),
        rss_peak: Some(Mib::new(peak)),
        peak_source: Some(PeakSource::HighWaterMark),
        rss_end: Some(Mib::new(floor)),
        ..Batch::default()
    }
}
