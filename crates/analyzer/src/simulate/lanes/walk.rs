//! One lane's way through its plan, from stage to stage: what is too rare to be done in lanes.

use memtool_profile_model::AdaptiveConfig;

use super::Task;
use super::edges::{Course, Edges};
use super::looks::Looks;
use super::policy::Rules;
use crate::simulate::plan::{Plan, PlanStage, Scale};
use crate::simulate::replay::{interval_of, last_before, moment};
use crate::simulate::ticks::Ticks;

/// What one replay stands at, apart from what its batches need.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    pub(super) plan: &'a Plan,
    pub(super) scale: Scale,
    /// Stages begun.
    stage: usize,
    collections: usize,
}

impl<'a> Walk<'a> {
    /// Begins a task in a lane.
    pub(super) fn begin(
        task: &'a Task<'a>,
        config: &AdaptiveConfig,
        (looks, edges): (&mut Looks, &mut Edges<'a>),
        lane: usize,
    ) -> Self {
        let plan = task.plan;
        let interval = interval_of(config) * plan.stretch;
        looks.begin(lane, &Rules::of(config), plan.total, !plan.others.is_empty());
        looks.set_ticks(lane, Ticks::from(plan.first_look * interval, interval));
        let scale = task.anchored();
        let sizes = config.batch_sizes;
        edges.begin(lane, plan, &scale, [sizes.fallback, sizes.low, sizes.medium, sizes.high].map(f64::from));
        let walk = Self { plan, scale, stage: 0, collections: 0 };
        walk.look(looks, lane, 0.0, plan.first_rss);
        walk
    }

    /// A look between batches.
    fn look(&self, looks: &mut Looks, lane: usize, seconds: f64, rss: f64) {
        looks.alone(lane, seconds, rss, moment(self.plan, seconds, rss).available);
    }

    /// Goes to the next stage that has work, after the pauses on the way to it; whether there is one.
    pub(super) fn next(&mut self, looks: &mut Looks, edges: &mut Edges<'a>, lane: usize) -> bool {
        let plan = self.plan;
        while let Some(stage) = plan.stages.get(self.stage) {
            self.stage += 1;
            let operation = &plan.operations[stage.operation];
            looks.stage(lane, &operation.shape);
            let all = stage.items * self.scale.repeats;
            edges.stage(lane, Course { plan, stage, operation, scale: &self.scale, all });
            self.pause(looks, edges, lane, stage);
            if 0.0 < all {
                return true;
            }
        }
        false
    }

    fn pause(&self, looks: &mut Looks, edges: &mut Edges<'a>, lane: usize, stage: &PlanStage) {
        let plan = self.plan;
        let operation = &plan.operations[stage.operation];
        let surplus = edges.surplus.0[lane];
        let held = plan.held[stage.first] + self.scale.grown(plan, operation, stage.first) + surplus;
        let end = edges.now.0[lane] + stage.pause;
        let mut ticks = looks.ticks(lane);
        // All looks of a pause see the same memory: the last one tells.
        if let Some(last) = last_before(&mut ticks, end) {
            self.look(looks, lane, last, held);
            looks.set_ticks(lane, ticks);
        }
        edges.now.0[lane] = end;
        if plan.looks_at_edges {
            self.look(looks, lane, end, held);
        }
    }

    /// Takes note of a collection at some memory; what it gives back.
    pub(super) fn collect(&mut self, rss: f64) -> f64 {
        let plan = self.plan;
        let given = plan.freed[self.collections % plan.freed.len()] * (rss - plan.base).max(0.0);
        self.collections += 1;
        given
    }
}
