//! `memtool recommendations`: what to do next, with the evidence behind it.

use memtool_analyzer::{Finding, Severity};

use crate::output;
use crate::table;

const TEXT_WIDTH: usize = 78;

/// One finding as a person reads it: what, where, the evidence, what to do.
pub(super) fn paragraph(run: &str, finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::High => "HIGH  ",
        Severity::Medium => "medium",
        Severity::Low => "low   ",
    };
    let evidence = &finding.evidence;
    let (from, to) = evidence.window_s;
    let mut page = format!(
        "{severity}  {} in {}, confidence {:.2}\n",
        finding.kind.as_str(),
        table::shortened(&output::harmless(run), 36),
        finding.confidence
    );
    let interval = evidence.interval.map_or(String::new(), |(low, high)| format!(" [{low:.4} to {high:.4}]"));
    let seen = format!(
        "{} = {:.4}{interval} over {} samples, {from:.1} to {to:.1} s (rule {})",
        evidence.statistic, evidence.value, evidence.samples, evidence.rule
    );
    page.push_str(&wrapped(&seen));
    page.push_str(&wrapped(&format!("→ {}", output::harmless(&finding.action))));
    page
}

fn wrapped(text: &str) -> String {
    let mut page = String::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + word.chars().count() + 9 > TEXT_WIDTH {
            page.push_str(&format!("        {line}\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    page.push_str(&format!("        {line}\n"));
    page
}
