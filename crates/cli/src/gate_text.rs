//! A check as a person reads it: a table of rules, reasons, the answer.

use memtool_analyzer::gate::{Answer, Change, GateReport, GateRow, GateVerdict, Rule};

use crate::escape;
use crate::table::{self, Field, Tone, number, text};
use crate::text::{counted, mib, percent, wrapped};

const LONGEST_NAME: usize = 24;

const LEGEND: &str = "sizes in MiB; found: of a budget the worst run, of a change the mean; tolerance: the change that \
                      chance alone may show, or half of what matters";

/// The whole page.
pub(crate) fn page(report: &GateReport) -> String {
    let columns = [
        text("job"),
        text("operation"),
        text("rule"),
        text("asked"),
        number("found"),
        number("change"),
        text(""),
    ];
    let mut page = table::render(&columns, report.rows.iter().map(fields).collect());
    page.push('\n');
    page.push_str(&wrapped("", LEGEND));
    for row in report.rows.iter().filter(|row| !row.reason.is_empty()) {
        page.push_str(&wrapped("note: ", &escape::control(&format!("{}: {}", row_name(row), row.reason))));
    }
    page + &headline(report) + "\n"
}

/// The answer, with the number of rules and runs.
pub(crate) fn headline(report: &GateReport) -> String {
    let rules = counted(report.rows.len(), "rule");
    let runs = counted(report.runs, "run");
    let count = |test: fn(GateVerdict) -> bool| report.rows.iter().filter(|row| test(row.verdict)).count();
    match report.answer {
        Answer::Passed => format!("passed: {rules} on {runs}"),
        Answer::Failed => format!("failed: {} of {rules} on {runs}", count(GateVerdict::fails)),
        Answer::CannotTell => {
            format!("cannot tell: {} of {rules} on {runs} left open", count(GateVerdict::is_open))
        }
    }
}

/// The rule, and what it is compared with.
pub(crate) fn row_name(row: &GateRow) -> String {
    let job = row.job.as_deref().unwrap_or("job without a name");
    let of = row.operation.as_ref().map_or_else(String::new, |operation| format!(" of {operation}"));
    format!("{}{of} in {job}", row.rule.as_str().replace('_', " "))
}

fn fields(row: &GateRow) -> Vec<Field> {
    let short = |name: &Option<String>| {
        name.as_ref().map_or_else(|| "-".to_owned(), |n| escape::shortened(n, LONGEST_NAME))
    };
    let (word, tone) = verdict(row.verdict);
    vec![
        short(&row.job).into(),
        short(&row.operation).into(),
        row.rule.as_str().replace('_', " ").into(),
        asked(row).into(),
        found(row).into(),
        row.change.as_ref().map_or_else(|| "-".to_owned(), change).into(),
        Field(word.to_owned(), tone),
    ]
}

/// What was asked: of a change the baseline's mean.
pub(crate) fn asked(row: &GateRow) -> String {
    let base = |change: &Change| format!("{} in {}", mib(change.base.mean), counted(change.base.runs, "run"));
    row.change.as_ref().map_or_else(|| row.asked.clone(), base)
}

/// What was found: a share of the limit, MiB, or items per second.
pub(crate) fn found(row: &GateRow) -> String {
    let Some(found) = row.found else {
        let leaks = row.rule == Rule::LeakBudget && row.verdict == GateVerdict::Over;
        return if leaks { "a leak" } else { "-" }.to_owned();
    };
    if row.rule == Rule::HeadroomBudget { percent(found) } else { mib(found) }
}

/// The change, and the tolerance.
pub(crate) fn change(change: &Change) -> String {
    format!("{:+.1} % (±{:.1} %)", 100.0 * change.change, 100.0 * change.tolerance)
}

/// The verdict in words, and its tone.
pub(crate) const fn verdict(verdict: GateVerdict) -> (&'static str, Tone) {
    match verdict {
        GateVerdict::Within => ("within", Tone::Good),
        GateVerdict::Over => ("over budget", Tone::Bad),
        GateVerdict::Better => ("better", Tone::Good),
        GateVerdict::Same => ("same", Tone::Good),
        GateVerdict::Worse => ("worse", Tone::Bad),
        GateVerdict::CannotTell => ("cannot tell", Tone::Warn),
        GateVerdict::Refused => ("refused", Tone::Warn),
    }
}
