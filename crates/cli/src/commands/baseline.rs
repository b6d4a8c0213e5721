//! `memtool baseline`: what runs of a job are like, kept in a file that is committed.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use memtool_analyzer::gate::Baseline;

use super::{exit_for, figures, file_options, report_skipped};
use crate::args::{Baseline as Arguments, BaselineAction, BaselineFile, BaselineRuns, Format};
use crate::exit::Exit;
use crate::text::counted;
use crate::{baseline_text, budget_file, escape, output};

/// Where the baseline lies, if nothing names a place.
const NAME: &str = "memtool-baseline.json";

pub(crate) fn run(args: &Arguments) -> anyhow::Result<Exit> {
    match &args.action {
        BaselineAction::Save(runs) => add(runs, true),
        BaselineAction::Update(runs) => add(runs, false),
        BaselineAction::Show { file, format } => show(&place(file)?, *format),
    }
}

/// Reads a baseline.
///
/// # Errors
/// Where it cannot be read or is none; the error names the file.
pub(super) fn read_baseline(path: &Path) -> anyhow::Result<Baseline> {
    let text = std::fs::read_to_string(path).with_context(|| match path.exists() {
        true => format!("cannot read the baseline {}", path.display()),
        false => format!("there is no baseline {}; memtool baseline save makes one", path.display()),
    })?;
    Baseline::read(&text).map_err(|fault| anyhow::anyhow!("{}: {fault}", path.display()))
}

fn place(file: &BaselineFile) -> anyhow::Result<PathBuf> {
    if let Some(path) = &file.baseline {
        return Ok(path.clone());
    }
    let budgets = Path::new(budget_file::NAME);
    let named = if budgets.exists() { budget_file::read(budgets)?.baseline } else { None };
    Ok(named.unwrap_or_else(|| PathBuf::from(NAME)))
}

/// Adds runs to a baseline, or replaces the entries of their jobs.
fn add(args: &BaselineRuns, anew: bool) -> anyhow::Result<Exit> {
    let path = place(&args.file)?;
    let mut baseline = if path.exists() { read_baseline(&path)? } else { Baseline::default() };
    let (runs, skipped) = figures(&args.paths, &file_options(&args.budget, &args.mapping));
    report_skipped(&skipped);
    if runs.is_empty() {
        return Ok(exit_for(0));
    }
    if anew {
        baseline.forget_jobs_of(&runs);
    }
    let left_out = baseline.add(&runs);
    for line in &left_out {
        output::message(&format!("left out: {line}"));
    }
    if left_out.len() == runs.len() {
        output::message("no run is complete: the baseline is unchanged");
        return Ok(Exit::Inconclusive);
    }
    output::write_file(&path, output::json(&baseline)?.as_bytes())?;
    let added = counted(runs.len() - left_out.len(), "run");
    output::print(&format!("{}: {added} added\n", escape::name(&path.display().to_string())))?;
    Ok(Exit::Done)
}

fn show(path: &Path, format: Format) -> anyhow::Result<Exit> {
    let baseline = read_baseline(path)?;
    match format {
        Format::Json => output::print_json(&baseline)?,
        Format::Text => output::print(&baseline_text::page(&baseline))?,
    }
    Ok(Exit::Done)
}
