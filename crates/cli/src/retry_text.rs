//! The memory for the next attempts, as a text table.

use memtool_analyzer::request::{MemoryKill, RetryReport, RetrySize};

use crate::escape;
use crate::table::{Field, number, render, text};
use crate::text::{counted, mib, wrapped};

/// Letters of a group's name in the table.
const LONGEST_NAME: usize = 30;

/// The answer for each run that did not finish, and what each rests on.
pub(crate) fn page(report: &RetryReport) -> String {
    if report.retries.is_empty() {
        return wrapped(
            "",
            &format!("{}: each ended by itself, none needs a retry", counted(report.runs, "run")),
        );
    }
    let columns = [
        text("group"),
        number("attempt"),
        text("memory?"),
        number("reached"),
        number("limit"),
        number("next attempt"),
    ];
    let mut page = render(&columns, report.retries.iter().map(row).collect());
    for retry in &report.retries {
        page.push('\n');
        let words = format!("{}; {}", retry.evidence, retry.reason);
        page.push_str(&wrapped(&format!("{}: ", escape::shortened(&retry.group, LONGEST_NAME)), &words));
    }
    page + "\n" + &wrapped("", "MiB; memory?: whether memory ended the run")
}

fn row(retry: &RetrySize) -> Vec<Field> {
    vec![
        escape::shortened(&retry.group, LONGEST_NAME).into(),
        retry.attempt.map_or_else(|| "-".to_owned(), |attempt| attempt.to_string()).into(),
        word(retry.kill).into(),
        mib(retry.reached_mb).into(),
        retry.limit_mb.map_or_else(|| "-".to_owned(), mib).into(),
        retry.memory_mb.map_or_else(|| "-".to_owned(), mib).into(),
    ]
}

const fn word(kill: MemoryKill) -> &'static str {
    match kill {
        MemoryKill::No => "no",
        MemoryKill::Possible => "possibly",
        MemoryKill::Likely => "likely",
        MemoryKill::Known => "yes",
    }
}
