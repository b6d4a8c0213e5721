//! A check for CI systems: a suite per job, a case per rule.

use memtool_analyzer::gate::{GateReport, GateRow, GateVerdict, Rule};

use crate::ci::{Check, CheckReport, Level, Outcome, Suite, readable_rule, unreadable};
use crate::gate_text::{asked, change, found, row_name, verdict};

/// The checks of all jobs.
pub(crate) fn checks<'a>(report: &GateReport) -> CheckReport<'a> {
    let mut suites: Vec<Suite> = Vec::new();
    for row in &report.rows {
        let name = row.job.clone().unwrap_or_else(|| "job without a name".to_owned());
        let at = suites.iter().position(|suite| suite.name == name && suite.path == row.path);
        let at = at.unwrap_or_else(|| {
            suites.push(Suite {
                name,
                path: row.path.clone(),
                started: String::new(),
                seconds: 0.0,
                checks: Vec::new(),
            });
            suites.len() - 1
        });
        suites[at].checks.push(check(row));
    }
    suites.extend(report.skipped.iter().map(|file| unreadable(&file.path, &file.error)));
    let rules = Rule::ALL.iter().map(|rule| (rule.as_str().to_owned(), rule.description().to_owned()));
    CheckReport::of("check", rules.chain([readable_rule()]).collect(), suites)
}

fn check(row: &GateRow) -> Check {
    Check {
        rule: row.rule.as_str().to_owned(),
        subject: row.operation.clone().unwrap_or_default(),
        outcome: outcome(row),
    }
}

fn outcome(row: &GateRow) -> Outcome {
    match row.verdict {
        GateVerdict::Within | GateVerdict::Better | GateVerdict::Same => Outcome::Passed,
        GateVerdict::CannotTell | GateVerdict::Refused => Outcome::Undecided(row.reason.clone()),
        GateVerdict::Over | GateVerdict::Worse => {
            Outcome::Found { level: Level::Error, fails: true, message: message(row) }
        }
    }
}

fn message(row: &GateRow) -> String {
    let moved = row.change.as_ref().map_or_else(String::new, |one| format!(", {}", change(one)));
    let reason = if row.reason.is_empty() { String::new() } else { format!("\n{}", row.reason) };
    format!(
        "{}: {}: found {}, asked {}{moved}{reason}",
        verdict(row.verdict).0,
        row_name(row),
        found(row),
        asked(row)
    )
}
