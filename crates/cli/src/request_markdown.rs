//! The memory to ask for, as a comment of a review.

use memtool_analyzer::request::{GroupRequest, RequestReport};

use crate::escape;
use crate::text::{counted, mib};

/// Groups that a comment shows: GitHub cuts comments at 65,536 characters.
const MOST_GROUPS: usize = 200;

/// The table, and why some groups have no figure.
pub(crate) fn page(report: &RequestReport) -> String {
    let sized = report.groups.iter().filter(|group| group.memory_mb.is_some()).count();
    let mut page = format!(
        "### Memory to ask for: {sized} of {}\n\n| group | runs | killed | largest (MiB) | ask for (MiB) | rule |\n\
         |---|---:|---:|---:|---:|---|\n",
        counted(report.groups.len(), "group")
    );
    for group in report.groups.iter().take(MOST_GROUPS) {
        page.push_str(&row(group));
    }
    if report.groups.len() > MOST_GROUPS {
        page.push_str(&format!(
            "\n{} not shown\n",
            counted(report.groups.len() - MOST_GROUPS, "further group")
        ));
    }
    let open = report.groups.iter().filter(|group| group.memory_mb.is_none()).take(MOST_GROUPS);
    let reasons: String = open
        .map(|group| format!("- {}\n", escape::markdown(&format!("{}: {}", group.group, group.reason))))
        .collect();
    if reasons.is_empty() {
        return page;
    }
    format!("{page}\n<details><summary>Without a figure</summary>\n\n{reasons}\n</details>\n")
}

fn row(group: &GroupRequest) -> String {
    format!(
        "| {} | {} | {} | {} | {} | {} |\n",
        escape::markdown(&group.group),
        group.runs,
        group.killed,
        mib(group.largest_mb),
        group.memory_mb.map_or_else(|| "-".to_owned(), mib),
        escape::markdown(group.rule.unwrap_or("-"))
    )
}
