//! An analysis as a comment of a review: the worst findings first, the runs folded.

use memtool_analyzer::{Analysis, Finding, ProfileReport, Severity};

use crate::escape;
use crate::finding_text::{evidence, ranked, run_of, severity};
use crate::runs_table::leak_word;
use crate::text::{counted, mib, percent, span};

/// Findings and runs that a comment shows: GitHub cuts comments at 65,536 characters.
const MOST_FINDINGS: usize = 20;
const MOST_RUNS: usize = 100;

/// The comment.
pub(crate) fn page(analysis: &Analysis) -> String {
    let ranked = ranked(&analysis.profiles);
    let mut page = format!("### Memory: {}\n\n", headline(analysis, ranked.len()));
    page.push_str(&findings(&ranked));
    page.push_str(&runs(&analysis.profiles));
    page.push_str(&doubts(analysis));
    page
}

fn headline(analysis: &Analysis, findings: usize) -> String {
    let runs = counted(analysis.profiles.len(), "run");
    if findings == 0 {
        format!("no findings in {runs}")
    } else {
        format!("{} in {runs}", counted(findings, "finding"))
    }
}

fn findings(ranked: &[(&ProfileReport, &Finding)]) -> String {
    if ranked.is_empty() {
        return String::new();
    }
    let mut page = "| severity | finding | run | evidence | what to do |\n|---|---|---|---|---|\n".to_owned();
    for (profile, finding) in ranked.iter().take(MOST_FINDINGS) {
        let word = if finding.severity == Severity::High { "**high**" } else { severity(finding.severity) };
        let cells =
            [&run_of(profile), &evidence(finding), &finding.action].map(|text| escape::markdown(text));
        page.push_str(&format!("| {word} | `{}` | {} |\n", finding.kind.as_str(), cells.join(" | ")));
    }
    if ranked.len() > MOST_FINDINGS {
        page.push_str(&format!("\n{} not shown\n", counted(ranked.len() - MOST_FINDINGS, "further finding")));
    }
    page + "\n"
}

fn runs(profiles: &[ProfileReport]) -> String {
    let mut page = "<details><summary>Runs</summary>\n\n".to_owned();
    page.push_str(
        "| run | time | peak (MiB) | time high+ | leak | findings |\n|---|---:|---:|---:|---|---:|\n",
    );
    for profile in profiles.iter().take(MOST_RUNS) {
        page.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} |\n",
            escape::markdown(&run_of(profile)),
            span(profile.duration_s),
            mib(profile.peak_rss_mb),
            percent(profile.time_share.high + profile.time_share.critical),
            leak_word(profile),
            profile.findings.len()
        ));
    }
    if profiles.len() > MOST_RUNS {
        page.push_str(&format!("\n{} not shown\n", counted(profiles.len() - MOST_RUNS, "further run")));
    }
    page + "\n</details>\n"
}

/// Files that were left out, and what limits the figures.
fn doubts(analysis: &Analysis) -> String {
    let skipped = analysis.skipped.iter().map(|file| format!("{}: not readable: {}", file.path, file.error));
    let warned = analysis
        .profiles
        .iter()
        .flat_map(|profile| profile.warnings.iter().map(|warning| format!("{}: {warning}", run_of(profile))));
    let lines: Vec<String> = skipped
        .chain(warned)
        .take(MOST_RUNS)
        .map(|line| format!("- {}\n", escape::markdown(&line)))
        .collect();
    if lines.is_empty() {
        return String::new();
    }
    format!("\n<details><summary>Notes</summary>\n\n{}\n</details>\n", lines.concat())
}
