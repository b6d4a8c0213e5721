//! `memtool compare`: memory use before and after a change.

use memtool_analyzer::compare::{CompareOptions, ComparisonReport, Verdict, compare};
use serde::Serialize;

use super::{figures, file_options, report_skipped};
use crate::args::Compare;
use crate::ci::CheckReport;
use crate::comparison_checks::checks;
use crate::exit::Exit;
use crate::publish::{Forms, publish};
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
    publish(&Shown { report: &report, all: args.all }, &args.publish)?;
    Ok(match report.comparison.verdict {
        Verdict::NoWorse => Exit::Done,
        Verdict::Regression => Exit::Findings,
        Verdict::Inconclusive => Exit::Inconclusive,
    })
}

/// A comparison, and whether to print every operation.
struct Shown<'a> {
    report: &'a ComparisonReport,
    all: bool,
}

impl Forms for Shown<'_> {
    fn json(&self) -> impl Serialize {
        self.report
    }

    fn text(&self) -> anyhow::Result<String> {
        Ok(comparison_text::page(self.report, self.all))
    }

    fn markdown(&self) -> anyhow::Result<String> {
        Ok(comparison_markdown::page(self.report, self.all))
    }

    fn checks(&self) -> anyhow::Result<CheckReport<'_>> {
        checks(self.report)
    }
}
