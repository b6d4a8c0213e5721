//! The first page of a report: the runs by job, and what changed since the last run of each.

use memtool_analyzer::compare::{Comparison, Row, RowVerdict};
use memtool_analyzer::document::{JobChange, JobSummary, ReportDocument};
use memtool_analyzer::{FindingCount, ProfileReport};
use serde::Serialize;

use crate::comparison_text::{figures, row_name, verdict};
use crate::finding_text::run_of;
use crate::run_summary::ended_word;
use crate::runs_table::{finding_counts, leak_word};
use crate::text::{counted, mib, percent, span};

/// The first page of a report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct OverviewView {
    headline: String,
    jobs: Vec<JobView>,
    /// Files that could not be read, and why.
    skipped: Vec<(String, String)>,
}

/// The runs of one job.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct JobView {
    name: String,
    rows: Vec<RowView>,
    change: Option<ChangeView>,
}

/// One run in the table of its job.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct RowView {
    index: usize,
    name: String,
    time: String,
    peak: String,
    limit: String,
    headroom: String,
    hours_to_limit: String,
    leak: &'static str,
    ended: String,
    findings: String,
    /// The peak as a share of the largest of the job, in percent.
    bar: String,
    severity: &'static str,
}

/// What changed since the last run of a job.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct ChangeView {
    index: usize,
    run: String,
    sentence: String,
    lines: Vec<String>,
}

impl OverviewView {
    pub(super) fn new(document: &ReportDocument) -> Self {
        let findings = document.runs.iter().map(|page| page.profile.findings.len()).sum::<usize>();
        Self {
            headline: format!(
                "{}, {}",
                counted(document.runs.len(), "run"),
                if findings == 0 { "no findings".to_owned() } else { counted(findings, "finding") }
            ),
            jobs: document.jobs.iter().map(|job| job_view(document, job)).collect(),
            skipped: document.skipped.iter().map(|file| (file.path.clone(), file.error.clone())).collect(),
        }
    }
}

fn job_view(document: &ReportDocument, job: &JobSummary) -> JobView {
    let profile = |index: &usize| &document.runs[*index].profile;
    let largest = job.runs.iter().map(|run| profile(run).peak_rss_mb).fold(0.0, f64::max);
    JobView {
        name: job.job.clone().unwrap_or_else(|| "Runs whose files name no job".to_owned()),
        rows: job.runs.iter().map(|index| row(*index, profile(index), largest)).collect(),
        change: job.change.as_ref().map(|change| change_view(document, change)),
    }
}

fn row(index: usize, profile: &ProfileReport, largest: f64) -> RowView {
    let limit = profile.limit_mb.filter(|limit| *limit > 0.0);
    let unknown = || "-".to_owned();
    RowView {
        index,
        name: run_of(profile),
        time: span(profile.duration_s),
        peak: mib(profile.peak_rss_mb),
        limit: limit.map_or_else(unknown, mib),
        headroom: limit.map_or_else(unknown, |limit| percent(1.0 - profile.peak_rss_mb / limit)),
        hours_to_limit: profile
            .leak
            .hours_to_limit
            .map_or_else(unknown, |hours| span(hours.estimate * 3600.0)),
        leak: leak_word(profile),
        ended: ended_word(profile.fate.as_ref()),
        findings: finding_counts(FindingCount::of(&profile.findings)).0,
        bar: format!("{:.1}%", if largest > 0.0 { 100.0 * profile.peak_rss_mb / largest } else { 0.0 }),
        severity: profile.findings.first().map_or("none", |finding| finding.severity.as_str()),
    }
}

fn change_view(document: &ReportDocument, change: &JobChange) -> ChangeView {
    let comparison = &change.comparison;
    let worse: Vec<&Row> = comparison.rows.iter().filter(|row| row.verdict == RowVerdict::Worse).collect();
    let shown =
        |row: &&Row| row.operation.is_none() && row.base.is_some() || row.verdict == RowVerdict::Worse;
    let lines = comparison.rows.iter().filter(shown).map(line);
    ChangeView {
        index: change.run,
        run: run_of(&document.runs[change.run].profile),
        sentence: sentence(comparison, worse.len()),
        lines: lines.chain(comparison.missing.iter().cloned()).collect(),
    }
}

fn sentence(comparison: &Comparison, worse: usize) -> String {
    use memtool_analyzer::compare::Verdict;
    let against = counted(comparison.base.len(), "earlier run");
    match comparison.verdict {
        Verdict::NoWorse => format!("No worse than {against}."),
        Verdict::Regression => format!("Worse than {against} in {}.", counted(worse, "measure")),
        Verdict::Inconclusive => format!("No verdict against {against}."),
    }
}

fn line(row: &Row) -> String {
    let [base, new, change, tolerance] = figures(row);
    format!("{}: {base} → {new} ({change}, tolerance {tolerance}): {}", row_name(row), verdict(row.verdict).0)
}
