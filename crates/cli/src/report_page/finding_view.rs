//! A finding of a report, with its evidence and the place of that on the chart.

use memtool_analyzer::{Finding, LeakVerdict, ProfileReport};
use serde::Serialize;

use crate::finding_text::{evidence, figure, severity};

/// A finding.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct FindingView {
    pub(super) id: String,
    pub(super) kind: &'static str,
    pub(super) severity: &'static str,
    pub(super) confidence: String,
    pub(super) evidence: String,
    pub(super) action: String,
    /// The window of the chart that it rests on, in seconds.
    pub(super) from_s: f64,
    pub(super) to_s: f64,
    /// Further figures by name.
    pub(super) figures: Vec<(String, String)>,
}

/// The findings of a run, the worst first.
pub(super) fn findings(run: usize, profile: &ProfileReport) -> Vec<FindingView> {
    profile.findings.iter().enumerate().map(|(index, finding)| view(run, index, finding)).collect()
}

fn view(run: usize, index: usize, finding: &Finding) -> FindingView {
    let (from_s, to_s) = finding.evidence.window_s;
    let named = finding.evidence.operation.iter().map(|name| ("operation".to_owned(), name.clone()));
    let details =
        finding.evidence.details.iter().map(|(name, value)| (name.replace('_', " "), figure(value)));
    FindingView {
        id: format!("run-{run}-finding-{index}"),
        kind: finding.kind.as_str(),
        severity: severity(finding.severity),
        confidence: format!("{:.2}", finding.confidence),
        evidence: evidence(finding),
        action: finding.action.clone(),
        from_s,
        to_s,
        figures: named.chain(details).chain(savings(finding)).collect(),
    }
}

fn savings(finding: &Finding) -> Option<(String, String)> {
    let name = "would save (MiB)".to_owned();
    match (&finding.estimated_savings_mb, &finding.savings_withheld) {
        (Some(saved), _) => Some((
            name,
            format!("{} [{} to {}]", figure(saved.median), figure(saved.low), figure(saved.high)),
        )),
        (None, Some(reason)) => Some((name, format!("not estimated: {reason}"))),
        (None, None) => None,
    }
}

/// What the report rests on that was not recorded, and what could not be judged.
pub(super) fn unknowns(profile: &ProfileReport) -> Vec<String> {
    let undecided = (profile.leak.verdict == LeakVerdict::Inconclusive)
        .then(|| format!("Whether memory leaks could not be judged: {}.", profile.leak.words()));
    let unlimited = profile.limit_mb.is_none().then(|| "The job's memory limit was not recorded.".to_owned());
    let sampled = (profile.peak_source == "sampled")
        .then(|| "The peak is the largest sample: the true peak may be higher.".to_owned());
    let warnings = profile.warnings.iter().map(|warning| sentence(&warning.to_string()));
    undecided.into_iter().chain(unlimited).chain(sampled).chain(warnings).collect()
}

/// Words as a sentence of their own.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let end = if words.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}
