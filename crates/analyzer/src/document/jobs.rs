//! The runs of a report by job, and what changed since the last one.

use std::collections::BTreeMap;

use serde::Serialize;

use super::page::RunPage;
use crate::compare::{CompareOptions, Comparison, RunFigures, compare};

/// The runs of one job.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JobSummary {
    /// Its name; null for runs whose files name no job.
    pub job: Option<String>,
    /// Places of its runs in the report, in order of their start.
    pub runs: Vec<usize>,
    /// The latest run against all earlier ones; null where there is no earlier one, or no job is known.
    pub change: Option<JobChange>,
}

/// The latest run of a job against the earlier ones.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JobChange {
    /// The latest run's place in the report.
    pub run: usize,
    /// What changed.
    pub comparison: Comparison,
}

/// The runs by job.
pub(super) fn jobs(pages: &[RunPage]) -> Vec<JobSummary> {
    let mut by_job: BTreeMap<(bool, Option<&str>), Vec<usize>> = BTreeMap::new();
    for (index, page) in pages.iter().enumerate() {
        let job = page.profile.job.as_deref();
        by_job.entry((job.is_none(), job)).or_default().push(index);
    }
    by_job.into_iter().map(|((_, job), runs)| summary(pages, job, runs)).collect()
}

fn summary(pages: &[RunPage], job: Option<&str>, mut runs: Vec<usize>) -> JobSummary {
    runs.sort_by(|a, b| pages[*a].profile.started.cmp(&pages[*b].profile.started));
    let change = job.and_then(|_| change(pages, &runs));
    JobSummary { job: job.map(str::to_owned), runs, change }
}

fn change(pages: &[RunPage], runs: &[usize]) -> Option<JobChange> {
    let (latest, earlier) = runs.split_last()?;
    if earlier.is_empty() {
        return None;
    }
    let figures = |run: &usize| pages[*run].figures.clone();
    let earlier: Vec<RunFigures> = earlier.iter().map(figures).collect();
    let comparison = compare(&earlier, &[figures(latest)], &CompareOptions::default());
    Some(JobChange { run: *latest, comparison })
}
