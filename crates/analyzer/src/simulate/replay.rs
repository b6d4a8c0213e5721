//! The closed loop: batches of some size are laid over the work of a plan, one after the other.
//!
//! The next batch's size is chosen at the end of the one before, and a batch in flight never changes
//! it. While it runs, the policy samples at its interval, sees the memory of that moment, and may collect.
//! A kill comes inside a batch, where its peak and what others hold reach the limit; the replay goes
//! on, so that the peak of a killed run is known.

use super::batch_controller::{BatchController, Moment};
use super::plan::{Plan, PlanOperation, PlanSegment, Scale};
use super::ticks::Ticks;
use crate::memory_model::other_memory::{self, charged_mb};
use crate::memory_model::run_model::RunModel;
use crate::memory_model::segment::OutsideWork;
use crate::memory_model::shape::part_of;

/// How much of what a collection gave back stays so, from batch to batch.
pub(super) const CARRY: f64 = 0.8;

/// Batches that one replay samples at, about.
pub(super) const MOST_STEPS: f64 = 20_000.0;

/// Samples of the policy inside one batch, at most: a longer one is sampled at wider steps, since its memory has only
/// ten parts.
const MOST_SAMPLES: f64 = 256.0;

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

impl Outcome {
    /// Counts level changes and collections from one moment to another, multiplied by a number.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number, not below 0"
    )]
    fn count(&mut self, times: f64, before: (u64, u64), after: (u64, u64)) {
        self.level_changes += times as u64 * (after.0 - before.0);
        self.gc_runs += times as u64 * (after.1 - before.1);
    }
}

/// What moves while the replay goes on.
struct Clock {
    /// Seconds since the start.
    now: f64,
    ticks: Ticks,
    /// Memory beyond the plan's, less what collections gave back.
    surplus: f64,
    /// The most that the next batch can start with.
    most: f64,
    collections: usize,
    of_items: OfItems,
}

/// What follows from a batch's items alone: mostly that of the batch before, which spares a power and a logarithm.
#[derive(Clone, Copy, Default)]
struct OfItems {
    operation: usize,
    items: f64,
    /// The items whose need on the line is theirs.
    needing: f64,
    /// The factor on their peak.
    correction: f64,
}

impl OfItems {
    #[inline]
    fn of(&mut self, scale: &Scale, place: usize, operation: &PlanOperation, items: f64) -> Self {
        if (self.operation, self.items) != (place, items) {
            let needing = operation.bend.map_or(items, |bend| bend.on_line(items));
            *self = Self { operation: place, items, needing, correction: scale.correction.factor(items) };
        }
        *self
    }
}

/// Replays a plan at a scale; `record` takes time and memory at the edges and the peak of each batch.
pub(super) fn replay(
    plan: &Plan,
    scale: &Scale,
    controller: &mut BatchController<'_>,
    mut record: impl FnMut(f64, f64),
) -> Outcome {
    // Without batches nothing is known but what was there.
    let peak = if plan.segments.is_empty() { plan.recorded_peak } else { 0.0 };
    let mut outcome = Outcome { peak, charged: peak, seconds: plan.outside, ..Outcome::default() };
    let interval = controller.interval() * plan.stretch;
    let samples = interval.is_finite();
    let ticks = if samples { Ticks::from(plan.first_sample * interval, interval) } else { Ticks::NEVER };
    let mut clock = Clock {
        now: 0.0,
        ticks,
        surplus: 0.0,
        most: f64::INFINITY,
        collections: 0,
        of_items: OfItems::default(),
    };
    controller.sample(moment(plan, scale, 0.0, plan.first_rss));
    let mut outside = plan.outside_work.iter().peekable();
    let mut place = 0;
    for round in plan.segments.chunk_by(|a, b| a.round == b.round) {
        round.iter().for_each(|segment| pause(plan, scale, segment, controller, &mut clock));
        let mut done = vec![0.0; round.len()];
        let total = |segment: &PlanSegment| segment.items * scale.repeats;
        while round.iter().zip(&done).any(|(segment, done)| *done < total(segment)) {
            while let Some(work) = outside.next_if(|work| work.is_due(place, done[0] / total(&round[0]))) {
                outside_work(plan, scale, work, controller, &mut clock, &mut outcome);
            }
            for (segment, done) in
                round.iter().zip(&mut done).filter(|(segment, done)| **done < total(segment))
            {
                let left = (*done / total(segment), total(segment) - *done);
                *done +=
                    batch(plan, scale, segment, left, controller, (&mut clock, &mut outcome), &mut record);
            }
        }
        place += round.len();
    }
    for work in outside {
        outside_work(plan, scale, work, controller, &mut clock, &mut outcome);
    }
    outcome.count(1.0, (0, 0), controller.counters());
    outcome
}

/// The next batch of a segment of which a share is done and this many items are left; returns the items that it stands for.
fn batch(
    plan: &Plan,
    scale: &Scale,
    segment: &PlanSegment,
    (share, left): (f64, f64),
    controller: &mut BatchController<'_>,
    (clock, outcome): (&mut Clock, &mut Outcome),
    record: &mut impl FnMut(f64, f64),
) -> f64 {
    let operation = &plan.operations[segment.operation];
    let cell = cell_of(segment, share);
    let own = plan.resident[cell] + scale.grown(plan, operation, cell);
    let resident = (own + clock.surplus).max(plan.base.min(own)).min(clock.most);
    let (asked, collects) = controller.size(segment.operation, moment(plan, scale, clock.now, resident));
    let resident =
        if collects { collected(plan, controller, segment.operation, clock, resident) } else { resident };
    let items = controller.of_chunk(asked, segment.of_chunk).min(left).max(1.0);
    let alike = alike(plan, scale, items);
    let of_items = clock.of_items.of(scale, segment.operation, operation, items);
    let peak = peak_of(plan, scale, operation, cell, resident, &of_items);
    let work = work_of(plan, scale, operation, cell, items);
    let (begin, before) = (clock.now, controller.counters());
    record(begin, resident);
    let collecting = run_batch(plan, scale, segment.operation, controller, clock, (resident, peak), work);
    record(f64::midpoint(begin, clock.now), peak);
    outcome.peak = outcome.peak.max(peak);
    outcome.charged = outcome.charged.max(charged(plan, peak, begin, clock.now));
    // The samples of those that are skipped are skipped with them: none is left for the next batch.
    let skipped = (alike - 1.0) * (clock.now - begin);
    clock.now += skipped;
    clock.ticks.delay(skipped);
    clock.ticks.skip_to(clock.now);
    outcome.count(alike - 1.0, before, controller.counters());
    outcome.seconds += alike * (work + collecting);
    outcome.seconds_at[controller.level()] += clock.now - begin;
    // Nothing is left behind that was not there at the peak, but for what items keep.
    clock.most = left_by(plan, scale, operation, peak, &of_items);
    clock.surplus *= CARRY;
    let after = cell_of(segment, share + alike * items / (segment.items * scale.repeats));
    let next = (plan.resident[after] + scale.grown(plan, operation, after)).min(peak);
    controller.finished(segment.operation, items, (resident, peak, next), work);
    alike * items
}

/// Work outside of batches: its peak does not depend on their size, and the policy sees it.
fn outside_work(
    plan: &Plan,
    scale: &Scale,
    work: &OutsideWork,
    controller: &mut BatchController<'_>,
    clock: &mut Clock,
    outcome: &mut Outcome,
) {
    let peak = plan.base + (work.peak - plan.base) * scale.factor;
    controller.sample(moment(plan, scale, clock.now, peak));
    outcome.peak = outcome.peak.max(peak);
    outcome.charged = outcome.charged.max(charged(plan, peak, clock.now, clock.now + work.seconds));
    clock.now += work.seconds;
    clock.ticks.skip_to(clock.now);
}

/// The recorded run once more: its own peak, which repeats exceed by their spread.
pub(super) fn as_recorded(plan: &Plan, model: &RunModel) -> Outcome {
    let missed = if model.exact_peak { plan.missed } else { 0.0 };
    let excess = (plan.factor - missed - 1.0).abs() * (model.peak - model.base);
    let seconds = plan.recorded_seconds + plan.outside;
    Outcome { peak: model.peak + excess, charged: model.charged_peak + excess, seconds, ..Outcome::default() }
}

/// Of very many batches each one that is looked at stands for this many.
fn alike(plan: &Plan, scale: &Scale, items: f64) -> f64 {
    let alike = plan.items * scale.repeats / (items * MOST_STEPS);
    if alike > 1.0 { alike.ceil() } else { 1.0 }
}

/// The cell at a share of a segment's work.
fn cell_of(segment: &PlanSegment, done: f64) -> usize {
    #[expect(clippy::cast_precision_loss, reason = "a count of cells")]
    let cells = segment.cells as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index, clamped")]
    let cell = (done * cells) as usize;
    segment.first + cell.min(segment.cells - 1)
}

/// The peak of a batch of this many items, by the memory at its start.
#[inline]
fn peak_of(
    plan: &Plan,
    scale: &Scale,
    of: &PlanOperation,
    cell: usize,
    resident: f64,
    of_items: &OfItems,
) -> f64 {
    let grown = scale.grown(plan, of, cell);
    let level = plan.level[cell] + grown + of.follow * (resident - (plan.resident[cell] + grown));
    let peak = (level + plan.slope[cell] * of_items.needing).max(resident);
    plan.base + (peak - plan.base) * scale.factor * of_items.correction
}

/// The most that a batch can leave behind: its peak and what items keep. A factor on peaks is an error of the
/// whole prediction; were it left in, each batch would start from the error of the one before.
#[inline]
fn left_by(plan: &Plan, scale: &Scale, of: &PlanOperation, peak: f64, of_items: &OfItems) -> f64 {
    plan.base + (peak - plan.base) / (scale.factor * of_items.correction) + of.kept * of_items.items
}

/// Seconds that a batch works.
fn work_of(plan: &Plan, scale: &Scale, of: &PlanOperation, cell: usize, items: f64) -> f64 {
    plan.pace[cell] / scale.repeats * of.cost.of_batch(items)
}

/// The samples inside a batch; answers the seconds that collections took.
fn run_batch(
    plan: &Plan,
    scale: &Scale,
    operation: usize,
    controller: &mut BatchController<'_>,
    clock: &mut Clock,
    (resident, peak): (f64, f64),
    work: f64,
) -> f64 {
    let begin = clock.now;
    let own = &plan.operations[operation];
    let mut end = begin + work * own.wall_per_second;
    let mut collecting = 0.0;
    let each = clock.ticks.each_within(end - begin, MOST_SAMPLES);
    while clock.ticks.next() < end {
        let seconds = clock.ticks.next();
        let share = (seconds - begin) / (end - begin);
        debug_assert!(share >= 0.0, "a look of a batch before this one");
        let rss = resident + own.shape[part_of(share)] * (peak - resident);
        if controller.sample(moment(plan, scale, seconds, rss)) {
            collected(plan, controller, operation, clock, rss);
            collecting += each * plan.collection_seconds / own.wall_per_second;
            end += each * plan.collection_seconds;
            clock.ticks.delay(each * plan.collection_seconds);
        }
        clock.ticks.pass(each);
    }
    clock.now = end;
    collecting
}

/// Memory after a collection, which the policy gets.
fn collected(
    plan: &Plan,
    controller: &mut BatchController<'_>,
    operation: usize,
    clock: &mut Clock,
    rss: f64,
) -> f64 {
    let given = plan.freed[clock.collections % plan.freed.len()] * (rss - plan.base).max(0.0);
    clock.collections += 1;
    clock.surplus -= given;
    controller.collected(operation, rss, rss - given);
    rss - given
}

/// The time before a segment, where the policy samples as well.
fn pause(
    plan: &Plan,
    scale: &Scale,
    segment: &PlanSegment,
    controller: &mut BatchController<'_>,
    clock: &mut Clock,
) {
    let operation = &plan.operations[segment.operation];
    let resident = plan.resident[segment.first] + scale.grown(plan, operation, segment.first) + clock.surplus;
    let end = clock.now + segment.pause;
    if let Some(last) = last_before(&mut clock.ticks, end) {
        controller.sample(moment(plan, scale, last, resident));
    }
    clock.now = end;
    if plan.samples_at_edges {
        controller.sample(moment(plan, scale, end, resident));
    }
}

/// Passes all samples before a moment and answers the last: where memory stands still, that one tells.
fn last_before(ticks: &mut Ticks, end: f64) -> Option<f64> {
    if ticks.next() >= end {
        return None;
    }
    ticks.skip_to(end);
    Some(Ticks { number: ticks.number - 1.0, ..*ticks }.next())
}

fn moment(plan: &Plan, scale: &Scale, seconds: f64, rss: f64) -> Moment {
    let available = scale.total.map(|total| total - rss - others_at(plan, seconds));
    Moment { seconds, rss, available: available.map(|a| a.max(0.0)) }
}

fn others_at(plan: &Plan, seconds: f64) -> f64 {
    other_memory::at(&plan.others, plan.others_step, seconds)
}

/// What counts against a limit at a batch's peak.
fn charged(plan: &Plan, peak: f64, begin: f64, end: f64) -> f64 {
    let most = [begin, f64::midpoint(begin, end), end].map(|seconds| others_at(plan, seconds));
    let others = plan.others_count.then(|| most[0].max(most[1]).max(most[2]));
    charged_mb(peak, others, plan.mapped)
}
