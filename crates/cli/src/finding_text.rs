//! Findings as a person reads them: what, where, the evidence, what to do.

use memtool_analyzer::{Finding, FindingKind, ProfileReport, Severity};

use crate::escape;
use crate::run_label::{Start, label, name};
use crate::text::{counted, wrapped};

/// The margin of all lines but the first.
const MARGIN: &str = "        ";
/// The margin of figures behind a finding.
const DEEP_MARGIN: &str = "          ";
/// Characters of a run's label in running text.
const LONGEST_LABEL: usize = 60;

/// A run's label in running text.
pub(crate) fn run_of(profile: &ProfileReport) -> String {
    escape::control(&label(name(profile), &profile.started, Start::DayAndTime, LONGEST_LABEL))
}

/// The severity as a word.
pub(crate) const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "HIGH",
        Severity::Medium => "medium",
        Severity::Low => "low",
    }
}

/// One finding: severity, kind, run and confidence; the evidence; what to do.
pub(crate) fn paragraph(profile: &ProfileReport, finding: &Finding) -> String {
    let lead = format!("{:6}  ", severity(finding.severity));
    let (kind, run) = (finding.kind.as_str(), run_of(profile));
    let mut page = wrapped(&lead, &format!("{kind} in {run}, confidence {:.2}", finding.confidence));
    page.push_str(&wrapped(MARGIN, &evidence(finding)));
    page.push_str(&wrapped(MARGIN, &format!("→ {}", escape::control(&finding.action))));
    page
}

/// The statistic with its interval, the samples and the window, and the rule.
pub(crate) fn evidence(finding: &Finding) -> String {
    let evidence = &finding.evidence;
    let (from, to) = evidence.window_s;
    let interval = evidence
        .interval
        .map_or(String::new(), |(low, high)| format!(" [{} to {}]", figure(low), figure(high)));
    format!(
        "{} = {}{interval}, {}, {from:.1} to {to:.1} s (rule {})",
        evidence.statistic,
        figure(evidence.value),
        counted(evidence.samples, "sample"),
        evidence.rule
    )
}

/// Every figure that a finding rests on, one per line, and the page of its rule.
pub(crate) fn explained(profile: &ProfileReport, finding: &Finding) -> String {
    let mut page = String::new();
    let mut add = |name: &str, value: &str| page.push_str(&format!("{DEEP_MARGIN}{name:<34} {value}\n"));
    if let Some(operation) = &finding.evidence.operation {
        add("operation", &escape::control(operation));
    }
    for (name, value) in finding.evidence.details.iter() {
        add(&name.replace('_', " "), &figure(value));
    }
    if finding.kind == FindingKind::MemoryLeak {
        page.push_str(&wrapped(DEEP_MARGIN, &escape::control(&profile.leak.reason)));
    }
    if let Some(savings) = finding.estimated_savings_mb {
        let [low, middle, high] = [savings.low, savings.median, savings.high].map(figure);
        page.push_str(&format!("{DEEP_MARGIN}would save {middle} MiB [{low} to {high}]\n"));
    }
    if let Some(reason) = &finding.savings_withheld {
        page.push_str(&wrapped(DEEP_MARGIN, &format!("savings not estimated: {reason}")));
    }
    page.push_str(&format!("{DEEP_MARGIN}rule: docs/findings/{}.md\n", finding.kind.as_str()));
    page
}

/// A figure with as many places as its size needs.
pub(crate) fn figure(value: f64) -> String {
    let places = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 1.0 => 1,
        _ => 3,
    };
    let text = format!("{value:.places$}");
    if text == "-0.000" { "0.000".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_the_places_they_need() {
        assert_eq!([456.7, 12.34, 0.0126, -0.0001].map(figure), ["457", "12.3", "0.013", "0.000"]);
    }
}
