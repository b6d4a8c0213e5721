//! A check as a comment of a review: what failed first, what passed folded.

use memtool_analyzer::gate::{GateReport, GateRow};

use crate::escape;
use crate::gate_text::{asked, change, found, headline, row_name, verdict};

/// Rows that a comment shows: GitHub cuts comments at 65,536 characters.
const MOST_ROWS: usize = 100;

const HEAD: &str =
    "| job | operation | rule | asked | found | change | |\n|---|---|---|---:|---:|---:|---|\n";

/// The comment.
pub(crate) fn page(report: &GateReport) -> String {
    let (open, settled): (Vec<&GateRow>, Vec<&GateRow>) =
        report.rows.iter().partition(|row| row.verdict.fails() || row.verdict.is_open());
    let mut page = format!("### Memory: {}\n\n", headline(report));
    if !open.is_empty() {
        page.push_str(&table(&open));
        page.push('\n');
        let reasons = open.iter().filter(|row| !row.reason.is_empty()).take(MOST_ROWS);
        for row in reasons {
            page.push_str(&format!(
                "- {}\n",
                escape::markdown(&format!("{}: {}", row_name(row), row.reason))
            ));
        }
    }
    if !settled.is_empty() {
        page.push_str(&format!(
            "\n<details><summary>{} within or unchanged</summary>\n\n{}\n</details>\n",
            settled.len(),
            table(&settled)
        ));
    }
    page
}

fn table(rows: &[&GateRow]) -> String {
    let mut table = HEAD.to_owned();
    for row in rows.iter().take(MOST_ROWS) {
        let word = verdict(row.verdict).0;
        let word = if row.verdict.fails() { format!("**{word}**") } else { word.to_owned() };
        let name = |name: &Option<String>| name.as_deref().map_or_else(String::new, escape::markdown);
        table.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {word} |\n",
            name(&row.job),
            name(&row.operation),
            row.rule.as_str().replace('_', " "),
            escape::markdown(&asked(row)),
            found(row),
            row.change.as_ref().map_or_else(String::new, change)
        ));
    }
    table
}
