//! `memtool analyze`: memory use and problems of recorded runs.

use memtool_analyzer::{Analysis, Finding, LeakVerdict, ProfileReport, Reading, Severity, analyze};

use super::{exit_for, report_skipped};
use crate::analysis_text;
use crate::args::{Analyze, FailOn, Format};
use crate::exit::Exit;
use crate::output;
use crate::progress::Progress;

pub(crate) fn run(args: &Analyze) -> anyhow::Result<Exit> {
    let bar = Progress::files();
    let reading = Reading { recompute: args.recompute, max_memory: Some(args.budget.bytes()) };
    let analysis = analyze(&args.input.paths, reading, |done, of| bar.at(done, of))?;
    drop(bar);
    report_skipped(&analysis.skipped);
    match args.input.format {
        Format::Json => output::print_json(&analysis)?,
        Format::Text if analysis.profiles.is_empty() => {}
        Format::Text => output::print(&analysis_text::page(&analysis, args.all, args.explain))?,
    }
    Ok(exit(&analysis, args))
}

fn exit(analysis: &Analysis, args: &Analyze) -> Exit {
    if analysis.profiles.is_empty() {
        return exit_for(0);
    }
    let least = args.fail_on.map(|level| match level {
        FailOn::Low => Severity::Low,
        FailOn::Medium => Severity::Medium,
        FailOn::High => Severity::High,
    });
    let fails = |finding: &Finding| least.is_some_and(|least| finding.severity <= least);
    if analysis.profiles.iter().flat_map(|p| &p.findings).any(fails) {
        return Exit::Findings;
    }
    let undecided = |p: &ProfileReport| p.leak.verdict == LeakVerdict::Inconclusive;
    if args.fail_on_inconclusive && analysis.profiles.iter().any(undecided) {
        return Exit::Inconclusive;
    }
    Exit::Done
}
