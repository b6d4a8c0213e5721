//! One command a file: arguments, plan, call, print.

pub(crate) mod analyze;
pub(crate) mod baseline;
pub(crate) mod chart;
pub(crate) mod check;
pub(crate) mod check_config;
pub(crate) mod compare;
pub(crate) mod convert;
pub(crate) mod doctor;
pub(crate) mod fit;
pub(crate) mod fleet;
pub(crate) mod formats;
pub(crate) mod html_report;
pub(crate) mod lake;
mod lake_addition;
pub(crate) mod monitor;
pub(crate) mod recommendations;
pub(crate) mod record;
pub(crate) mod request;
pub(crate) mod retry_size;
pub(crate) mod run;
pub(crate) mod simulate;
mod task_records;
pub(crate) mod tune;

use std::path::{Path, PathBuf};

use anyhow::Context;
use memtool_analyzer::chart::Format as ImageFormat;
use memtool_analyzer::compare::RunFigures;
use memtool_analyzer::{FileOptions, Loaded, ReportWarning, Skipped, load, load_all, report};
use memtool_profile_model::Run;

use crate::args::{Budget, Mapping};
use crate::escape;
use crate::exit::Exit;
use crate::output;
use crate::progress::Progress;
use crate::run_notes::RunNotes;
use crate::text::{counted, mib, percent, wrapped};

/// Names the files that could not be used, on standard error.
fn report_skipped(skipped: &[Skipped]) {
    for file in skipped {
        output::message(&format!("skipped {}: {}", escape::name(&file.path), file.error));
    }
}

/// Samples of a stream that are analysed one by one without a given budget: their columns take 84 MB.
const MOST_SAMPLES: usize = 4_000_000;

/// How files are read.
fn file_options(budget: &Budget, mapping: &Mapping) -> FileOptions {
    FileOptions {
        max_memory: Some(budget.bytes()),
        thin_above: budget.is_default().then_some(MOST_SAMPLES),
        columns: mapping.columns.clone(),
    }
}

/// The runs that a model is made from.
struct LoadedRuns {
    /// Their memory counts pages that processes share once.
    runs: Vec<(PathBuf, Run)>,
    /// What was left out of them, and what their figures are.
    notes: Vec<String>,
    skipped: Vec<Skipped>,
}

/// Reads every run behind the paths and keeps them all; names the files that could not be read.
fn load_runs(paths: &[PathBuf], files: FileOptions) -> LoadedRuns {
    let bar = Progress::files();
    let Loaded { values, skipped, .. } = load_all(paths, files, |done, of| bar.at(done, of));
    drop(bar);
    report_skipped(&skipped);
    let (mut runs, mut notes, mut summed_mb) = (Vec::with_capacity(values.len()), RunNotes::default(), 0.0);
    let mut proportional = Vec::new();
    for (path, run) in values {
        let name = path.display().to_string();
        let (run, summed) = run.counted_once();
        notes.add_run(&name, &run);
        if let Some(summed) = summed {
            summed_mb = f64::max(summed_mb, summed.get());
            proportional.push(name);
        }
        runs.push((path, run));
    }
    let sentence = ReportWarning::Proportional { summed_mb }.to_string();
    proportional.iter().for_each(|name| notes.add(name, &sentence));
    LoadedRuns { runs, notes: notes.sentences(), skipped }
}

/// What comparisons and checks need of each run behind the paths; the runs themselves are let go.
fn figures(paths: &[PathBuf], files: &FileOptions) -> (Vec<RunFigures>, Vec<Skipped>) {
    let bar = Progress::files();
    let one = |path: &Path, run: Run| RunFigures::new(&run, &report(path, &run));
    let Loaded { values, skipped, .. } = load(paths, files.clone(), |done, of| bar.at(done, of), one);
    drop(bar);
    (values, skipped)
}

/// A table holds all samples of a run.
fn whole(path: &Path, run: &Run) -> anyhow::Result<()> {
    anyhow::ensure!(
        run.totals.is_none(),
        "{}: the run is larger than the memory budget, and a table holds all of its snapshots: raise --memory-budget",
        path.display()
    );
    Ok(())
}

/// Mebibytes of a size that may be small.
fn small_mib(mebibytes: f64) -> String {
    if mebibytes < 1.0 { format!("{mebibytes:.2}") } else { format!("{mebibytes:.1}") }
}

/// Done, unless nothing could be read.
fn exit_for(readable: usize) -> Exit {
    if readable == 0 {
        output::message("no readable memory profile or stream in the given paths");
        return Exit::NoInput;
    }
    Exit::Done
}

/// The format of an image by its file's name.
fn image_format(path: &Path) -> anyhow::Result<ImageFormat> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    match ending.as_deref() {
        Some("png") => Ok(ImageFormat::Png),
        Some("svg") => Ok(ImageFormat::Svg),
        _ => Err(anyhow::anyhow!("expected a name that ends in .png or .svg"))
            .with_context(|| path.display().to_string()),
    }
}
