//! An analysis as a person reads it: a table of runs, the findings, what to know before trusting them.

use std::collections::{BTreeSet, HashMap};

use memtool_analyzer::{Analysis, Finding, FindingKind, LeakVerdict, ProfileReport};
use memtool_profile_model::{Origin, Precision};

use crate::escape;
use crate::finding_text::{explained, paragraph, ranked, run_of};
use crate::output;
use crate::run_summary::summary;
use crate::runs_table::runs_table;
use crate::text::{counted, mib, percent, span, wrapped};

/// Runs whose answers are all printed.
const FEW_RUNS: usize = 3;
/// Runs named beside the one that is shown.
const MOST_NAMED: usize = 3;
/// The whole page. `all` prints every finding, `explain` every figure behind it.
pub(crate) fn page(analysis: &Analysis, all: bool, explain: bool) -> String {
    let (mut page, mut legends) = runs_table(&analysis.profiles, usize::from(output::width()));
    legends.push("findings by severity: H high, M medium, L low");
    page.push('\n');
    page.push_str(&summaries(&analysis.profiles));
    page.push_str(&findings(&analysis.profiles, all || explain, explain));
    page + &notes(analysis, &legends.join("; "))
}

/// The answers on few runs, or the run of many that is closest to its limit and the one that reaches it first.
fn summaries(profiles: &[ProfileReport]) -> String {
    if profiles.len() <= FEW_RUNS {
        return profiles.iter().map(|profile| summary(profile) + "\n").collect();
    }
    let closeness = |profile: &ProfileReport| profile.peak_rss_mb / profile.limit_mb.unwrap_or(f64::INFINITY);
    let closest = profiles.iter().max_by(|a, b| closeness(a).total_cmp(&closeness(b)));
    let closest = closest.filter(|profile| closeness(profile) > 0.0).map(|profile| {
        let share = percent(closeness(profile));
        wrapped("closest to its limit: ", &format!("{}, peak {share} of it", run_of(profile)))
    });
    let hours =
        |profile: &ProfileReport| Some((profile.leak.hours_to_limit.as_ref()?.estimate, run_of(profile)));
    let first = profiles.iter().filter_map(hours).min_by(|a, b| a.0.total_cmp(&b.0));
    let first = first
        .map(|(hours, run)| wrapped("first to reach its limit: ", &format!("{run}, {}", after_end(hours))));
    let lines: String = closest.into_iter().chain(first).collect();
    if lines.is_empty() { lines } else { lines + "\n" }
}

/// A time counted from the end of a run.
fn after_end(hours: f64) -> String {
    let seconds = hours * 3600.0;
    if seconds < 1.0 { "at its end".to_owned() } else { format!("{} after its end", span(seconds)) }
}

/// What was checked without a finding, and what could not be judged.
fn nothing_found(profiles: &[ProfileReport]) -> String {
    let mut text =
        format!("No findings: {} checked (docs/detectors.md)", counted(FindingKind::ALL.len(), "rule"));
    let undecided = profiles.iter().filter(|profile| profile.leak.verdict == LeakVerdict::Inconclusive);
    let undecided: Vec<String> = undecided
        .map(|profile| format!("{}: {}", run_of(profile), escape::control(profile.leak.words())))
        .collect();
    if !undecided.is_empty() {
        text.push_str(&format!("; leaks could not be judged in {}", undecided.join("; ")));
    }
    wrapped("", &text)
}

/// One paragraph per kind of finding, on its clearest case, or all of them.
fn findings(profiles: &[ProfileReport], all: bool, explain: bool) -> String {
    let ranked = ranked(profiles);
    if ranked.is_empty() {
        return nothing_found(profiles);
    }
    let mut page = String::new();
    let mut kinds: Vec<FindingKind> = Vec::new();
    for (profile, finding) in &ranked {
        if !all && kinds.contains(&finding.kind) {
            continue;
        }
        kinds.push(finding.kind);
        page.push_str(&paragraph(profile, finding));
        if explain {
            page.push_str(&explained(profile, finding));
        }
        if !all {
            page.push_str(&also_in(&ranked, finding.kind, &profile.path));
        }
    }
    page
}

/// The other runs with the same kind of finding.
fn also_in(ranked: &[(&ProfileReport, &Finding)], kind: FindingKind, shown: &str) -> String {
    let mut seen = BTreeSet::from([shown]);
    let others = ranked.iter().filter(|(_, finding)| finding.kind == kind).map(|(profile, _)| *profile);
    let others: Vec<&ProfileReport> = others.filter(|profile| seen.insert(&profile.path)).collect();
    let named: Vec<String> = others.iter().take(MOST_NAMED).map(|profile| run_of(profile)).collect();
    let text = match others.len() {
        0 => return String::new(),
        n if n <= MOST_NAMED => format!("also in {}", named.join(", ")),
        n => {
            let more = counted(n - MOST_NAMED, "more run");
            format!("also in {} and {more} (--all shows each)", named.join(", "))
        }
    };
    wrapped("        ", &text)
}

fn notes(analysis: &Analysis, legend: &str) -> String {
    let summary = &analysis.summary;
    let samples = analysis.profiles.iter().map(|p| p.samples).sum::<usize>();
    let mut page = format!(
        "\n{}, {} {}; sizes in MiB\n",
        counted(summary.profiles, "run"),
        mib(samples as f64),
        if samples == 1 { "sample" } else { "samples" }
    );
    page.push_str(&wrapped("", legend));
    if summary.skipped > 0 {
        page.push_str(&format!("{} skipped (named above)\n", counted(summary.skipped, "file")));
    }
    if summary.ignored > 0 {
        page.push_str(&format!("{} ignored: not memory files\n", counted(summary.ignored, "other file")));
    }
    page.push_str(&assumed(&analysis.profiles));
    for (text, runs) in said(&analysis.profiles) {
        let others = match runs.len() {
            1 => String::new(),
            n => format!(" and {}", counted(n - 1, "more run")),
        };
        let text = format!("{}{others}: {}", run_of(runs[0]), escape::control(&text));
        page.push_str(&wrapped("note: ", &text));
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

fn assumed(profiles: &[ProfileReport]) -> String {
    let count = profiles.iter().filter(|profile| !profile.assumed.is_empty()).count();
    if count == 0 {
        return String::new();
    }
    let verb = if count == 1 { "does" } else { "do" };
    let text = format!(
        "{} {verb} not record the GC trigger, the fallback trigger and the available-memory limits: defaults are \
         assumed (--format json lists them)",
        counted(count, "run")
    );
    wrapped("note: ", &text)
}
