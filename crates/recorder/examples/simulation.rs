//! A small workforce simulation that really allocates its memory, batch by batch.
//!
//! ```sh
//! cargo run --release -p memtool-recorder --example simulation -- --sizes predictive
//! ```
//!
//! Each simulated year goes through three operations over all employees. A batch holds its
//! employees' records, which are freed at its end; a part of them stays, as the table of the
//! year grows. `--sizes` sets how batch sizes are chosen: a number (fixed, and recorded), `none`
//! (fixed at `--batch-high`, no recorder), `compatible` (thresholds) or `predictive`.

use std::path::PathBuf;
use std::process::ExitCode;

use memtool_recorder::model::{AdaptiveConfig, BatchSizes, Mib, Predictive};
use memtool_recorder::{Batch, Recorder};

const USAGE: &str = "usage: simulation [--sizes N|none|compatible|predictive] [--employees N] [--years N] \
    [--record-kb N] [--kept-kb N] [--batch-high N] [--limit-mb N] [--interval SECONDS] [--reports DIR]";

/// What an operation needs of each employee's record.
const OPERATIONS: [(&str, f64); 3] = [("hiring", 0.6), ("promotion", 1.0), ("termination", 0.4)];

struct Settings {
    sizes: String,
    employees: u64,
    years: u32,
    record_kb: usize,
    kept_kb: usize,
    batch_high: u32,
    limit: Option<Mib>,
    interval: f64,
    reports: PathBuf,
}

fn main() -> ExitCode {
    let settings = match settings(std::env::args().skip(1)) {
        Ok(settings) => settings,
        Err(fault) => return fail(&fault),
    };
    let recorder = match recorder(&settings) {
        Ok(recorder) => recorder,
        Err(error) => return fail(&error.to_string()),
    };
    let checksum = simulate(&settings, &recorder);
    let items = settings.employees * u64::from(settings.years) * OPERATIONS.len() as u64;
    let peak = recorder.peak().map_or_else(|| "unknown".to_owned(), |peak| format!("{:.0} MiB", peak.get()));
    let counted = recorder.statistics().map_or(0, |statistics| statistics.recording.batches);
    report(&format!("{items} items in {counted} recorded batches, peak {peak}, checksum {checksum:x}"));
    if let Some(path) = recorder.stream_path() {
        report(&format!("recorded to {}", path.display()));
    }
    if recorder.stop() { ExitCode::SUCCESS } else { fail("the recording could not be ended in time") }
}

fn settings(mut args: impl Iterator<Item = String>) -> Result<Settings, String> {
    let mut settings = Settings {
        sizes: "compatible".to_owned(),
        employees: 12_000,
        years: 3,
        record_kb: 256,
        kept_kb: 0,
        batch_high: 1_000,
        limit: None,
        interval: 0.1,
        reports: PathBuf::from("reports/memory"),
    };
    while let Some(name) = args.next() {
        let value = args.next().ok_or_else(|| format!("{name}: a value is missing\n{USAGE}"))?;
        let number = || value.parse::<f64>().map_err(|_| format!("{name}: expected a number, found {value}"));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates at the type's ends"
        )]
        match name.as_str() {
            "--sizes" => settings.sizes = value,
            "--employees" => settings.employees = number()? as u64,
            "--years" => settings.years = number()? as u32,
            "--record-kb" => settings.record_kb = number()? as usize,
            "--kept-kb" => settings.kept_kb = number()? as usize,
            "--batch-high" => settings.batch_high = number()? as u32,
            "--limit-mb" => settings.limit = Some(Mib::new(number()?)),
            "--interval" => settings.interval = number()?,
            "--reports" => settings.reports = PathBuf::from(value),
            _ => return Err(format!("{name}: unknown\n{USAGE}")),
        }
    }
    Ok(settings)
}

fn recorder(settings: &Settings) -> Result<Recorder, Box<dyn std::error::Error>> {
    let high = settings.batch_high.max(1);
    let share = |part: u32| (high / part).max(1);
    let mut config = AdaptiveConfig {
        batch_sizes: BatchSizes { high, medium: share(2), low: share(4), fallback: share(10) },
        monitoring_interval_seconds: settings.interval,
        ..AdaptiveConfig::default()
    };
    match settings.sizes.as_str() {
        "none" => return Ok(Recorder::noop()),
        "compatible" => {}
        "predictive" => config.predictive = Predictive { enabled: true, ..Predictive::default() },
        number => {
            let size: u32 = number.parse().map_err(|_| format!("--sizes {number}: unknown\n{USAGE}"))?;
            config.batch_sizes = BatchSizes { high: size, medium: size, low: size, fallback: size };
        }
    }
    let builder = Recorder::builder().config(config).job("simulation").reports_dir(&settings.reports);
    let builder = match settings.limit {
        Some(limit) => builder.scaled_to(limit),
        None => builder,
    };
    Ok(builder.start()?)
}

fn simulate(settings: &Settings, recorder: &Recorder) -> u64 {
    let mut kept: Vec<Vec<u8>> = Vec::new();
    let mut checksum = 0_u64;
    for year in 2025..2025 + settings.years {
        for (operation, share) in OPERATIONS {
            recorder.operation(&format!("{operation}_{year}"));
            let mut left = settings.employees;
            while left > 0 {
                let batch = next_batch(settings, recorder, operation, left);
                checksum =
                    checksum.wrapping_mul(31).wrapping_add(work(settings, share, batch.items(), &mut kept));
                left -= batch.items();
            }
        }
    }
    checksum
}

fn next_batch(settings: &Settings, recorder: &Recorder, operation: &str, left: u64) -> Batch {
    if settings.sizes == "none" {
        return recorder.batch(operation, left.min(u64::from(settings.batch_high)));
    }
    recorder.next_batch(operation, left)
}

/// One batch: all its records are held at once, then freed, but for what the year keeps.
fn work(settings: &Settings, share: f64, items: u64, kept: &mut Vec<Vec<u8>>) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a few hundred kilobytes"
    )]
    let bytes = (settings.record_kb as f64 * 1024.0 * share) as usize;
    let records: Vec<Vec<u8>> = (0..items).map(|item| record(item, bytes)).collect();
    let bytes = records.iter().flat_map(|record| record.iter().step_by(16));
    let sum = bytes.fold(0_u64, |sum, byte| sum.wrapping_mul(33) ^ u64::from(*byte));
    kept.extend(
        records.iter().map(|_| record(1, settings.kept_kb * 1024)).filter(|record| !record.is_empty()),
    );
    sum
}

/// A record whose every byte is written, so that it is in memory and not only promised.
fn record(seed: u64, bytes: usize) -> Vec<u8> {
    #[expect(clippy::cast_possible_truncation, reason = "any byte does")]
    let seed = seed as u8 | 1;
    vec![seed; bytes]
}

fn report(text: &str) {
    #[expect(clippy::print_stdout, reason = "an example speaks to its user")]
    {
        println!("{text}");
    }
}

fn fail(text: &str) -> ExitCode {
    #[expect(clippy::print_stderr, reason = "an example speaks to its user")]
    {
        eprintln!("{text}");
    }
    ExitCode::from(2)
}
