//! `memtool retry-size`: whether memory killed a run, and what to give the next attempt.

use memtool_analyzer::request::retry_sizes;

use super::exit_for;
use super::task_records::{Selection, TaskRecords};
use crate::args::{Format, RetrySize};
use crate::exit::Exit;
use crate::{output, retry_text};

pub(crate) fn run(args: &RetrySize) -> anyhow::Result<Exit> {
    let selection = Selection {
        paths: &args.paths,
        by: args.by.as_ref(),
        over_time: false,
        budget: &args.budget,
        mapping: &args.mapping,
    };
    let TaskRecords { tasks, readable, .. } = selection.read()?;
    if readable == 0 {
        return Ok(exit_for(0));
    }
    let report = retry_sizes(tasks, args.risk);
    match args.format {
        Format::Json => output::print_json(&report)?,
        Format::Text => output::print(&retry_text::page(&report))?,
    }
    Ok(if report.has_memory_kill() { Exit::Done } else { Exit::Inconclusive })
}
