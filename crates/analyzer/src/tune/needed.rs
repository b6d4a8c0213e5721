//! The memory that a job without batches needs: a limit, by the rules of `request`.

use std::path::Path;

use serde::Serialize;

use super::evidence::{Evidence, Growth};
use crate::request::{RequestOptions, TaskRecord, request};

/// The memory that a further run like the recorded ones needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NeededMemory {
    /// The limit to give it, in MiB.
    pub limit_mb: f64,
    /// The share of runs that may reach that limit.
    pub risk: f64,
    /// The largest peak of the runs, in MiB.
    pub largest_mb: f64,
    /// Whether that peak is the kernel's mark, not a sample's.
    pub exact: bool,
    /// Runs that it rests on.
    pub runs: usize,
    /// The rule of `request` that gives the limit.
    pub rule: &'static str,
    /// Why this rule.
    pub reason: String,
    /// What a leak adds to it, in MiB, were each run as long as the longest.
    pub leak_mb: f64,
}

impl NeededMemory {
    /// From runs of one job; `None` where none has a readable peak.
    pub(super) fn of(runs: &[Evidence], growth: &Growth, risk: f64) -> Option<Self> {
        let tasks: Vec<TaskRecord> = runs.iter().filter_map(task).collect();
        let report = request(tasks, &RequestOptions { risk, ..RequestOptions::default() });
        let group = report.groups.into_iter().next()?;
        let leak_mb = growth.extra_mb.iter().copied().fold(0.0, f64::max);
        let highest =
            runs.iter().filter_map(|run| run.run.peak(None)).reduce(memtool_profile_model::Peak::max);
        Some(Self {
            limit_mb: (group.memory_mb? + leak_mb).ceil(),
            risk,
            largest_mb: group.largest_mb,
            exact: highest.is_some_and(|peak| peak.is_exact()),
            runs: group.runs + group.killed + group.unfinished,
            rule: group.rule?,
            reason: group.reason,
            leak_mb,
        })
    }
}

/// A run as a task of the one job that all runs are taken to be of.
fn task(run: &Evidence) -> Option<TaskRecord> {
    let task = TaskRecord::of(run.run, Path::new("job"), None).pop()?;
    Some(TaskRecord { group: "job".to_owned(), ..task })
}
