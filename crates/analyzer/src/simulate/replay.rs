//! The closed loop: batches of some size are laid over the work of a plan, one after the other.
//!
//! The next batch's size is asked for at the end of the one before, and a batch in flight never changes
//! it. While it runs, the policy looks at its interval, sees the memory of that moment, and may collect.
//! A kill comes inside a batch, where its peak and what others hold reach the limit; the replay goes
//! on, so that the peak of a killed run is known.

use super::hand::{Hand, Moment};
use super::plan::{Plan, PlanOperation, PlanStage};
use crate::respond::shape::part_of;

/// How much of what a collection gave back stays so, from batch to batch.
const CARRY: f64 = 0.8;

/// Batches that one replay looks at, about.
const MOST_STEPS: f64 = 20_000.0;

/// What one replay came to.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Outcome {
    pub(super) peak: f64,
    /// The most that counted against the limit.
    pub(super) charged: f64,
    /// Seconds of work.
    pub(super) seconds: f64,
    pub(super) level_changes: u64,
    pub(super) gc_runs: u64,
    /// Seconds at fallback, low, medium and high.
    pub(super) seconds_at: [f64; 4],
}

/// What moves while the replay goes on.
struct Clock {
    /// Seconds since the start.
    now: f64,
    next_look: f64,
    interval: f64,
    /// Memory beyond the plan's, less what collections gave back.
    surplus: f64,
    /// The most that the next batch can start with.
    most: f64,
    collections: usize,
}

/// Replays a plan; `hear` hears of time and memory at the edges and the peak of each batch.
pub(super) fn replay(plan: &Plan, hand: &mut Hand<'_>, mut hear: impl FnMut(f64, f64)) -> Outcome {
    // Without batches nothing is known but what was there.
    let peak = if plan.stages.is_empty() { plan.recorded_peak } else { 0.0 };
    let mut outcome = Outcome { peak, charged: peak, seconds: plan.outside, ..Outcome::default() };
    let interval = hand.interval() * plan.stretch;
    // Without a policy nobody looks.
    let next_look = if interval.is_finite() { plan.first_look * interval } else { f64::INFINITY };
    let mut clock =
        Clock { now: 0.0, next_look, interval, surplus: 0.0, most: f64::INFINITY, collections: 0 };
    hand.look(moment(plan, 0.0, plan.first_rss));
    for stage in &plan.stages {
        let operation = &plan.operations[stage.operation];
        pause(plan, stage, hand, &mut clock);
        let mut done = 0.0;
        while done < stage.items {
            let cell = cell_of(stage, done);
            let held = (plan.held[cell] + clock.surplus).max(plan.base.min(plan.held[cell])).min(clock.most);
            let (asked, collects) = hand.size(stage.operation, moment(plan, clock.now, held));
            let held = if collects { collected(plan, hand, stage.operation, &mut clock, held) } else { held };
            let items = asked.min(stage.items - done).max(1.0);
            // Of very many batches each one that is looked at stands for some.
            let alike = (plan.items / (items * MOST_STEPS)).ceil().max(1.0);
            let peak = peak_of(plan, operation, cell, held, items);
            let work = plan.pace[cell] * (items + operation.cost + operation.strain * items * items);
            let begin = clock.now;
            hear(begin, held);
            let collecting = run_batch(plan, stage.operation, hand, &mut clock, (held, peak), work);
            hear(f64::midpoint(begin, clock.now), peak);
            outcome.peak = outcome.peak.max(peak);
            outcome.charged = outcome.charged.max(charged(plan, peak, begin, clock.now));
            clock.now += (alike - 1.0) * (clock.now - begin);
            outcome.seconds += alike * (work + collecting);
            outcome.seconds_at[hand.level()] += clock.now - begin;
            done += alike * items;
            // Nothing is left behind that was not there at the peak, but for what items keep.
            clock.most = peak + operation.kept * items;
            clock.surplus *= CARRY;
            let next = plan.held[cell_of(stage, done)].min(peak);
            hand.finished(stage.operation, items, (held, peak, next), work);
        }
    }
    let counters = hand.counters();
    (outcome.level_changes, outcome.gc_runs) = counters;
    outcome
}

fn cell_of(stage: &PlanStage, done: f64) -> usize {
    #[expect(clippy::cast_precision_loss, reason = "a count of cells")]
    let cells = stage.cells as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index, clamped")]
    let cell = (done / stage.items * cells) as usize;
    stage.first + cell.min(stage.cells - 1)
}

fn peak_of(plan: &Plan, of: &PlanOperation, cell: usize, held: f64, items: f64) -> f64 {
    let level = plan.level[cell] + of.follow * (held - plan.held[cell]);
    let peak = (level + plan.slope[cell] * items).max(held);
    plan.base + (peak - plan.base) * plan.factor * plan.anchors.factor(items)
}

/// The looks inside a batch; answers the seconds that collections took.
fn run_batch(
    plan: &Plan,
    operation: usize,
    hand: &mut Hand<'_>,
    clock: &mut Clock,
    (held, peak): (f64, f64),
    work: f64,
) -> f64 {
    let begin = clock.now;
    let mut end = begin + work * plan.wall_per_second;
    let mut collecting = 0.0;
    while clock.next_look < end {
        let share = (clock.next_look - begin) / (end - begin);
        let rss = held + plan.operations[operation].shape[part_of(share)] * (peak - held);
        if hand.look(moment(plan, clock.next_look, rss)) {
            collected(plan, hand, operation, clock, rss);
            collecting += plan.collection_seconds / plan.wall_per_second;
            end += plan.collection_seconds;
            clock.next_look += plan.collection_seconds;
        }
        clock.next_look += clock.interval;
    }
    clock.now = end;
    collecting
}

/// Memory after a collection, which is told to the policy.
fn collected(plan: &Plan, hand: &mut Hand<'_>, operation: usize, clock: &mut Clock, rss: f64) -> f64 {
    let given = plan.freed[clock.collections % plan.freed.len()] * (rss - plan.base).max(0.0);
    clock.collections += 1;
    clock.surplus -= given;
    hand.collected(operation, rss, rss - given);
    rss - given
}

/// The time before a stage, where the policy looks as well.
fn pause(plan: &Plan, stage: &PlanStage, hand: &mut Hand<'_>, clock: &mut Clock) {
    let held = plan.held[stage.first] + clock.surplus;
    let end = clock.now + stage.pause;
    if clock.next_look < end {
        // All looks of a pause see the same memory: the last one tells.
        let looks = ((end - clock.next_look) / clock.interval).floor();
        clock.next_look += looks * clock.interval;
        hand.look(moment(plan, clock.next_look, held));
        clock.next_look += clock.interval;
    }
    clock.now = end;
    if plan.looks_at_edges {
        hand.look(moment(plan, end, held));
    }
}

fn moment(plan: &Plan, seconds: f64, rss: f64) -> Moment {
    let available = plan.total.map(|total| total - rss - others_at(plan, seconds));
    Moment { seconds, rss, available: available.map(|a| a.max(0.0)) }
}

fn others_at(plan: &Plan, seconds: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index, clamped")]
    let index = (seconds.max(0.0) / plan.others_step.max(1e-9)) as usize;
    plan.others.get(index).or(plan.others.last()).copied().unwrap_or(0.0)
}

/// What counts against a limit at a batch's peak.
fn charged(plan: &Plan, peak: f64, begin: f64, end: f64) -> f64 {
    if !plan.others_count {
        return peak - plan.uncharged;
    }
    peak + others_at(plan, begin).max(others_at(plan, f64::midpoint(begin, end))).max(others_at(plan, end))
}
