//! What to give the next attempt of a run that was killed.

use std::collections::BTreeMap;

use serde::Serialize;

use super::cost::retry_mb;
use super::killed::MemoryKill;
use super::record::TaskRecord;
use super::replay::Replay;

/// What to give the next attempts of runs that were killed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RetryReport {
    /// `memtool.retry/1`.
    pub schema: &'static str,
    /// The share of runs that may fail for memory.
    pub risk: f64,
    /// Runs that were read.
    pub runs: usize,
    /// One answer for each run that did not finish, in order of group and time.
    pub retries: Vec<RetrySize>,
}

impl RetryReport {
    /// Whether memory ended a run, for all that is known.
    #[must_use]
    pub fn has_memory_kill(&self) -> bool {
        self.retries.iter().any(|retry| retry.kill >= MemoryKill::Likely)
    }
}

/// What to give the next attempt of one run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RetrySize {
    /// The kind of task.
    pub group: String,
    /// Which attempt it was, where a framework counts them.
    pub attempt: Option<u32>,
    /// Whether memory ended it.
    pub kill: MemoryKill,
    /// How that is known.
    pub evidence: &'static str,
    /// The largest memory that was seen of it, in MiB.
    pub reached_mb: f64,
    /// What it was allowed, in MiB, where the file says.
    pub limit_mb: Option<f64>,
    /// What to give the next attempt, in MiB; `None` where memory did not end it.
    pub memory_mb: Option<f64>,
    /// Why.
    pub reason: &'static str,
    /// Runs of its group that finished.
    pub finished: usize,
}

/// What to give the next attempt of each run that did not finish, from all runs of its group.
#[must_use]
pub fn retry_sizes(tasks: Vec<TaskRecord>, risk: f64) -> RetryReport {
    let runs = tasks.len();
    let mut groups: BTreeMap<String, Vec<TaskRecord>> = BTreeMap::new();
    for task in tasks {
        groups.entry(task.group.clone()).or_default().push(task);
    }
    let retries = groups.into_values().flat_map(|tasks| of_group(tasks, risk)).collect();
    RetryReport { schema: "memtool.retry/1", risk, runs, retries }
}

fn of_group(mut tasks: Vec<TaskRecord>, risk: f64) -> Vec<RetrySize> {
    tasks.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    let mut finished = Replay::new(risk);
    tasks.iter().filter(|task| task.end.finished).for_each(|task| finished.learn(task));
    let unfinished = tasks.iter().filter(|task| !task.end.finished);
    unfinished.map(|task| answer(task, &finished)).collect()
}

/// The same retry as in the back-test of `request`, unless the group's own runs need still more.
fn answer(task: &TaskRecord, siblings: &Replay) -> RetrySize {
    let (memory_mb, reason) = match task.end.kill {
        MemoryKill::No => (None, "memory did not end it, as far as is known: more would not help"),
        _ => {
            let (memory_mb, reason) = size(task, siblings);
            (Some(memory_mb.ceil()), reason)
        }
    };
    RetrySize {
        group: task.group.clone(),
        attempt: task.attempt,
        kill: task.end.kill,
        evidence: task.end.evidence,
        reached_mb: task.peak_mb,
        limit_mb: task.limit_mb,
        memory_mb,
        reason,
        finished: siblings.history().count,
    }
}

fn size(task: &TaskRecord, siblings: &Replay) -> (f64, &'static str) {
    let failed_mb = task.needed_more_than_mb();
    let retry = retry_mb(failed_mb, siblings.history().largest_mb);
    let asked = siblings.size(task.input_bytes).map_or(0.0, |size| size.memory_mb);
    if asked > retry {
        (asked, "what its group asks for at the stated risk")
    } else if retry >= failed_mb * 2.0 {
        (retry, "twice what was not enough: no run of its group that finished needed more than that")
    } else {
        (retry, "the largest peak of its group's finished runs + 2 %")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::RunEnd;

    fn task(peak_mb: f64, kill: MemoryKill, finished: bool) -> TaskRecord {
        let end = RunEnd { kill, evidence: "", finished };
        TaskRecord { peak_mb, runtime_s: 60.0, end, days: vec![(0.0, peak_mb)], ..TaskRecord::default() }
    }

    fn retry(killed: TaskRecord, peaks: &[f64]) -> RetrySize {
        let mut tasks: Vec<TaskRecord> = peaks.iter().map(|peak| task(*peak, MemoryKill::No, true)).collect();
        tasks.push(killed);
        retry_sizes(tasks, 0.01).retries.pop().expect("one did not finish")
    }

    #[test]
    fn twice_where_nobody_needed_more() {
        let alone = retry(task(500.0, MemoryKill::Known, false), &[]);
        assert_eq!((alone.memory_mb, alone.finished), (Some(1000.0), 0));
        let limited = TaskRecord { limit_mb: Some(600.0), ..task(500.0, MemoryKill::Known, false) };
        assert_eq!(retry(limited, &[300.0]).memory_mb, Some(1200.0));
    }

    #[test]
    fn what_siblings_needed_where_they_did() {
        let many: Vec<f64> = (0..300).map(|i| 800.0 + f64::from(i % 5)).collect();
        let memory_mb = retry(task(500.0, MemoryKill::Known, false), &many).memory_mb.expect("a size");
        assert!((804.0..850.0).contains(&memory_mb), "{memory_mb}");
    }

    #[test]
    fn an_error_of_its_own_needs_no_memory() {
        let broke = retry(task(500.0, MemoryKill::No, false), &[]);
        assert_eq!(broke.memory_mb, None);
        assert!(!retry_sizes(vec![task(5.0, MemoryKill::No, false)], 0.01).has_memory_kill());
    }
}
