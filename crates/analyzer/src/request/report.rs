//! The memory for the next run of each group, with the record behind it.

use std::collections::BTreeMap;

use memtool_profile_model::{Container, Measure, Workload};
use serde::Serialize;

use super::cost::Cost;
use super::record::TaskRecord;
use super::replay::Replay;
use super::request_rule::RequestRule;
use super::rules::{KRR, VPA};
use super::schedule::ScheduledGroup;

/// Share of a group's runs that only learn in the back-test.
const LEARNS: f64 = 0.3;
/// Fewer runs have no back-test.
const FEWEST_TESTED: usize = 10;

/// The options of [`request`].
#[derive(Debug, Clone, PartialEq)]
pub struct RequestOptions {
    /// The share of runs that may fail for memory, above 0 and below 0.5.
    pub risk: f64,
    /// Size of the next run's input in bytes, where it is known.
    pub input_bytes: Option<f64>,
}

impl Default for RequestOptions {
    fn default() -> Self {
        Self { risk: 0.01, input_bytes: None }
    }
}

/// The memory for the next run of each group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RequestReport {
    /// `memtool.request/1`.
    pub schema: &'static str,
    /// The share of runs that may fail for memory.
    pub risk: f64,
    /// One answer a group, in order of name.
    pub groups: Vec<GroupRequest>,
    /// Memory by phase for each group, if requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedules: Option<Vec<ScheduledGroup>>,
}

/// The memory for the next run of one group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupRequest {
    /// The group.
    pub group: String,
    /// Its runs that ended by themselves.
    pub runs: usize,
    /// Its runs that were killed for memory, or may have been: their peaks are lower bounds.
    pub killed: usize,
    /// Its other runs that did not end by themselves: their peaks are lower bounds, too.
    pub unfinished: usize,
    /// Memory to ask for, in MiB, rounded up; `None` where none can be said.
    pub memory_mb: Option<f64>,
    /// The rule that says so.
    pub rule: Option<&'static str>,
    /// Why this rule, or why no figure.
    pub reason: String,
    /// The largest peak seen, in MiB.
    pub largest_mb: f64,
    /// What the figures measure.
    pub measures: Vec<&'static str>,
    /// What the rules of others say, and how many of these runs needed more.
    pub alternatives: Vec<Alternative>,
    /// The back-test of this rule on these runs.
    pub backtest: Option<SizeBacktest>,
    /// Which containers of Kubernetes its runs were, where all were of one kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub containers: Option<Containers>,
}

/// Containers of one name in the pods of one workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Containers {
    /// Their namespace.
    pub namespace: String,
    /// What their pods belong to.
    pub workload: Workload,
    /// Their name.
    pub name: String,
    /// How often they were started again, where that is counted.
    pub restarts: Option<u64>,
}

impl Containers {
    /// Those of some runs; `None` where not all were of one kind.
    fn of(tasks: &[TaskRecord]) -> Option<Self> {
        let of = |container: &Container| (container.job(), container.workload.clone());
        let first = tasks.first()?.container.as_ref()?;
        let all: Vec<&Container> = tasks
            .iter()
            .map(|task| task.container.as_ref().filter(|other| of(other) == of(first)))
            .collect::<Option<_>>()?;
        let counted = all.iter().filter_map(|container| container.restarts);
        Some(Self {
            namespace: first.namespace.clone(),
            workload: first.workload.clone(),
            name: first.name.clone(),
            restarts: counted.reduce(u64::saturating_add),
        })
    }
}

/// What another rule says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Alternative {
    /// The rule.
    pub rule: &'static str,
    /// The memory in MiB.
    pub memory_mb: f64,
    /// Runs that needed more.
    pub would_fail: usize,
}

/// The back-test of rules on the later runs of a group, each sized from those before it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct SizeBacktest {
    /// Runs that were sized.
    pub runs: usize,
    /// This way.
    pub own: Outcome,
    /// KRR's rule.
    pub krr: Outcome,
    /// VPA's rule.
    pub vpa: Outcome,
    /// The memory that was really requested, if all runs have it.
    pub requested: Option<Outcome>,
}

/// What a way of asking cost.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Outcome {
    /// Memory held and not used, in GB (10^9 bytes) times hours; a failed attempt is lost whole.
    pub waste_gb_h: f64,
    /// Runs whose first attempt failed.
    pub failed: usize,
    /// Failed attempts.
    pub failures: u32,
}

impl Outcome {
    fn add(&mut self, cost: Cost) {
        self.waste_gb_h += cost.waste_gb_h;
        self.failed += usize::from(cost.failed());
        self.failures += cost.failures;
    }
}

/// The memory for the next run of each group of tasks.
#[must_use]
pub fn request(tasks: Vec<TaskRecord>, options: &RequestOptions) -> RequestReport {
    let mut groups: BTreeMap<String, Vec<TaskRecord>> = BTreeMap::new();
    for task in tasks {
        groups.entry(task.group.clone()).or_default().push(task);
    }
    let answers = groups.into_iter().map(|(group, tasks)| answer(group, tasks, options)).collect();
    RequestReport { schema: "memtool.request/1", risk: options.risk, groups: answers, schedules: None }
}

fn answer(group: String, mut tasks: Vec<TaskRecord>, options: &RequestOptions) -> GroupRequest {
    tasks.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    let killed = tasks.iter().filter(|task| task.is_killed()).count();
    let (replay, backtest) = replayed(&tasks, options.risk);
    let history = replay.history();
    let mut measures: Vec<&'static str> = tasks.iter().map(|task| task.measure.as_str()).collect();
    measures.sort_unstable();
    measures.dedup();
    let mut answer = GroupRequest {
        group,
        runs: history.count,
        killed,
        unfinished: tasks.iter().filter(|task| !task.end.finished && !task.is_killed()).count(),
        memory_mb: None,
        rule: None,
        reason: String::new(),
        largest_mb: history.largest_mb.max(history.killed_at_mb).max(history.unfinished_mb),
        measures,
        alternatives: alternatives(&replay, &tasks, options.input_bytes),
        backtest,
        containers: Containers::of(&tasks),
    };
    if let Some(reason) = unsized_for(&tasks) {
        answer.reason = reason.to_owned();
    } else if let Some(size) = replay.size(options.input_bytes) {
        (answer.memory_mb, answer.rule) = (Some(size.memory_mb.ceil()), Some(size.rule));
        size.why.clone_into(&mut answer.reason);
    } else {
        let reason = match killed {
            0 => {
                "no run of it has finished (they failed, were stopped, or their recordings break off): record one to its end"
            }
            _ => "no run of it has ended by itself: run it once with more memory",
        };
        reason.clone_into(&mut answer.reason);
    }
    answer
}

/// What KRR's and VPA's rules say of the next run.
fn alternatives(replay: &Replay, tasks: &[TaskRecord], input_bytes: Option<f64>) -> Vec<Alternative> {
    let of = |rule: &RequestRule| {
        let memory_mb = replay.by_rule(rule, input_bytes)?.ceil();
        let would_fail = tasks.iter().filter(|task| task.peak_mb > memory_mb).count();
        Some(Alternative { rule: rule.name, memory_mb, would_fail })
    };
    [KRR, VPA].into_iter().filter_map(of).collect()
}

/// Why memory cannot be requested by the figures of these runs.
fn unsized_for(tasks: &[TaskRecord]) -> Option<&'static str> {
    let of = |is: fn(Measure) -> bool| tasks.iter().any(|task| is(task.measure));
    if of(Measure::is_heap) {
        return Some(
            "the figures are of a runtime's heap, and the process needs more: record its RSS beside it",
        );
    }
    of(|measure| measure == Measure::Machine)
        .then_some("the figures are of a whole machine: record the job itself, with memtool record")
}

/// The runs of a group in order of time, and the back-test of each from those before it.
fn replayed(tasks: &[TaskRecord], risk: f64) -> (Replay, Option<SizeBacktest>) {
    let mut replay = Replay::new(risk);
    let ended = tasks.iter().filter(|task| task.end.finished).count();
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count"
    )]
    let learns = (LEARNS * ended as f64).round() as usize;
    let all_asked = tasks.iter().all(|task| task.requested_mb.is_some());
    let mut test = SizeBacktest { requested: all_asked.then(Outcome::default), ..SizeBacktest::default() };
    for task in tasks {
        if task.end.finished && replay.history().count >= learns.max(1) {
            try_out(&replay, task, &mut test);
        }
        replay.learn(task);
    }
    (replay, (ended >= FEWEST_TESTED).then_some(test))
}

fn try_out(replay: &Replay, task: &TaskRecord, test: &mut SizeBacktest) {
    let cost = |given: f64| Cost::of(given, task.peak_mb, task.runtime_s, replay.history().largest_mb);
    let input = task.input_bytes;
    test.runs += 1;
    test.own.add(cost(replay.size(input).map_or(0.0, |size| size.memory_mb)));
    test.krr.add(cost(replay.by_rule(KRR, input).unwrap_or(0.0)));
    test.vpa.add(cost(replay.by_rule(VPA, input).unwrap_or(0.0)));
    if let (Some(outcome), Some(given)) = (&mut test.requested, task.requested_mb) {
        outcome.add(cost(given));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::killed::{MemoryKill, RunEnd};

    fn tasks(group: &str, peaks: impl Iterator<Item = f64>) -> Vec<TaskRecord> {
        let task = |(at, peak_mb): (usize, f64)| TaskRecord {
            group: group.to_owned(),
            at_s: at as f64 * 60.0,
            peak_mb,
            runtime_s: 3600.0,
            requested_mb: Some(4000.0),
            days: vec![(at as f64 * 60.0, peak_mb)],
            ..TaskRecord::default()
        };
        peaks.enumerate().map(task).collect()
    }

    #[test]
    fn each_group_has_its_own_answer_and_record() {
        let mut all = tasks("b", (0..100).map(|i| 500.0 + f64::from(i % 7)));
        all.extend(tasks("a", (0..100).map(|i| 1000.0 + f64::from(i % 7))));
        let report = request(all, &RequestOptions::default());
        let [a, b] = &report.groups[..] else { panic!("{report:?}") };
        assert_eq!((a.group.as_str(), b.group.as_str()), ("a", "b"));
        assert!(a.memory_mb.expect("a size") > 1006.0 && b.memory_mb.expect("a size") < 600.0);
        let test = a.backtest.expect("a record");
        assert_eq!((test.runs, test.own.failed), (70, 0));
        assert!(test.own.waste_gb_h < test.krr.waste_gb_h);
        assert!(test.krr.waste_gb_h < test.requested.expect("all asked").waste_gb_h);
    }

    #[test]
    fn a_heap_is_no_size_of_a_process() {
        let mut all = tasks("a", (0..20).map(|_| 100.0));
        all.iter_mut().for_each(|task| task.measure = Measure::HeapUsed);
        let report = request(all, &RequestOptions::default());
        assert!(report.groups[0].memory_mb.is_none() && report.groups[0].reason.contains("heap"));
    }

    #[test]
    fn runs_that_failed_by_themselves_ask_for_no_more_memory() {
        let end = RunEnd { kill: MemoryKill::No, evidence: "", finished: false };
        let failed = tasks("a", [500.0].into_iter()).into_iter().map(|task| TaskRecord { end, ..task });
        let report = request(failed.collect(), &RequestOptions::default());
        let answer = &report.groups[0];
        assert!(answer.memory_mb.is_none() && answer.reason.ends_with("record one to its end"), "{answer:?}");
    }

    #[test]
    fn where_all_were_killed_there_is_no_figure() {
        let mut all = tasks("a", (0..3).map(|_| 100.0));
        let end = RunEnd { kill: MemoryKill::Known, evidence: "", finished: false };
        all.iter_mut().for_each(|task| task.end = end);
        let report = request(all, &RequestOptions::default());
        assert!(report.groups[0].memory_mb.is_none() && report.groups[0].killed == 3);
    }
}
