//! `memtool analyze`: what runs did with memory, and what is wrong.

use std::collections::HashMap;

use memtool_analyzer::{
    Analysis, FileOptions, Finding, FindingKind, LeakVerdict, ProfileReport, Reading, Severity, analyze,
};
use memtool_profile_model::{Origin, Precision};

use super::recommendations::{explained, paragraph, ranked};
use super::{counted, exit_for, mib, percent, say_skipped, span, wrapped};
use crate::args::{Analyze, FailOn, Format};
use crate::exit::Exit;
use crate::output;
use crate::progress::Progress;
use crate::table::{self, Field, Tone, number, text};

const LONGEST_NAME: usize = 22;
/// Runs named beside the one that is shown.
const MOST_NAMED: usize = 3;

pub(crate) fn run(args: &Analyze) -> anyhow::Result<Exit> {
    let bar = Progress::files();
    let files = FileOptions { max_memory: args.memory.bytes(), columns: args.mapping.columns.clone() };
    let reading = Reading { recompute: args.recompute, files };
    let analysis = analyze(&args.input.paths, reading, |done, of| bar.at(done, of))?;
    drop(bar);
    say_skipped(&analysis.skipped);
    match args.input.format {
        Format::Json => output::print_json(&analysis)?,
        Format::Text if analysis.profiles.is_empty() => {}
        Format::Text => output::print(&page(&analysis, args))?,
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
    if args.require_verdict && analysis.profiles.iter().any(undecided) {
        return Exit::Inconclusive;
    }
    Exit::Done
}

fn page(analysis: &Analysis, args: &Analyze) -> String {
    let mut page = runs_table(&analysis.profiles);
    page.push('\n');
    page.push_str(&findings(&analysis.profiles, args.all || args.explain, args.explain));
    page.push_str(&notes(analysis));
    page
}

fn runs_table(profiles: &[ProfileReport]) -> String {
    let columns = [
        text("run"),
        number("time"),
        number("peak"),
        number("mean"),
        number("≥high"),
        text("leak"),
        number("high"),
        number("med"),
        number("low"),
    ];
    let row = |profile: &ProfileReport| {
        let mut fields = vec![
            table::shortened(&profile.run, LONGEST_NAME).into(),
            span(profile.duration_s).into(),
            mib(profile.peak_rss_mb).into(),
            mib(profile.mean_rss_mb).into(),
            percent(profile.time_share.high + profile.time_share.critical).into(),
            leak(profile),
        ];
        let tones =
            [(Severity::High, Tone::Bad), (Severity::Medium, Tone::Warn), (Severity::Low, Tone::Plain)];
        fields.extend(tones.map(|(severity, tone)| finding_count(profile, severity, tone)));
        fields
    };
    table::render(&columns, profiles.iter().map(row).collect())
}

fn leak(profile: &ProfileReport) -> Field {
    let leak = &profile.leak;
    match leak.verdict {
        LeakVerdict::Leak => Field(leak.tier.map_or("leak", |tier| tier.as_str()).into(), Tone::Bad),
        LeakVerdict::Saturating => "saturating".into(),
        LeakVerdict::None => Field("none".into(), Tone::Good),
        LeakVerdict::Inconclusive => "unknown".into(),
    }
}

fn finding_count(profile: &ProfileReport, severity: Severity, tone: Tone) -> Field {
    match profile.findings.iter().filter(|f| f.severity == severity).count() {
        0 => "-".into(),
        count => Field(count.to_string(), tone),
    }
}

/// One paragraph a kind of finding, on its clearest case, or all of them.
fn findings(profiles: &[ProfileReport], all: bool, explain: bool) -> String {
    let ranked = ranked(profiles);
    if ranked.is_empty() {
        return "No findings.\n".to_owned();
    }
    let mut page = String::new();
    let mut kinds: Vec<FindingKind> = Vec::new();
    for (profile, finding) in &ranked {
        if all || !kinds.contains(&finding.kind) {
            kinds.push(finding.kind);
            page.push_str(&paragraph(&profile.run, finding));
            if explain {
                page.push_str(&explained(profile, finding));
            }
            if !all {
                page.push_str(&also_in(&ranked, finding.kind, &profile.path));
            }
        }
    }
    page
}

/// The other runs with the same kind of finding.
fn also_in(ranked: &[(&ProfileReport, &Finding)], kind: FindingKind, shown: &str) -> String {
    let others: Vec<String> = ranked
        .iter()
        .filter(|(profile, finding)| finding.kind == kind && profile.path != shown)
        .map(|(profile, _)| output::harmless(&profile.run))
        .collect();
    match others.len() {
        0 => String::new(),
        n if n <= MOST_NAMED => wrapped("        ", &format!("also in {}", others.join(", "))),
        n => wrapped(
            "        ",
            &format!(
                "also in {} and {} (--all shows each)",
                others[..MOST_NAMED].join(", "),
                counted(n - MOST_NAMED, "more run")
            ),
        ),
    }
}

fn notes(analysis: &Analysis) -> String {
    let summary = &analysis.summary;
    let samples = analysis.profiles.iter().map(|p| p.samples).sum::<usize>();
    let mut page =
        format!("\n{}, {} samples; sizes in MiB", counted(summary.profiles, "run"), mib(samples as f64));
    if summary.skipped > 0 {
        page.push_str(&format!("; {} skipped (named above)", counted(summary.skipped, "file")));
    }
    if summary.ignored > 0 {
        page.push_str(&format!("; {} ignored", counted(summary.ignored, "other file")));
    }
    let assumed = analysis.profiles.iter().filter(|p| !p.assumed.is_empty()).count();
    page.push('\n');
    if assumed > 0 {
        let text = format!(
            "{} without a word on where GC, fallback and the floors on available memory are set: these are assumed \
             (--format json lists them)",
            counted(assumed, "run")
        );
        page.push_str(&wrapped("note: ", &text));
    }
    for (text, runs) in said(&analysis.profiles) {
        let others = match runs.len() {
            1 => String::new(),
            n => format!(" and {}", counted(n - 1, "more run")),
        };
        let first = output::harmless(&runs[0].run);
        page.push_str(&wrapped("note: ", &format!("{first}{others}: {}", output::harmless(&text))));
    }
    page
}

/// What is to be said of runs, in order of appearance: whose figures they are, and the warnings.
fn said(profiles: &[ProfileReport]) -> Vec<(String, Vec<&ProfileReport>)> {
    let mut said: Vec<(String, Vec<&ProfileReport>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for profile in profiles {
        let figures = profile.origin.iter().map(figures);
        for text in figures.chain(profile.warnings.iter().map(ToString::to_string)) {
            let place = *places.entry(text.clone()).or_insert_with(|| {
                said.push((text, Vec::new()));
                said.len() - 1
            });
            said[place].1.push(profile);
        }
    }
    said
}

/// Whose figures they are, and how near the truth.
fn figures(origin: &Origin) -> String {
    let precision = match origin.precision {
        Precision::Exact => "exact",
        Precision::Sampled => "sampled: the true peak may be higher",
        Precision::LowerBound => "a lower bound of the peak",
        Precision::SingleFigure => "one figure for the whole run",
    };
    format!("figures are {} by {}, {precision}", origin.measure, origin.tool)
}
