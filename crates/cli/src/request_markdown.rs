//! The memory to ask for, as a comment of a review.

use memtool_analyzer::request::{GroupRequest, RequestReport};

use crate::escape;
use crate::request_text::{against, passed};
use crate::text::{hundredths, mib};

/// A table for a review; what comes from files cannot leave its cell.
pub(crate) fn page(report: &RequestReport) -> String {
    let mut page = String::from(
        "| group | runs | killed | largest MiB | ask for MiB | failed | unused | rule |\n|---|---:|---:|---:|---:|---:|---:|---|\n",
    );
    report.groups.iter().for_each(|group| page.push_str(&row(group)));
    page.push_str(&format!(
        "\nAt most {} % of runs may fail for memory. Failed and unused: on the later 70 % of the runs, unused memory \
         times hours relative to the largest peak + 15 %.\n",
        hundredths(report.risk * 100.0)
    ));
    let lines: Vec<String> = report.groups.iter().flat_map(notes).collect();
    if !lines.is_empty() {
        page.push('\n');
    }
    lines.iter().for_each(|line| page.push_str(&format!("- {}\n", escape::markdown(line))));
    page
}

fn row(group: &GroupRequest) -> String {
    let (failed, unused) = group.backtest.map_or_else(
        || ("-".to_owned(), "-".to_owned()),
        |test| (format!("{}/{}", test.own.failed, test.runs), against(test.own, test.krr)),
    );
    format!(
        "| {} | {} | {} | {} | {} | {failed} | {unused} | {} |\n",
        escape::markdown(&group.group),
        group.runs,
        group.killed,
        mib(group.largest_mb),
        group.memory_mb.map_or_else(|| "-".to_owned(), mib),
        escape::markdown(group.rule.unwrap_or("-"))
    )
}

fn notes(group: &GroupRequest) -> Vec<String> {
    let unsized_for = group.memory_mb.is_none().then(|| format!("{}: {}", group.group, group.reason));
    unsized_for.into_iter().chain(passed(group)).collect()
}
