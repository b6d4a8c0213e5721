//! An analysis as checks for CI: one per run and kind of finding.

use memtool_analyzer::{Analysis, Finding, FindingKind, LeakVerdict, ProfileReport, Severity};

use crate::ci::{Check, CheckReport, Level, Outcome, Suite, Suites, readable_rule, unreadable};
use crate::finding_text::{evidence, run_of, severity};

/// The checks of all runs. Findings of severity `least` or worse fail.
pub(crate) fn checks(analysis: &Analysis, least: Severity) -> CheckReport<'_> {
    let kinds = FindingKind::ALL.iter().map(|kind| (kind.as_str().to_owned(), description(*kind)));
    let suites = move || -> Suites<'_> {
        let runs = analysis.profiles.iter().map(move |profile| Ok(suite(&*profile?, least)));
        let skipped = analysis.skipped.iter().map(|file| Ok(unreadable(&file.path, &file.error)));
        Box::new(runs.chain(skipped))
    };
    CheckReport {
        command: "analyze",
        rules: kinds.chain([readable_rule()]).collect(),
        suites: Box::new(suites),
    }
}

fn description(kind: FindingKind) -> String {
    format!("{}; see docs/findings/{}.md", kind.as_str().replace('_', " "), kind.as_str())
}

fn suite(profile: &ProfileReport, least: Severity) -> Suite {
    Suite {
        name: run_of(profile),
        path: profile.path.clone(),
        started: profile.started.clone(),
        seconds: profile.duration_s,
        checks: FindingKind::ALL.iter().flat_map(|kind| of_kind(profile, *kind, least)).collect(),
    }
}

/// The findings of a kind, or that there is none.
fn of_kind(profile: &ProfileReport, kind: FindingKind, least: Severity) -> Vec<Check> {
    let check = |subject: &str, outcome| Check {
        rule: kind.as_str().to_owned(),
        subject: subject.to_owned(),
        outcome,
    };
    let findings = profile.findings.iter().filter(|finding| finding.kind == kind);
    let found: Vec<Check> = findings
        .map(|finding| {
            check(finding.evidence.operation.as_deref().unwrap_or_default(), outcome(finding, least))
        })
        .collect();
    if !found.is_empty() {
        return found;
    }
    let undecided = kind == FindingKind::MemoryLeak && profile.leak.verdict == LeakVerdict::Inconclusive;
    let outcome = if undecided { Outcome::Undecided(profile.leak.reason.clone()) } else { Outcome::Passed };
    vec![check("", outcome)]
}

fn outcome(finding: &Finding, least: Severity) -> Outcome {
    let level = match finding.severity {
        Severity::High => Level::Error,
        Severity::Medium => Level::Warning,
        Severity::Low => Level::Note,
    };
    let message = format!(
        "{} severity, confidence {:.2}: {}\n{}",
        severity(finding.severity),
        finding.confidence,
        evidence(finding),
        finding.action
    );
    Outcome::Found { level, fails: finding.severity <= least, message }
}
