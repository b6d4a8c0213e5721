//! `memtool compare`: memory use before and after a change.

use std::path::{Path, PathBuf};

use memtool_analyzer::compare::{CompareOptions, ComparisonReport, RunFigures, Verdict, compare};
use memtool_analyzer::{FileOptions, Loaded, Skipped, load, report};
use memtool_profile_model::Run;

use super::{file_options, report_skipped};
use crate::args::{Compare, ReportFormat};
use crate::comparison_checks::checks;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::{comparison_markdown, comparison_text, output};

pub(crate) fn run(args: &Compare) -> anyhow::Result<Exit> {
    if let Some(option) =
        args.new.iter().find(|path| path.to_string_lossy().starts_with("--") && !path.exists())
    {
        anyhow::bail!("put {} before `--`; only new runs may follow it", option.display());
    }
    let files = file_options(&args.budget, &args.mapping);
    let (base, mut skipped) = figures(&args.base, &files);
    let (new, more) = figures(&args.new, &files);
    skipped.extend(more);
    report_skipped(&skipped);
    for (runs, which) in [(&base, "base"), (&new, "new")] {
        if runs.is_empty() {
            output::message(&format!("no readable memory profile or stream among the {which} runs"));
            return Ok(Exit::NoInput);
        }
    }
    let options = CompareOptions { floor: args.tolerance / 100.0, ..CompareOptions::default() };
    let report = ComparisonReport::new(compare(&base, &new, &options), skipped);
    match args.format {
        ReportFormat::Json => output::print_json(&report)?,
        ReportFormat::Text => output::print(&comparison_text::page(&report, args.all))?,
        ReportFormat::Markdown => output::print(&comparison_markdown::page(&report, args.all))?,
        ReportFormat::Ci(exporter) => output::print(&(exporter.export)(&checks(&report)?)?)?,
    }
    Ok(match report.comparison.verdict {
        Verdict::NoWorse => Exit::Done,
        Verdict::Regression => Exit::Findings,
        Verdict::Inconclusive => Exit::Inconclusive,
    })
}

/// What a comparison needs of each run behind the paths; the runs themselves are let go.
fn figures(paths: &[PathBuf], files: &FileOptions) -> (Vec<RunFigures>, Vec<Skipped>) {
    let bar = Progress::files();
    let one = |path: &Path, run: Run| RunFigures::new(&run, &report(path, &run));
    let Loaded { values, skipped, .. } = load(paths, files.clone(), |done, of| bar.at(done, of), one);
    drop(bar);
    (values, skipped)
}
