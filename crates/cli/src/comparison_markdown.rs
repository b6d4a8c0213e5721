//! A comparison as a comment of a review.

use memtool_analyzer::compare::{ComparisonReport, RowVerdict};

use crate::comparison_text::{figures, headline, notes, row_name, shown, verdict};
use crate::escape;
use crate::run_label::file_stem;

/// A table for a review; what comes from files cannot leave its cell.
pub(crate) fn page(report: &ComparisonReport, all: bool) -> String {
    let mut page = format!("**Memory: {}**\n\n", headline(report));
    page.push_str(
        "| what | operation | base | new | change | tolerance | |\n|---|---|---:|---:|---:|---:|---|\n",
    );
    for row in shown(&report.comparison, all) {
        let operation = row.operation.as_deref().map_or_else(String::new, escape::markdown);
        let figures = figures(row).join(" | ");
        let word = match row.verdict {
            RowVerdict::Worse => "**worse**",
            other => verdict(other).0,
        };
        page.push_str(&format!("| {} | {operation} | {figures} | {word} |\n", row.measure.as_str()));
    }
    page.push_str("\nTolerance: the increase that repeats of the base can show by chance; sizes in MiB.\n");
    let reasons = shown(&report.comparison, all)
        .into_iter()
        .filter_map(|row| Some(format!("{}: {}", row_name(row), row.reason.as_ref()?)));
    let lines: Vec<String> = reasons.chain(notes(report)).collect();
    if !lines.is_empty() {
        page.push('\n');
    }
    for line in lines {
        page.push_str(&format!("- {}\n", escape::markdown(&line)));
    }
    page.push_str(&format!(
        "\nBase: {}. New: {}.\n",
        names(&report.comparison.base),
        names(&report.comparison.new)
    ));
    page
}

fn names(runs: &[String]) -> String {
    runs.iter().map(|run| escape::markdown(file_stem(run))).collect::<Vec<_>>().join(", ")
}
