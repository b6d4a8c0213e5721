//! Runs of any files as records that are sized.

use std::path::{Path, PathBuf};

use memtool_analyzer::request::{GroupBy, ScheduleRun, TaskRecord};
use memtool_analyzer::{Loaded, load};
use memtool_profile_model::Run;

use super::{file_options, report_skipped};
use crate::args::{Budget, Mapping};
use crate::output;
use crate::progress::Progress;

/// The records of all runs.
pub(crate) struct TaskRecords {
    pub(crate) tasks: Vec<TaskRecord>,
    /// The same runs over time, if requested.
    pub(crate) scheduled: Vec<ScheduleRun>,
    /// Runs that were read.
    pub(crate) readable: usize,
}

/// What is read of the files.
pub(crate) struct Selection<'a> {
    pub(crate) paths: &'a [PathBuf],
    pub(crate) by: Option<&'a GroupBy>,
    /// Whether memory over time is needed.
    pub(crate) over_time: bool,
    pub(crate) budget: &'a Budget,
    pub(crate) mapping: &'a Mapping,
}

impl Selection<'_> {
    /// Reads the runs behind the paths, and names what could not be read.
    ///
    /// # Errors
    /// If no run has the column to group by.
    pub(crate) fn read(&self) -> anyhow::Result<TaskRecords> {
        let bar = Progress::files();
        let files = file_options(self.budget, self.mapping);
        let one = |path: &Path, run: Run| {
            let (run, _) = run.counted_once();
            let scheduled = self.over_time.then(|| ScheduleRun::of(&run, path, self.by)).flatten();
            (TaskRecord::of(&run, path, self.by), scheduled)
        };
        let Loaded { values, skipped, .. } = load(self.paths, files, |done, of| bar.at(done, of), one);
        drop(bar);
        report_skipped(&skipped);
        let readable = values.len();
        let (tasks, scheduled): (Vec<Vec<TaskRecord>>, Vec<_>) = values.into_iter().unzip();
        let left_out = tasks.iter().filter(|records| records.is_empty()).count();
        let tasks: Vec<TaskRecord> = tasks.into_iter().flatten().collect();
        if left_out > 0 {
            output::message(&format!(
                "{left_out} of {readable} runs left out: no memory figure, or not the column of --by"
            ));
        }
        anyhow::ensure!(
            !tasks.is_empty() || readable == 0,
            "no run has a memory figure and the column asked for by --by: give another, such as job or file"
        );
        Ok(TaskRecords { tasks, scheduled: scheduled.into_iter().flatten().collect(), readable })
    }
}
