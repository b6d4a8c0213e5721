//! A comparison as checks for CI: one per measure and operation.

use anyhow::Context as _;
use memtool_analyzer::compare::{ComparisonReport, Row, RowVerdict};

use crate::ci::{Check, CheckReport, Level, Outcome, Suite, readable_rule, unreadable_check};
use crate::comparison_text::{figures, row_name};

/// The rule that missing data breaks.
const COMPLETE: &str = "complete_data";

/// The checks of a comparison.
///
/// # Errors
/// Where a measure has no name in JSON, which is a fault of memtool.
pub(crate) fn checks<'a>(report: &ComparisonReport) -> anyhow::Result<CheckReport<'a>> {
    let comparison = &report.comparison;
    let mut rules: Vec<(String, String)> = Vec::new();
    let mut checks = Vec::new();
    for row in comparison.rows.iter().filter(|row| row.verdict != RowVerdict::NotJudged) {
        let rule = rule(row)?;
        if rules.iter().all(|(name, _)| *name != rule) {
            rules.push((rule.clone(), format!("The {} did not become worse.", row.measure.as_str())));
        }
        checks.push(Check {
            rule,
            subject: row.operation.clone().unwrap_or_default(),
            outcome: outcome(row),
        });
    }
    rules.push((COMPLETE.to_owned(), "The data carries a verdict.".to_owned()));
    rules.push(readable_rule());
    let whole = |rule: &str, outcome| Check { rule: rule.to_owned(), subject: String::new(), outcome };
    checks.extend(comparison.missing.iter().map(|line| whole(COMPLETE, Outcome::Undecided(line.clone()))));
    let unread = report.skipped.iter().map(|file| unreadable_check(format!("{}: {}", file.path, file.error)));
    checks.extend(unread);
    let suite = Suite {
        name: "new runs against base runs".to_owned(),
        path: comparison.new.first().cloned().unwrap_or_default(),
        started: String::new(),
        seconds: 0.0,
        checks,
    };
    Ok(CheckReport::of("compare", rules, vec![suite]))
}

/// The measure's name in JSON.
fn rule(row: &Row) -> anyhow::Result<String> {
    let name = serde_json::to_value(row.measure)?;
    Ok(name.as_str().context("a measure is a name")?.to_owned())
}

fn outcome(row: &Row) -> Outcome {
    match row.verdict {
        RowVerdict::NoWorse | RowVerdict::NotJudged => Outcome::Passed,
        RowVerdict::Inconclusive => Outcome::Undecided(row.reason.clone().unwrap_or_default()),
        RowVerdict::Worse => {
            let [base, new, change, tolerance] = figures(row);
            let name = row_name(row);
            let message =
                format!("{name} is worse: {base} before, {new} now ({change}; tolerance {tolerance})");
            Outcome::Found { level: Level::Error, fails: true, message }
        }
    }
}
