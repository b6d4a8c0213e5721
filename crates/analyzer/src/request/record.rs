//! One finished run, as sizing sees it.

use memtool_profile_model::{Measure, Mib, Run};

/// Seconds of a day.
const DAY_S: f64 = 86_400.0;

/// One finished run of a group.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TaskRecord {
    /// The kind of task: runs of one group are sized together.
    pub group: String,
    /// When it started, in seconds since 1970; 0 where it is not known.
    pub at_s: f64,
    /// Its largest memory in MiB; of a killed run only what it had reached.
    pub peak_mb: f64,
    /// How long it ran, in seconds; 0 where it is not known.
    pub runtime_s: f64,
    /// What was asked for, in MiB.
    pub requested_mb: Option<f64>,
    /// Size of its input in bytes, where it is known before the run.
    pub input_bytes: Option<f64>,
    /// What the figures measure.
    pub measure: Measure,
    /// Whether it was killed for memory.
    pub killed: bool,
    /// The largest memory of each of its days, by seconds since 1970: more than one for a long run.
    pub days: Vec<(f64, f64)>,
}

impl TaskRecord {
    /// What a run of any file says; `None` without a memory figure.
    ///
    /// Its group is the task's, or else its job, its command, or `otherwise`.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970, and bytes")]
    pub fn of(run: &Run, otherwise: &str) -> Option<Self> {
        let task = run.task.clone().unwrap_or_default();
        let first = run.snapshots.first()?.at;
        let duration = run.snapshots.last().map_or(0.0, |last| last.at.seconds_since(first));
        let at_s = run.started.as_second() as f64;
        let days = days(run, at_s);
        let sampled = days.iter().map(|day| day.1).fold(0.0, f64::max);
        let stated = run.stated_peak.map_or(0.0, |peak| peak.rss.get());
        let exact = run.batches.iter().filter_map(|batch| batch.rss_peak).map(Mib::get).fold(0.0, f64::max);
        let peak_mb = sampled.max(stated).max(exact);
        (peak_mb > 0.0).then(|| Self {
            group: task.group.unwrap_or_else(|| group_of(run, otherwise)),
            at_s,
            peak_mb,
            runtime_s: task.runtime_s.unwrap_or(duration),
            requested_mb: task.requested_mb.map(Mib::get),
            input_bytes: task.input_bytes.filter(|_| is_known_before(run)).map(|bytes| bytes as f64),
            measure: run.measure(),
            killed: run.was_killed_for_memory() || task.signal == Some(9) || task.exit_code == Some(137),
            days,
        })
    }
}

/// Formats whose input size is what a run was seen to read, and not known before it.
const MEASURED_INPUT: [&str; 1] = ["nextflow"];

fn is_known_before(run: &Run) -> bool {
    !run.origin.as_ref().is_some_and(|origin| MEASURED_INPUT.contains(&origin.format.as_ref()))
}

fn group_of(run: &Run, otherwise: &str) -> String {
    let named = [&run.process.job, &run.process.command].into_iter().flatten().find(|name| !name.is_empty());
    named.map_or(otherwise, String::as_str).to_owned()
}

/// The largest sample of each day since the run's start.
fn days(run: &Run, at_s: f64) -> Vec<(f64, f64)> {
    let mut days: Vec<(f64, f64)> = Vec::new();
    for snapshot in &run.snapshots {
        let Some(rss) = snapshot.rss.map(Mib::get) else { continue };
        let day = at_s + (snapshot.at.seconds() / DAY_S).floor() * DAY_S;
        match days.last_mut() {
            Some(last) if last.0 >= day => last.1 = last.1.max(rss),
            _ => days.push((day, rss)),
        }
    }
    days
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::{Offset, Snapshot, Task};

    use super::*;

    fn at(seconds: f64, rss_mb: f64) -> Snapshot {
        Snapshot { at: Offset::from_seconds(seconds), rss: Some(Mib::new(rss_mb)), ..Snapshot::default() }
    }

    #[test]
    fn a_long_run_has_a_peak_for_each_day() {
        let start_up = |hour| if hour == 0 { 900.0 } else { 100.0 };
        let snapshots = (0..7 * 24).map(|hour| at(f64::from(hour) * 3600.0, start_up(hour))).collect();
        let run = Run { snapshots, ..Run::default() };
        let task = TaskRecord::of(&run, "service").expect("figures");
        assert_eq!((task.peak_mb, task.days.len(), task.group.as_str()), (900.0, 7, "service"));
        assert_eq!(
            task.days.iter().map(|day| day.1).collect::<Vec<_>>(),
            [900.0, 100.0, 100.0, 100.0, 100.0, 100.0, 100.0]
        );
    }

    #[test]
    fn a_task_says_its_group_and_how_it_ended() {
        let task = Task { group: Some("ALIGN".to_owned()), exit_code: Some(137), ..Task::default() };
        let run = Run { snapshots: vec![at(0.0, 5.0)], task: Some(task), ..Run::default() };
        let record = TaskRecord::of(&run, "x").expect("figures");
        assert!(record.killed && record.group == "ALIGN");
        assert_eq!(TaskRecord::of(&Run::default(), "x"), None);
    }
}
