//! One run, as sizing sees it.

use std::path::Path;

use memtool_profile_model::{Container, Measure, Mib, Run, Snapshot};

use super::grouping::{GroupBy, usual};
use super::killed::{MemoryKill, RunEnd, allowed_mb};

/// Seconds of a day.
const DAY_S: f64 = 86_400.0;

/// One run of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskRecord {
    /// The kind of task: runs of one group are sized together.
    pub group: String,
    /// When it started, in seconds since 1970; 0 where it is not known.
    pub at_s: f64,
    /// Its largest memory in MiB; of a run that did not finish only what it had reached.
    pub peak_mb: f64,
    /// How long it ran, in seconds; 0 where it is not known.
    pub runtime_s: f64,
    /// The requested memory, in MiB.
    pub requested_mb: Option<f64>,
    /// What it was allowed, in MiB: the request, or a limit of its group.
    pub limit_mb: Option<f64>,
    /// Size of its input in bytes, where it is known before the run.
    pub input_bytes: Option<f64>,
    /// What the figures measure.
    pub measure: Measure,
    /// How it ended.
    pub end: RunEnd,
    /// Which attempt this was, where a framework counts them.
    pub attempt: Option<u32>,
    /// The largest memory of each of its days, by seconds since 1970: more than one for a long run.
    pub days: Vec<(f64, f64)>,
    /// Which container of Kubernetes it was.
    pub container: Option<Container>,
}

impl Default for TaskRecord {
    fn default() -> Self {
        Self {
            group: String::new(),
            at_s: 0.0,
            peak_mb: 0.0,
            runtime_s: 0.0,
            requested_mb: None,
            limit_mb: None,
            input_bytes: None,
            measure: Measure::default(),
            end: RunEnd { finished: true, ..RunEnd::default() },
            attempt: None,
            days: Vec::new(),
            container: None,
        }
    }
}

impl TaskRecord {
    /// What a run of any file says: one record, or one for each operation where runs are grouped by them; none
    /// without a memory figure, or if its file does not have the column to group by.
    #[must_use]
    pub fn of(run: &Run, path: &Path, by: Option<&GroupBy>) -> Vec<Self> {
        if by == Some(&GroupBy::Operation) {
            return by_operation(run);
        }
        let group = by.map_or_else(|| Some(usual(run, path)), |by| by.key(run, path));
        group.and_then(|group| Self::whole(run, group)).into_iter().collect()
    }

    fn whole(run: &Run, group: String) -> Option<Self> {
        let duration = run.snapshots.first().zip(run.snapshots.last());
        let duration = duration.map_or(0.0, |(first, last)| last.at.seconds_since(first.at));
        let at_s = began(run);
        let days = days(&run.snapshots, at_s);
        let sampled = days.iter().map(|day| day.1).fold(0.0, f64::max);
        let stated = run.stated_peak.map_or(0.0, |peak| peak.rss.get());
        let exact = run.batches.iter().filter_map(|batch| batch.rss_peak).map(Mib::get).fold(0.0, f64::max);
        let peak_mb = sampled.max(stated).max(exact);
        let runtime_s = run.task.as_ref().and_then(|task| task.runtime_s).unwrap_or(duration);
        (peak_mb > 0.0).then(|| Self::new(run, group, (peak_mb, runtime_s), days))
    }

    #[expect(clippy::cast_precision_loss, reason = "bytes")]
    fn new(run: &Run, group: String, (peak_mb, runtime_s): (f64, f64), days: Vec<(f64, f64)>) -> Self {
        let task = run.task.clone().unwrap_or_default();
        let limit_mb = allowed_mb(run);
        let input = task.input_bytes.filter(|_| is_known_before(run));
        Self {
            group,
            at_s: began(run),
            peak_mb,
            runtime_s,
            requested_mb: task.requested_mb.map(Mib::get),
            limit_mb,
            input_bytes: input.map(|bytes| bytes as f64),
            measure: run.measure(),
            end: RunEnd::of(run, peak_mb, limit_mb),
            attempt: task.attempt,
            days,
            container: run.container.clone(),
        }
    }

    /// Whether memory has ended it, or may have.
    #[must_use]
    pub fn is_killed(&self) -> bool {
        self.end.kill != MemoryKill::No
    }

    /// What it needed more than, in MiB: of a run that its limit killed that limit, where it is known.
    #[must_use]
    pub fn needed_more_than_mb(&self) -> f64 {
        let limit = self.limit_mb.filter(|_| self.end.kill >= MemoryKill::Likely);
        self.peak_mb.max(limit.unwrap_or(0.0))
    }
}

/// A record for each operation: its largest memory and its time, in one pass over the samples.
fn by_operation(run: &Run) -> Vec<TaskRecord> {
    let (names, at_s) = (run.operations.names(), began(run));
    let mut parts = vec![Part::default(); names.len()];
    for (place, snapshot) in run.snapshots.iter().enumerate() {
        let Some(id) = snapshot.operation else { continue };
        let next = run.snapshots.get(place + 1);
        let part = &mut parts[id.index()];
        part.seconds += next.map_or(0.0, |next| next.at.seconds_since(snapshot.at));
        add_to_day(&mut part.days, snapshot, at_s);
    }
    for batch in &run.batches {
        let Some((id, peak)) = batch.operation.zip(batch.rss_peak) else { continue };
        parts[id.index()].exact_mb = parts[id.index()].exact_mb.max(peak.get());
    }
    let sized = names.iter().zip(parts).map(|(name, part)| (name.clone(), part.peak_mb(), part));
    let seen = sized.filter(|(_, peak_mb, _)| *peak_mb > 0.0);
    seen.map(|(name, peak_mb, part)| TaskRecord::new(run, name, (peak_mb, part.seconds), part.days)).collect()
}

/// What a run did under one operation.
#[derive(Debug, Clone, Default)]
struct Part {
    days: Vec<(f64, f64)>,
    exact_mb: f64,
    seconds: f64,
}

impl Part {
    fn peak_mb(&self) -> f64 {
        self.days.iter().map(|day| day.1).fold(self.exact_mb, f64::max)
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds since 1970")]
fn began(run: &Run) -> f64 {
    run.started.as_second() as f64
}
/// Formats whose input size is what a run was seen to read, and not known before it.
const MEASURED_INPUT: [&str; 1] = ["nextflow"];

fn is_known_before(run: &Run) -> bool {
    !run.origin.as_ref().is_some_and(|origin| MEASURED_INPUT.contains(&origin.format.as_ref()))
}

/// The largest sample of each day since the run's start.
fn days(snapshots: &[Snapshot], at_s: f64) -> Vec<(f64, f64)> {
    let mut days = Vec::new();
    snapshots.iter().for_each(|snapshot| add_to_day(&mut days, snapshot, at_s));
    days
}

fn add_to_day(days: &mut Vec<(f64, f64)>, snapshot: &Snapshot, at_s: f64) {
    let Some(rss) = snapshot.rss.map(Mib::get) else { return };
    let day = at_s + (snapshot.at.seconds() / DAY_S).floor() * DAY_S;
    match days.last_mut() {
        Some(last) if last.0 >= day => last.1 = last.1.max(rss),
        _ => days.push((day, rss)),
    }
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::{Offset, Operations, Task};

    use super::*;

    fn record(run: &Run) -> Option<TaskRecord> {
        TaskRecord::of(run, Path::new("service.json"), None).pop()
    }

    fn at(seconds: f64, rss_mb: f64) -> Snapshot {
        Snapshot { at: Offset::from_seconds(seconds), rss: Some(Mib::new(rss_mb)), ..Snapshot::default() }
    }

    #[test]
    fn a_long_run_has_a_peak_for_each_day() {
        let start_up = |hour| if hour == 0 { 900.0 } else { 100.0 };
        let snapshots = (0..7 * 24).map(|hour| at(f64::from(hour) * 3600.0, start_up(hour))).collect();
        let run = Run { snapshots, ..Run::default() };
        let task = record(&run).expect("figures");
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
        let found = record(&run).expect("figures");
        assert!(found.is_killed() && found.group == "ALIGN");
        assert_eq!(record(&Run::default()), None);
    }

    #[test]
    fn an_operation_has_its_own_peak_and_time() {
        let mut operations = Operations::default();
        let ids = ["load", "write"].map(|name| operations.intern(name));
        let seen = [(0.0, 100.0, 0), (10.0, 500.0, 0), (20.0, 200.0, 1), (50.0, 250.0, 1)];
        let snapshots =
            seen.map(|(t, mb, place)| Snapshot { operation: Some(ids[place]), ..at(t, mb) }).to_vec();
        let run = Run { operations, snapshots, ..Run::default() };
        let records = TaskRecord::of(&run, Path::new(""), Some(&GroupBy::Operation));
        let figures: Vec<_> = records.iter().map(|r| (r.group.as_str(), r.peak_mb, r.runtime_s)).collect();
        assert_eq!(figures, [("load", 500.0, 20.0), ("write", 250.0, 30.0)]);
    }

    #[test]
    fn a_run_that_its_limit_killed_needed_more_than_that() {
        let task = Task { exit_code: Some(137), requested_mb: Some(Mib::new(1000.0)), ..Task::default() };
        let of = |peak| {
            let run = Run { snapshots: vec![at(0.0, peak)], task: Some(task.clone()), ..Run::default() };
            record(&run).expect("figures").needed_more_than_mb()
        };
        assert_eq!((of(900.0), of(300.0)), (1000.0, 300.0));
    }
}
