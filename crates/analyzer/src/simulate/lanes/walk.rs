//! One lane's way through its plan, from the edge of a batch to the next: the plain replay without the looks.

use super::Task;
use super::looks::Looks;
use super::policy::Rules;
use crate::simulate::plan::{Plan, PlanOperation, PlanStage, Scale};
use crate::simulate::replay::{
    CARRY, Outcome, alike, cell_of, charged, interval_of, left_by, moment, peak_of, work_of,
};
use memtool_profile_model::AdaptiveConfig;

/// What one replay stands at, apart from what a look needs.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    pub(super) plan: &'a Plan,
    scale: Scale,
    /// From fallback to high.
    sizes: [f64; 4],
    /// Stages begun.
    stage: usize,
    /// Items done of the stage, and all of them.
    done: f64,
    all: f64,
    /// The batch in flight.
    items: f64,
    peak: f64,
    work: f64,
    /// How many it stands for, and level changes and collections before it.
    alike: f64,
    before: (u64, u64),
    /// Memory beyond the plan's, less what collections gave back.
    surplus: f64,
    /// The most that the next batch can start with.
    most: f64,
    now: f64,
    collections: usize,
    outcome: Outcome,
}

impl<'a> Walk<'a> {
    /// Begins a task in a lane.
    pub(super) fn begin(task: &'a Task<'a>, config: &AdaptiveConfig, looks: &mut Looks, lane: usize) -> Self {
        let plan = task.plan;
        // Without batches nothing is known but what was there.
        let peak = if plan.stages.is_empty() { plan.recorded_peak } else { 0.0 };
        let sizes = config.batch_sizes;
        let interval = interval_of(config) * plan.stretch;
        looks.begin(lane, &Rules::of(config), (plan.first_look * interval, interval), plan.total);
        let walk = Self {
            plan,
            scale: task.anchored(),
            sizes: [sizes.fallback, sizes.low, sizes.medium, sizes.high].map(f64::from),
            stage: 0,
            done: 0.0,
            all: 0.0,
            items: 0.0,
            peak: 0.0,
            work: 0.0,
            alike: 1.0,
            before: (0, 0),
            surplus: 0.0,
            most: f64::INFINITY,
            now: 0.0,
            collections: 0,
            outcome: Outcome { peak, charged: peak, seconds: plan.outside, ..Outcome::default() },
        };
        walk.look(looks, lane, 0.0, plan.first_rss);
        walk
    }

    /// A look between batches.
    fn look(&self, looks: &mut Looks, lane: usize, seconds: f64, rss: f64) {
        looks.alone(lane, seconds, rss, moment(self.plan, seconds, rss).available);
    }

    /// Goes to the next batch that has a look inside; whether there is one before the end.
    pub(super) fn next(&mut self, looks: &mut Looks, lane: usize) -> bool {
        while let Some((stage, operation)) = self.place(looks, lane) {
            self.start(looks, lane, stage, operation);
            if looks.ahead(lane) {
                return true;
            }
            self.finish(looks, lane);
        }
        false
    }

    /// The outcome, at the end.
    pub(super) fn outcome(&self, looks: &Looks, lane: usize) -> Outcome {
        let mut outcome = self.outcome;
        outcome.count(1.0, (0, 0), looks.policies.counters(lane));
        outcome
    }

    /// The stage that has work left, after the pauses on the way to it.
    fn place(&mut self, looks: &mut Looks, lane: usize) -> Option<(&'a PlanStage, &'a PlanOperation)> {
        let plan = self.plan;
        while self.done >= self.all {
            let stage = plan.stages.get(self.stage)?;
            self.stage += 1;
            (self.done, self.all) = (0.0, stage.items * self.scale.repeats);
            looks.stage(lane, &plan.operations[stage.operation].shape);
            self.pause(looks, lane, stage);
        }
        let stage = &plan.stages[self.stage - 1];
        Some((stage, &plan.operations[stage.operation]))
    }

    fn pause(&mut self, looks: &mut Looks, lane: usize, stage: &PlanStage) {
        let plan = self.plan;
        let operation = &plan.operations[stage.operation];
        let held = plan.held[stage.first] + self.scale.grown(plan, operation, stage.first) + self.surplus;
        let end = self.now + stage.pause;
        let (next, interval) = (looks.next.0[lane], looks.interval.0[lane]);
        if next < end {
            // All looks of a pause see the same memory: the last one tells.
            let last = next + ((end - next) / interval).floor() * interval;
            self.look(looks, lane, last, held);
            looks.next.0[lane] = last + interval;
        }
        self.now = end;
        if plan.looks_at_edges {
            self.look(looks, lane, end, held);
        }
    }

    fn start(&mut self, looks: &mut Looks, lane: usize, stage: &PlanStage, operation: &PlanOperation) {
        let (plan, scale) = (self.plan, &self.scale);
        let cell = cell_of(stage, self.done / self.all);
        let own = plan.held[cell] + scale.grown(plan, operation, cell);
        let held = (own + self.surplus).max(plan.base.min(own)).min(self.most);
        let asked = self.sizes[looks.policies.level(lane)];
        self.items = asked.min(self.all - self.done).max(1.0);
        self.alike = alike(plan, scale, self.items);
        self.before = looks.policies.counters(lane);
        self.peak = peak_of(plan, scale, operation, cell, (held, self.items));
        self.work = work_of(plan, scale, operation, cell, self.items);
        let end = self.now + self.work * plan.wall_per_second;
        looks.batch(lane, (self.now, end), (held, self.peak));
    }

    /// Ends the batch in flight.
    pub(super) fn finish(&mut self, looks: &mut Looks, lane: usize) {
        let plan = self.plan;
        let (begin, mut end) = (looks.begin.0[lane], looks.end.0[lane]);
        let outcome = &mut self.outcome;
        outcome.peak = outcome.peak.max(self.peak);
        outcome.charged = outcome.charged.max(charged(plan, self.peak, begin, end));
        if self.alike > 1.0 {
            // The looks of those that are skipped are skipped with them.
            let skipped = (self.alike - 1.0) * (end - begin);
            end += skipped;
            looks.next.0[lane] += skipped;
            outcome.count(self.alike - 1.0, self.before, looks.policies.counters(lane));
        }
        outcome.seconds += self.alike * (self.work + looks.collecting.0[lane]);
        outcome.seconds_at[looks.policies.level(lane)] += end - begin;
        self.now = end;
        self.done += self.alike * self.items;
        let operation = &plan.operations[plan.stages[self.stage - 1].operation];
        self.most = left_by(plan, &self.scale, operation, (self.peak, self.items));
        self.surplus *= CARRY;
    }

    /// Takes note of a collection at some memory; what it leaves.
    pub(super) fn collect(&mut self, rss: f64) -> f64 {
        let plan = self.plan;
        let given = plan.freed[self.collections % plan.freed.len()] * (rss - plan.base).max(0.0);
        self.collections += 1;
        self.surplus -= given;
        rss - given
    }
}
