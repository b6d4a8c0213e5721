//! The memory to request, as a comment of a review.

use memtool_analyzer::request::{GroupRequest, RequestReport};

use crate::escape;
use crate::request_text::{against, passed};
use crate::text::{count, counted, hundredths, mib};

/// Groups that a comment shows: GitHub cuts comments at 65,536 characters.
const MOST_GROUPS: usize = 200;

/// A table for a review, and notes on single groups; text from files cannot leave its cell.
pub(crate) fn page(report: &RequestReport) -> String {
    let sized = report.groups.iter().filter(|group| group.memory_mb.is_some()).count();
    let mut page = format!(
        "### Memory to ask for: {sized} of {}\n\n| group | runs | killed | largest MiB | ask for MiB | failed | unused | rule |\n\
         |---|---:|---:|---:|---:|---:|---:|---|\n",
        counted(report.groups.len(), "group")
    );
    let shown = &report.groups[..report.groups.len().min(MOST_GROUPS)];
    shown.iter().for_each(|group| page.push_str(&row(group)));
    if shown.len() < report.groups.len() {
        let left = report.groups.len() - shown.len();
        page.push_str(&format!("\n{} not shown\n", counted(left, "further group")));
    }
    page.push_str(&format!(
        "\nAt most {} % of runs may fail for memory. Failed and unused: on the later 70 % of the runs, unused memory \
         times hours relative to the largest peak + 15 %.\n",
        hundredths(report.risk * 100.0)
    ));
    let lines: String =
        shown.iter().flat_map(notes).map(|line| format!("- {}\n", escape::markdown(&line))).collect();
    if lines.is_empty() {
        return page;
    }
    format!("{page}\n<details><summary>Notes</summary>\n\n{lines}\n</details>\n")
}

fn row(group: &GroupRequest) -> String {
    let (failed, unused) = group.backtest.map_or_else(
        || ("-".to_owned(), "-".to_owned()),
        |test| (format!("{}/{}", test.own.failed, test.runs), against(test.own, test.krr)),
    );
    format!(
        "| {} | {} | {} | {} | {} | {failed} | {unused} | {} |\n",
        escape::markdown(&group.group),
        count(group.runs),
        count(group.killed),
        mib(group.largest_mb),
        group.memory_mb.map_or_else(|| "-".to_owned(), mib),
        escape::markdown(group.rule.unwrap_or("-"))
    )
}

fn notes(group: &GroupRequest) -> Vec<String> {
    let unsized_for = group.memory_mb.is_none().then(|| format!("{}: {}", group.group, group.reason));
    unsized_for.into_iter().chain(passed(group)).collect()
}
