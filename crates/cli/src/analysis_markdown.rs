//! An analysis as a comment of a review: the worst findings first, the runs folded.

use memtool_analyzer::{Analysis, ProfileReport, Reports, ReportsError, Severity, Skipped};

use crate::escape;
use crate::finding_ranks::{FindingRanks, RankedFinding};
use crate::finding_text::{evidence, run_of, severity};
use crate::runs_table::leak_word;
use crate::text::{counted, mib, percent, span};

/// Findings and runs that a comment shows: GitHub cuts comments at 65,536 characters.
const MOST_FINDINGS: usize = 20;
const MOST_RUNS: usize = 100;

/// The comment.
///
/// # Errors
/// Where a report cannot be read.
pub(crate) fn page(analysis: &Analysis) -> Result<String, ReportsError> {
    let (mut ranks, mut runs, mut warned) = (FindingRanks::default(), Vec::new(), Vec::new());
    for profile in analysis.profiles.iter() {
        let profile = profile?;
        ranks.add(&profile);
        if runs.len() < MOST_RUNS {
            runs.push(row(&profile));
        }
        let room = MOST_RUNS - warned.len();
        let run = || run_of(&profile);
        warned.extend(profile.warnings.iter().take(room).map(|warning| format!("{}: {warning}", run())));
    }
    let ranked = ranks.ranked();
    let mut page = format!("### Memory: {}\n\n", headline(analysis, ranked.len()));
    page.push_str(&findings(&analysis.profiles, &ranked)?);
    page.push_str(&table(&runs, analysis.profiles.len()));
    page.push_str(&doubts(&analysis.skipped, warned));
    Ok(page)
}

fn headline(analysis: &Analysis, findings: usize) -> String {
    let runs = counted(analysis.profiles.len(), "run");
    if findings == 0 {
        format!("no findings in {runs}")
    } else {
        format!("{} in {runs}", counted(findings, "finding"))
    }
}

fn findings(profiles: &Reports, ranked: &[RankedFinding]) -> Result<String, ReportsError> {
    if ranked.is_empty() {
        return Ok(String::new());
    }
    let mut page = "| severity | finding | run | evidence | what to do |\n|---|---|---|---|---|\n".to_owned();
    for place in ranked.iter().take(MOST_FINDINGS) {
        let profile = profiles.get(place.run)?;
        let finding = &profile.findings[place.at];
        let word = if finding.severity == Severity::High { "**high**" } else { severity(finding.severity) };
        let cells =
            [&run_of(&profile), &evidence(finding), &finding.action].map(|text| escape::markdown(text));
        page.push_str(&format!("| {word} | `{}` | {} |\n", finding.kind.as_str(), cells.join(" | ")));
    }
    if ranked.len() > MOST_FINDINGS {
        page.push_str(&format!("\n{} not shown\n", counted(ranked.len() - MOST_FINDINGS, "further finding")));
    }
    Ok(page + "\n")
}

/// A run's row of the table.
fn row(profile: &ProfileReport) -> String {
    format!(
        "| {} | {} | {} | {} | {} | {} |\n",
        escape::markdown(&run_of(profile)),
        span(profile.duration_s),
        mib(profile.peak_rss_mb),
        percent(profile.time_share.high + profile.time_share.critical),
        leak_word(profile),
        profile.findings.len()
    )
}

/// The table of the first of some runs.
fn table(rows: &[String], runs: usize) -> String {
    let mut page = "<details><summary>Runs</summary>\n\n".to_owned();
    page.push_str(
        "| run | time | peak (MiB) | time high+ | leak | findings |\n|---|---:|---:|---:|---|---:|\n",
    );
    page.push_str(&rows.concat());
    if runs > rows.len() {
        page.push_str(&format!("\n{} not shown\n", counted(runs - rows.len(), "further run")));
    }
    page + "\n</details>\n"
}

/// Files that were left out, and what limits the figures.
fn doubts(skipped: &[Skipped], warned: Vec<String>) -> String {
    let skipped = skipped.iter().map(|file| format!("{}: not readable: {}", file.path, file.error));
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
