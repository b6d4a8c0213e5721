//! The cost of a fleet: synthetic runs added to a lake, compacted, and reported on.
//!
//! `cargo run --release -p memtool-eval --bin fleet [RUNS…]`, 1,000, 10,000 and 100,000 runs of 500 jobs over 180 days
//! unless given. Each run is judged and written as `convert --lake` does, into a folder that is removed. Processor
//! seconds are of the whole process, memory is the peak of the report alone.
//!
//! `… --bin fleet facts FIRST END` counts what is found of the facts planted in small fleets with these seeds, and what
//! is said besides.

use std::error::Error;
use std::fs;
use std::io::{self, Write as _};
use std::ops::Range;
use std::path::Path;

use memtool_analyzer::fleet::{FactKind, FleetOptions, FleetReport, fleet, fleet_of_runs};
use memtool_analyzer::lake::{Addition, Lake, compact, lake_run};
use memtool_profile_model::Mib;
use memtool_tracegen::{Fleet, Planted};
use rustix::time::{ClockId, clock_gettime};

const RUNS: [usize; 3] = [1_000, 10_000, 100_000];
const RUNS_PER_JOB: usize = 200;
const DAYS: u32 = 180;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match &words[..] {
        [mode, first, end] if mode == "facts" => facts_of_seeds(first.parse()?..end.parse()?),
        _ => costs(),
    }
}

/// Facts of fleets of nine jobs with 50 runs each, as the tests plant them.
fn facts_of_seeds(seeds: Range<u64>) -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    let count = seeds.clone().count();
    let (mut found, mut invented, mut named, mut misnamed) = ([0; 3], 0, 0, 0);
    for seed in seeds {
        let made = Fleet { seed, jobs: 9, runs_per_job: 50, days: 90 };
        let runs = made.runs().map(|run| lake_run(Path::new("run"), &run)).collect::<Result<Vec<_>, _>>()?;
        let report = fleet_of_runs(runs, &FleetOptions::default())?;
        let planted = made.planted();
        for (group, fact) in said(&report) {
            match wanted(&planted).iter().position(|wanted| *wanted == (group, fact)) {
                Some(place) => found[place] += 1,
                None => invented += 1,
            }
        }
        let grown = report.groups.iter().find(|group| group.group.as_ref() == Some(&planted.grown));
        for version in grown.iter().flat_map(|group| &group.changes).filter_map(|c| c.version.as_ref()) {
            if *version == planted.version {
                named += 1;
            } else {
                misnamed += 1;
            }
        }
    }
    writeln!(
        out,
        "of {count} each: grown {}, version named {named} and another {misnamed}, killed {}, waster {}; {invented} invented",
        found[0], found[1], found[2]
    )?;
    Ok(())
}

/// What the runs of all sizes cost.
fn costs() -> Result<(), Box<dyn Error>> {
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

/// What there is to be found, as a report says it.
fn wanted(planted: &Planted) -> [(&String, FactKind); 3] {
    [
        (&planted.grown, FactKind::Grew),
        (&planted.killed, FactKind::Killed),
        (&planted.waster, FactKind::Waste),
    ]
}

/// What a report says.
fn said(report: &FleetReport) -> impl Iterator<Item = (&String, FactKind)> {
    report.groups.iter().flat_map(|group| {
        let name = group.group.as_ref();
        group.facts.iter().filter_map(move |fact| Some((name?, fact.kind)))
    })
}

/// Planted facts that are found, and facts that are not planted.
fn facts(report: &FleetReport, planted: &Planted) -> String {
    let wanted = wanted(planted);
    let (right, wrong): (Vec<_>, Vec<_>) = said(report).partition(|fact| wanted.contains(fact));
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
    Mib::from_bytes(bytes).get()
}
