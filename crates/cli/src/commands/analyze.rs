//! `memtool analyze`: memory use and problems of recorded runs.

use memtool_analyzer::{Analysis, FindingCount, LeakVerdict, Reading, Severity, analyze};
use serde::Serialize;

use super::{exit_for, file_options, report_skipped};
use crate::analysis_checks::checks;
use crate::args::{Analyze, FailOn, ReportFormat};
use crate::ci::CheckReport;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::publish::{Forms, publish};
use crate::{analysis_markdown, analysis_text};

pub(crate) fn run(args: &Analyze) -> anyhow::Result<Exit> {
    let bar = Progress::files();
    let files = file_options(&args.budget, &args.mapping);
    let reading = Reading { recompute: args.recompute, files };
    let analysis = analyze(&args.paths, reading, |done, of| bar.at(done, of))?;
    drop(bar);
    report_skipped(&analysis.skipped);
    if !analysis.profiles.is_empty() || matches!(args.publish.format, ReportFormat::Json) {
        publish(&Shown { analysis: &analysis, args }, &args.publish)?;
    }
    exit(&analysis, args)
}

/// An analysis, and how much of it to print.
struct Shown<'a> {
    analysis: &'a Analysis,
    args: &'a Analyze,
}

impl Forms for Shown<'_> {
    fn json(&self) -> impl Serialize {
        self.analysis
    }

    fn text(&self) -> anyhow::Result<String> {
        Ok(analysis_text::page(self.analysis, self.args.all, self.args.explain)?)
    }

    fn markdown(&self) -> anyhow::Result<String> {
        Ok(analysis_markdown::page(self.analysis)?)
    }

    fn checks(&self) -> anyhow::Result<CheckReport<'_>> {
        // A finding fails where it would fail the command, or is worth planning for.
        Ok(checks(self.analysis, self.args.fail_on.map_or(Severity::Medium, severity)))
    }
}

const fn severity(level: FailOn) -> Severity {
    match level {
        FailOn::Low => Severity::Low,
        FailOn::Medium => Severity::Medium,
        FailOn::High => Severity::High,
    }
}

fn exit(analysis: &Analysis, args: &Analyze) -> anyhow::Result<Exit> {
    if analysis.profiles.is_empty() {
        return Ok(exit_for(0));
    }
    let FindingCount { high, medium, low } = analysis.summary.findings;
    let failing = match args.fail_on {
        None => 0,
        Some(FailOn::High) => high,
        Some(FailOn::Medium) => high + medium,
        Some(FailOn::Low) => high + medium + low,
    };
    if failing > 0 {
        return Ok(Exit::Findings);
    }
    if args.fail_on_inconclusive {
        for profile in analysis.profiles.iter() {
            if profile?.leak.verdict == LeakVerdict::Inconclusive {
                return Ok(Exit::Inconclusive);
            }
        }
    }
    Ok(Exit::Done)
}
