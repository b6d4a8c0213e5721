//! What a verdict costs: milliseconds of processor time for each million samples.
//!
//! `cargo bench -p memtool-analyzer --bench detect`. Synthetic traces of 2,000,000 samples, a tenth of a second apart: a leak and a level
//! one under a saw, as samples alone and with their batches, judged by all rules. The least of five runs.

use std::error::Error;
use std::io::Write as _;

use memtool_analyzer::{Context, ObservedBatch, Series, StepColumn, detect};
use memtool_profile_model::{PressureLevel, SnapshotKind};
use memtool_tracegen::{Course, Settings, Trace, trace};
use rustix::time::{ClockId, clock_gettime};

const SAMPLES: usize = 2_000_000;
const SPACING_S: f64 = 0.1;
/// Samples of a batch.
const BATCH: usize = 100;
const REPEATS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "| course | input | verdict | ms a million samples |\n|---|---|---|---|")?;
    for course in [Course::Flat, Course::Leak(2000.0)] {
        let made = trace(&Settings {
            course,
            samples: SAMPLES,
            spacing_s: SPACING_S,
            batch_samples: BATCH as f64,
            ..Settings::default()
        });
        let series = series(&made);
        let batched = Context { batches: batches(&series), ..context() };
        for (input, context) in [("samples", context()), ("with batches", batched)] {
            let times = (0..REPEATS).map(|_| {
                let begin = processor_seconds();
                let found = detect(&series, &context);
                (processor_seconds() - begin, found.leak.verdict)
            });
            let (seconds, verdict) = times.min_by(|a, b| a.0.total_cmp(&b.0)).ok_or("no run")?;
            let per_million = 1e3 * seconds * 1e6 / SAMPLES as f64;
            writeln!(out, "| {course:?} | {input} | {verdict:?} | {per_million:.1} |")?;
        }
    }
    Ok(())
}

fn processor_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64
}

fn context() -> Context {
    Context {
        moderate_mb: 2000.0,
        high_mb: 3000.0,
        critical_mb: 3500.0,
        gc_trigger_mb: 2500.0,
        ..Context::default()
    }
}

fn series(made: &Trace) -> Series {
    let n = made.rss_mb.len();
    Series {
        seconds: (0..n).map(|i| i as f64 * SPACING_S).collect(),
        rss_mb: made.rss_mb.clone(),
        available_mb: vec![None; n].into(),
        level: vec![PressureLevel::Low; n],
        batch_size: made.batch_size.iter().map(|size| Some(*size)).collect(),
        kind: StepColumn::constant(SnapshotKind::Regular, n),
        phase: StepColumn::constant(None, n),
        collections: StepColumn::constant(None, n),
        boundary: StepColumn::constant(false, n),
        ..Series::default()
    }
    .timed()
}

/// One batch after the other, each left at the lowest of its samples.
fn batches(series: &Series) -> Vec<ObservedBatch> {
    let batch = |(number, samples): (usize, &[f64])| ObservedBatch {
        operation: None,
        start_s: (number * BATCH) as f64 * SPACING_S,
        end_s: ((number + 1) * BATCH) as f64 * SPACING_S,
        size: 500,
        items: 500,
        before_mb: samples.first().copied(),
        peak_mb: samples.iter().copied().reduce(f64::max),
        exact: true,
        overlapping: false,
        retained_mb: None,
        after_mb: samples.iter().copied().reduce(f64::min),
    };
    series.rss_mb.chunks(BATCH).enumerate().map(batch).collect()
}
