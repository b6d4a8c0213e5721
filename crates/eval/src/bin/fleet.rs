//! What a fleet costs: made-up runs added to a lake, compacted, and reported on.
//!
//! `cargo run --release -p memtool-eval --bin fleet [RUNS…]`, 1,000, 10,000 and 100,000 runs of 500 jobs over 180 days
//! unless given. Each run is judged and written as `convert --lake` does, into a folder that is removed. Processor
//! seconds are of the whole process, memory is the peak of the report alone.

use std::error::Error;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use memtool_analyzer::fleet::{FactKind, FleetOptions, FleetReport, fleet};
use memtool_analyzer::lake::{Addition, Lake, compact};
use memtool_tracegen::{Fleet, Planted};
use rustix::time::{ClockId, clock_gettime};

const RUNS: [usize; 3] = [1_000, 10_000, 100_000];
const RUNS_PER_JOB: usize = 200;
const DAYS: u32 = 180;

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    let given: Vec<usize> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let sizes = if given.is_empty() { RUNS.to_vec() } else { given };
    writeln!(
        out,
        "| runs | files, MiB | compacted | made, s | compacted, s | fleet, s | peak MiB | facts |\n|---|---|---|---|---|---|---|---|"
    )?;
    let mut last: Option<(usize, f64)> = None;
    for runs in sizes {
        let made =
            Fleet { seed: 1, jobs: (runs / RUNS_PER_JOB).max(3), runs_per_job: RUNS_PER_JOB, days: DAYS };
        let folder = tempfile::tempdir()?;
        let (seconds_made, ()) = timed(|| add(folder.path(), &made))?;
        let (seconds_compacted, done) = timed(|| Ok(compact(folder.path(), write, |_| {})?))?;
        let _ = fs::write("/proc/self/clear_refs", "5");
        let (seconds, report) = timed(|| Ok(fleet(folder.path(), &FleetOptions::default())?))?;
        writeln!(
            out,
            "| {} | {}, {:.1} | {}, {:.1} | {seconds_made:.1} | {seconds_compacted:.1} | {seconds:.2} | {:.0} | {} |",
            report.totals.runs,
            done.files_before,
            mebibytes(done.bytes_before),
            done.files_now,
            mebibytes(done.bytes_now),
            peak_mb(),
            facts(&report, &made.planted())
        )?;
        if let Some((fewer, before)) = last.replace((runs, seconds)) {
            let exponent = (seconds / before).ln() / (runs as f64 / fewer as f64).ln();
            writeln!(out, "\nseconds of fleet grow with runs to the power of {exponent:.2}\n")?;
        }
    }
    Ok(())
}

fn add(folder: &Path, made: &Fleet) -> Result<(), Box<dyn Error>> {
    let lake = Lake::at(folder);
    for run in made.runs() {
        if let Addition::Files { written, .. } = lake.addition(Path::new("run"), &run)? {
            written.iter().try_for_each(|(path, bytes)| write(path, bytes))?;
        }
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(path, bytes)
}

/// Planted facts that are found, and facts that are not planted.
fn facts(report: &FleetReport, planted: &Planted) -> String {
    let wanted = [
        (&planted.grown, FactKind::Grew),
        (&planted.killed, FactKind::Killed),
        (&planted.waster, FactKind::Waste),
    ];
    let found = report.groups.iter().flat_map(|group| {
        let name = group.group.as_ref();
        group.facts.iter().filter_map(move |fact| Some((name?, fact.kind)))
    });
    let (right, wrong): (Vec<_>, Vec<_>) = found.partition(|fact| wanted.contains(fact));
    format!("{} of {} found, {} invented", right.len(), wanted.len(), wrong.len())
}

fn timed<T>(work: impl FnOnce() -> Result<T, Box<dyn Error>>) -> Result<(f64, T), Box<dyn Error>> {
    let begin = processor_seconds();
    let result = work()?;
    Ok((processor_seconds() - begin, result))
}

fn processor_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64
}

/// The largest resident memory since it was last reset; 0 where the system does not tell.
fn peak_mb() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
    kib.map_or(0.0, |kib: f64| kib / 1024.0)
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / 1_048_576.0
}
