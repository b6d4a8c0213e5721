//! Schedules replayed over a group's own history, and the one for its next run.

use std::collections::BTreeMap;
use std::path::Path;

use memtool_profile_model::{Mib, Run};
use serde::Serialize;

use super::envelope::{Axis, Envelope, Past, Runtimes};
use super::steps::Step;
use crate::course::Course;
use crate::request::cost::retry_mb;
use crate::request::{GroupBy, TaskRecord};

/// GB (10^9 bytes) times hours of a MiB times seconds.
const GB_H: f64 = Mib::BYTES / 1e9 / 3600.0;
/// Candidates: how runs are laid over each other, and the margin. The first is taken where none has shown enough.
const CANDIDATES: [(Axis, f64); 4] =
    [(Axis::Share, 1.08), (Axis::Share, 1.03), (Axis::Clock, 1.08), (Axis::Clock, 1.03)];
/// Runs before a schedule is made: until then, and where it wastes less, memory is constant.
const FEWEST: usize = 3;
/// The margin of the constant that schedules are compared with, before and after this many runs.
const CONSTANT: (f64, f64, usize) = (1.15, 1.05, 20);
/// A run of a candidate before its own, as for sizes: without any it is taken to fail once in twenty.
const PRIOR: (f64, f64) = (1.0, 20.0);
/// Envelopes are computed again at each of the first runs, then this many times over a history.
const ALWAYS: usize = 8;
const TIMES: usize = 60;
/// Share of the runs that only learn in the back-test.
const LEARNS: f64 = 0.3;

/// A run with its course over time.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleRun {
    /// Group, time and input.
    record: TaskRecord,
    course: Course,
}

impl ScheduleRun {
    /// What a run says; `None` without memory over time, or where it did not end by itself.
    #[must_use]
    pub fn of(run: &Run, path: &Path, by: Option<&GroupBy>) -> Option<Self> {
        let record = TaskRecord::of(run, path, by).pop().filter(|record| record.end.finished)?;
        let course = Course::of(run).filter(Course::has_times)?;
        Some(Self { record, course })
    }

    fn past(&self) -> Past<'_> {
        Past { course: &self.course, input_bytes: self.record.input_bytes }
    }
}

/// The schedule of one group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScheduledGroup {
    /// The group.
    pub group: String,
    /// Its runs with a course over time.
    pub runs: usize,
    /// The schedule for its next run; `None` where a constant wastes less, or too few runs are known.
    pub schedule: Option<Schedule>,
    /// Why there is none, or which candidate it is.
    pub reason: String,
    /// The back-test of schedules on the later 70 % of the runs.
    pub backtest: Option<ScheduleBacktest>,
}

/// Memory by phase.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Schedule {
    /// The steps in order of time; the first begins at 0.
    pub steps: Vec<Step>,
}

/// Memory held and not used, in GB (10^9 bytes) times hours, over the runs that were sized.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct ScheduleBacktest {
    /// Runs that were sized from those before them.
    pub runs: usize,
    /// By schedules.
    pub waste_gb_h: f64,
    /// Runs that passed their schedule.
    pub failed: usize,
    /// By the largest peak + 15 % (KRR).
    pub krr_waste_gb_h: f64,
    /// If each run had had exactly its own peak.
    pub exact_constant_gb_h: f64,
}

/// A schedule of at most `most_steps` for each group.
#[must_use]
pub fn schedules(
    runs: Vec<ScheduleRun>,
    most_steps: usize,
    risk: f64,
    input_bytes: Option<f64>,
) -> Vec<ScheduledGroup> {
    let mut groups: BTreeMap<String, Vec<ScheduleRun>> = BTreeMap::new();
    for run in runs {
        groups.entry(run.record.group.clone()).or_default().push(run);
    }
    groups.into_iter().map(|(group, runs)| of_group(group, runs, most_steps, risk, input_bytes)).collect()
}

fn of_group(
    group: String,
    mut runs: Vec<ScheduleRun>,
    most_steps: usize,
    risk: f64,
    input_bytes: Option<f64>,
) -> ScheduledGroup {
    runs.sort_by(|a, b| a.record.at_s.total_cmp(&b.record.at_s));
    let mut replay = Replayed::new(&runs, most_steps, risk);
    let test = replay.over_all();
    replay.redraw();
    let (schedule, reason) = match replay.chosen(input_bytes) {
        Some(steps) if steps.len() > 1 => {
            (Some(Schedule { steps }), "of the candidates within the risk it wasted least so far")
        }
        Some(_) => (None, "its memory hardly changes over time: a constant is as good"),
        None => (None, "too few runs with memory over time, or a constant wasted less"),
    };
    ScheduledGroup { group, runs: runs.len(), schedule, reason: reason.to_owned(), backtest: test }
}

/// Candidates with their record so far.
struct Replayed<'a> {
    runs: &'a [ScheduleRun],
    most_steps: usize,
    risk: f64,
    learnt: Vec<Past<'a>>,
    runtimes: Runtimes,
    envelopes: Vec<(Envelope, f64)>,
    scores: [Score; CANDIDATES.len()],
    constant: Score,
    largest_mb: f64,
}

/// How a way of asking did so far.
#[derive(Debug, Clone, Copy, Default)]
struct Score {
    waste: f64,
    failed: f64,
    runs: f64,
}

impl Score {
    fn add(&mut self, (waste, failed): (f64, bool)) {
        self.waste += waste;
        self.failed += f64::from(u8::from(failed));
        self.runs += 1.0;
    }

    fn failing(&self) -> f64 {
        (self.failed + PRIOR.0) / (self.runs + PRIOR.1)
    }

    fn mean(&self) -> f64 {
        self.waste / self.runs.max(1.0)
    }
}

impl<'a> Replayed<'a> {
    fn new(runs: &'a [ScheduleRun], most_steps: usize, risk: f64) -> Self {
        Self {
            runs,
            most_steps,
            risk,
            learnt: Vec::new(),
            runtimes: Runtimes::default(),
            envelopes: Vec::new(),
            scores: [Score::default(); CANDIDATES.len()],
            constant: Score::default(),
            largest_mb: 0.0,
        }
    }

    /// Sizes every run from those before it; the back-test of the later ones.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count"
    )]
    fn over_all(&mut self) -> Option<ScheduleBacktest> {
        let learns = (LEARNS * self.runs.len() as f64).round().max(1.0) as usize;
        let mut test = ScheduleBacktest::default();
        for (place, run) in self.runs.iter().enumerate() {
            if place < ALWAYS || place % (self.runs.len() / TIMES).max(1) == 0 {
                self.redraw();
            }
            if place >= learns {
                self.try_out(run, &mut test);
            }
            self.learn(run);
        }
        (test.runs > 0).then_some(test)
    }

    fn redraw(&mut self) {
        if self.learnt.is_empty() {
            return;
        }
        let of = |axis| Envelope::of(&self.learnt, &self.runtimes, axis, self.most_steps);
        let (share, clock) = (of(Axis::Share), of(Axis::Clock));
        let each = |(axis, margin): (Axis, f64)| {
            (if axis == Axis::Share { share.clone() } else { clock.clone() }, margin)
        };
        self.envelopes = CANDIDATES.into_iter().map(each).collect();
    }

    fn steps(&self, candidate: usize, input_bytes: Option<f64>) -> Option<Vec<Step>> {
        let (envelope, margin) = self.envelopes.get(candidate)?;
        Some(envelope.steps(&self.runtimes, input_bytes, *margin))
    }

    /// The steps of the candidate to take; `None` where memory is to be constant.
    fn chosen(&self, input_bytes: Option<f64>) -> Option<Vec<Step>> {
        if self.learnt.len() < FEWEST {
            return None;
        }
        let within = (0..CANDIDATES.len()).filter(|place| self.scores[*place].failing() <= self.risk);
        let best = within.min_by(|a, b| self.scores[*a].mean().total_cmp(&self.scores[*b].mean()));
        let constant = self.constant;
        match best {
            Some(place) if self.scores[place].mean() <= constant.mean() => self.steps(place, input_bytes),
            Some(_) if constant.failing() <= self.risk => None,
            _ => self.steps(0, input_bytes),
        }
    }

    fn constant_mb(&self) -> f64 {
        let (few, many, enough) = CONSTANT;
        self.largest_mb * if self.learnt.len() < enough { few } else { many }
    }

    fn try_out(&self, run: &ScheduleRun, test: &mut ScheduleBacktest) {
        let input = run.record.input_bytes;
        let constant = |memory_mb| vec![Step { from_s: 0.0, memory_mb }];
        let steps = self.chosen(input).unwrap_or_else(|| constant(self.constant_mb()));
        let (waste, failed) = cost(&run.course, &steps, self.largest_mb);
        test.runs += 1;
        test.waste_gb_h += waste * GB_H;
        test.failed += usize::from(failed);
        test.krr_waste_gb_h += cost(&run.course, &constant(self.largest_mb * 1.15), self.largest_mb).0 * GB_H;
        test.exact_constant_gb_h +=
            cost(&run.course, &constant(run.course.peak_mb), self.largest_mb).0 * GB_H;
    }

    fn learn(&mut self, run: &'a ScheduleRun) {
        let input = run.record.input_bytes;
        for place in 0..CANDIDATES.len() {
            if let Some(steps) = self.steps(place, input) {
                self.scores[place].add(cost(&run.course, &steps, self.largest_mb));
            }
        }
        if self.largest_mb > 0.0 {
            let steps = [Step { from_s: 0.0, memory_mb: self.constant_mb() }];
            self.constant.add(cost(&run.course, &steps, self.largest_mb));
        }
        self.largest_mb = self.largest_mb.max(run.course.peak_mb);
        let past = run.past();
        self.runtimes.learn(&past);
        self.learnt.push(past);
    }
}

/// MiB times seconds that a run held and did not use, and whether it passed its steps: it is killed at that sample, what
/// it held until then is lost, and it runs again with a constant.
fn cost(course: &Course, steps: &[Step], largest_mb: f64) -> (f64, bool) {
    let Some(at) = course.points.iter().position(|(at, mb)| *mb > memory_at(steps, *at)) else {
        return (unused(course, steps, course.points.len()), false);
    };
    let mut lost = held(course, steps, at + 1);
    let mut given = retry_mb(memory_at(steps, course.points[at].0).max(1e-3), largest_mb);
    while given < course.peak_mb {
        let until = course.points.iter().position(|(_, mb)| *mb > given).unwrap_or(0);
        lost += held(course, &[Step { from_s: 0.0, memory_mb: given }], until + 1);
        given *= 2.0;
    }
    let last = [Step { from_s: 0.0, memory_mb: given }];
    (lost + unused(course, &last, course.points.len()), true)
}

fn memory_at(steps: &[Step], at: f64) -> f64 {
    let next = steps.partition_point(|step| step.from_s <= at);
    steps.get(next.saturating_sub(1)).map_or(0.0, |step| step.memory_mb)
}

/// Each sample with the time until the next one.
fn spans(course: &Course, samples: usize) -> impl Iterator<Item = (f64, f64, f64)> {
    let points = &course.points;
    points.iter().take(samples).enumerate().map(move |(place, (at, mb))| {
        let end = points.get(place + 1).map_or(course.seconds, |next| next.0);
        (*at, *mb, (end - at).max(0.0))
    })
}

fn held(course: &Course, steps: &[Step], samples: usize) -> f64 {
    spans(course, samples).map(|(at, _, seconds)| memory_at(steps, at) * seconds).sum()
}

fn unused(course: &Course, steps: &[Step], samples: usize) -> f64 {
    spans(course, samples).map(|(at, mb, seconds)| (memory_at(steps, at) - mb) * seconds).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half of the time low, then high.
    fn run(at: usize, seconds: f64, high: f64) -> ScheduleRun {
        let points = (0..100)
            .map(|place| (f64::from(place) * seconds / 100.0, if place < 50 { 100.0 } else { high }))
            .collect();
        let record = TaskRecord { group: "a".to_owned(), at_s: at as f64, ..TaskRecord::default() };
        ScheduleRun { record, course: Course { points, seconds, peak_mb: high } }
    }

    #[test]
    fn a_job_with_two_phases_gets_two_steps_and_wastes_less_than_its_own_peak() {
        let runs = (0..60).map(|at| run(at, 1000.0 + f64::from(at as u32 % 7) * 10.0, 1000.0)).collect();
        let group = schedules(runs, 4, 0.01, None).remove(0);
        let steps = group.schedule.expect("two phases").steps;
        assert!(steps.len() >= 2 && steps[0].memory_mb < 120.0, "{steps:?}");
        assert!((400.0..520.0).contains(&steps[1].from_s) && steps[1].memory_mb >= 1000.0, "{steps:?}");
        let test = group.backtest.expect("a record");
        assert_eq!((test.runs, test.failed), (42, 0));
        assert!(test.waste_gb_h < 0.5 * test.exact_constant_gb_h, "{test:?}");
    }

    #[test]
    fn memory_that_does_not_change_needs_no_schedule() {
        let runs = (0..30).map(|at| run(at, 100.0, 100.0)).collect();
        let group = schedules(runs, 4, 0.01, None).remove(0);
        assert!(group.schedule.is_none() && !group.reason.is_empty());
        assert_eq!(schedules(vec![run(0, 10.0, 5.0)], 4, 0.01, None)[0].schedule, None);
    }

    #[test]
    fn a_run_that_passes_its_steps_is_lost_until_there() {
        let run = run(0, 100.0, 1000.0);
        let steps = [Step { from_s: 0.0, memory_mb: 200.0 }];
        let (waste, failed) = cost(&run.course, &steps, 1000.0);
        // 51 s of 200 are lost; then 1,020 in place of 100 and 1,000 for 50 s each.
        assert!(failed && (waste - (51.0 * 200.0 + 50.0 * 920.0 + 50.0 * 20.0)).abs() < 1e-6, "{waste}");
    }
}
