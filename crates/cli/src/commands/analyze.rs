//! `memtool analyze`: what runs did with memory, and what is wrong.

use memtool_analyzer::{Analysis, Finding, LeakVerdict, ProfileReport, Severity, analyze};

use super::{exit_for, mib, percent, run_name, say_skipped, span};
use crate::args::{Analyze, FailOn, Format};
use crate::exit::Exit;
use crate::output;
use crate::progress::FileBar;
use crate::table::{self, Field, Tone, number, text};

const LONGEST_NAME: usize = 26;

pub(crate) fn run(args: &Analyze) -> anyhow::Result<Exit> {
    let bar = FileBar::new();
    let analysis = analyze(&args.input.paths, |done, of| bar.at(done, of))?;
    drop(bar);
    say_skipped(&analysis.skipped);
    match args.input.format {
        Format::Json => output::print_json(&analysis)?,
        Format::Text if analysis.profiles.is_empty() => {}
        Format::Text => output::print(&page(&analysis, args.top))?,
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

fn page(analysis: &Analysis, top: usize) -> String {
    let mut page = runs_table(&analysis.profiles);
    page.push('\n');
    page.push_str(&findings(&analysis.profiles, top));
    page.push_str(&notes(analysis));
    page
}

fn runs_table(profiles: &[ProfileReport]) -> String {
    let columns = [
        text("run"),
        number("time"),
        number("peak MiB"),
        number("mean"),
        number("≥high"),
        text("leak"),
        text("findings"),
    ];
    let row = |profile: &ProfileReport| {
        vec![
            table::shortened(&run_name(&profile.path), LONGEST_NAME).into(),
            span(profile.duration_s).into(),
            mib(profile.peak_rss_mb).into(),
            mib(profile.mean_rss_mb).into(),
            percent(profile.time_share.high + profile.time_share.critical).into(),
            leak(profile),
            finding_count(profile),
        ]
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

fn finding_count(profile: &ProfileReport) -> Field {
    let count = |severity| profile.findings.iter().filter(|f| f.severity == severity).count();
    let (high, medium, low) = (count(Severity::High), count(Severity::Medium), count(Severity::Low));
    let tone = match (high, medium) {
        (1.., _) => Tone::Bad,
        (_, 1..) => Tone::Warn,
        _ => Tone::Plain,
    };
    let parts: Vec<String> = [(high, "high"), (medium, "med"), (low, "low")]
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{n} {word}"))
        .collect();
    Field(if parts.is_empty() { "-".to_owned() } else { parts.join(" ") }, tone)
}

/// The findings of all runs, the most severe and surest first.
fn findings(profiles: &[ProfileReport], top: usize) -> String {
    let all = super::recommendations::ranked(profiles);
    if all.is_empty() {
        return "No findings.\n".to_owned();
    }
    let shown = if top == 0 { all.len() } else { top.min(all.len()) };
    let mut page = String::new();
    for (profile, finding) in &all[..shown] {
        page.push_str(&super::recommendations::paragraph(&run_name(&profile.path), finding));
    }
    if shown < all.len() {
        page.push_str(&format!("… and {} more findings (--top 0 shows all)\n", all.len() - shown));
    }
    page
}

fn notes(analysis: &Analysis) -> String {
    let summary = &analysis.summary;
    let samples = analysis.profiles.iter().map(|p| p.samples).sum::<usize>();
    let mut page = format!("\n{} runs, {} samples", summary.profiles, mib(samples as f64));
    if summary.skipped > 0 {
        page.push_str(&format!("; {} files skipped (named above)", summary.skipped));
    }
    if summary.ignored > 0 {
        page.push_str(&format!("; {} other files ignored", summary.ignored));
    }
    let assumed = analysis.profiles.iter().filter(|p| !p.assumed.is_empty()).count();
    if assumed > 0 {
        page.push_str(&format!(
            "\n{assumed} runs do not say where GC, fallback and the floors on available memory are set: these\n\
             are assumed (listed by --format json)"
        ));
    }
    let warned =
        analysis.profiles.iter().flat_map(|p| p.warnings.iter().map(move |w| (run_name(&p.path), w)));
    for (name, warning) in warned.take(5) {
        page.push_str(&format!("\nnote: {}: {}", output::harmless(&name), output::harmless(warning)));
    }
    page.push('\n');
    page
}
