//! Runs of any files as records that are sized.

use std::path::{Path, PathBuf};

use memtool_analyzer::request::{GroupBy, TaskRecord};
use memtool_analyzer::{FileOptions, Loaded, load};
use memtool_profile_model::Run;

use super::report_skipped;
use crate::args::{Budget, Mapping};
use crate::progress::Progress;

/// The records of all runs.
pub(crate) struct TaskRecords {
    pub(crate) tasks: Vec<TaskRecord>,
    /// Runs that were read.
    pub(crate) readable: usize,
}

/// Reads the runs behind the paths, and names what could not be read.
///
/// # Errors
/// If no run tells the group that was asked for.
pub(crate) fn task_records(
    paths: &[PathBuf],
    by: Option<&GroupBy>,
    budget: &Budget,
    mapping: &Mapping,
) -> anyhow::Result<TaskRecords> {
    let bar = Progress::files();
    let files = FileOptions { max_memory: Some(budget.bytes()), columns: mapping.columns.clone() };
    let one = |path: &Path, run: Run| TaskRecord::of(&run, path, by);
    let Loaded { values, skipped, .. } = load(paths, files, |done, of| bar.at(done, of), one);
    drop(bar);
    report_skipped(&skipped);
    let readable = values.len();
    let tasks: Vec<TaskRecord> = values.into_iter().flatten().collect();
    anyhow::ensure!(
        !tasks.is_empty() || readable == 0,
        "no run has a memory figure and the column asked for by --by: give another, such as job or file"
    );
    Ok(TaskRecords { tasks, readable })
}
