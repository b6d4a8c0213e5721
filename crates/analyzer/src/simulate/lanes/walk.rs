//! One lane's way through its plan, from stage to stage: what is too rare to be done in lanes.

use super::Laned;
use super::edges::{Course, Edges};
use super::looks::Looks;
use super::policy::Rules;
use crate::simulate::plan::PlanStage;
use crate::simulate::replay::{interval_of, last_before, moment};
use crate::simulate::ticks::Ticks;

/// What one replay stands at, apart from what its batches need.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    pub(super) laned: &'a Laned<'a>,
    /// Stages begun.
    stage: usize,
    collections: usize,
}

impl<'a> Walk<'a> {
    /// Begins a replay in a lane.
    pub(super) fn begin(
        laned: &'a Laned<'a>,
        (looks, edges): (&mut Looks, &mut Edges<'a>),
        lane: usize,
    ) -> Self {
        let plan = laned.plan;
        looks.begin(lane, plan.total, !plan.others.is_empty());
        edges.begin(lane, plan, &laned.scale, laned.sizes);
        let walk = Self { laned, stage: 0, collections: 0 };
        if let Some(config) = laned.config {
            let interval = interval_of(config) * plan.stretch;
            looks.set_ticks(lane, Ticks::from(plan.first_look * interval, interval));
            looks.policies.begin(lane, &Rules::of(config));
            walk.look(looks, lane, 0.0, plan.first_rss);
        } else {
            looks.set_ticks(lane, Ticks::NEVER);
            looks.policies.stay_high(lane);
        }
        walk
    }

    /// A look between batches.
    fn look(&self, looks: &mut Looks, lane: usize, seconds: f64, rss: f64) {
        looks.alone(lane, seconds, rss, moment(self.laned.plan, seconds, rss).available);
    }

    /// Goes to the next stage that has work, after the pauses on the way to it; whether there is one.
    pub(super) fn next(&mut self, looks: &mut Looks, edges: &mut Edges<'a>, lane: usize) -> bool {
        let Laned { plan, scale, .. } = self.laned;
        while let Some(stage) = plan.stages.get(self.stage) {
            self.stage += 1;
            let operation = &plan.operations[stage.operation];
            looks.stage(lane, &operation.shape);
            let all = stage.items * scale.repeats;
            edges.stage(lane, Course { plan, stage, operation, scale, all });
            self.pause(looks, edges, lane, stage);
            if 0.0 < all {
                return true;
            }
        }
        false
    }

    fn pause(&self, looks: &mut Looks, edges: &mut Edges<'a>, lane: usize, stage: &PlanStage) {
        let Laned { plan, scale, .. } = self.laned;
        let operation = &plan.operations[stage.operation];
        let surplus = edges.surplus.0[lane];
        let held = plan.held[stage.first] + scale.grown(plan, operation, stage.first) + surplus;
        let end = edges.now.0[lane] + stage.pause;
        let mut ticks = looks.ticks(lane);
        // All looks of a pause see the same memory: the last one tells.
        if let Some(last) = last_before(&mut ticks, end) {
            self.look(looks, lane, last, held);
            looks.set_ticks(lane, ticks);
        }
        edges.now.0[lane] = end;
        if plan.looks_at_edges && self.laned.config.is_some() {
            self.look(looks, lane, end, held);
        }
    }

    /// Takes note of a collection at some memory; what it gives back.
    pub(super) fn collect(&mut self, rss: f64) -> f64 {
        let plan = self.laned.plan;
        let given = plan.freed[self.collections % plan.freed.len()] * (rss - plan.base).max(0.0);
        self.collections += 1;
        given
    }
}
