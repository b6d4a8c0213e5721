//! The edges of batches in lanes: how large the next one is, what it reaches, how long it takes, what it adds to
//! the outcome. The plain replay's lines, each over all lanes.

use super::looks::Looks;
use super::vector::{LANES, Lanes, Mask};
use crate::simulate::plan::{Plan, PlanOperation, PlanStage, Scale};
use crate::simulate::replay::{CARRY, MOST_STEPS, Outcome, charged};

/// A stage as a lane begins it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Course<'a, 'b> {
    pub(super) plan: &'a Plan,
    pub(super) stage: &'a PlanStage,
    pub(super) operation: &'a PlanOperation,
    pub(super) scale: &'b Scale,
    /// Its items.
    pub(super) all: f64,
}

/// What a plan holds for each cell of a lane's stage.
#[derive(Debug, Clone, Copy)]
struct Cells<'a> {
    held: &'a [f64],
    level: &'a [f64],
    slope: &'a [f64],
    pace: &'a [f64],
}

impl Cells<'_> {
    const NONE: Self = Self { held: &[0.0], level: &[0.0], slope: &[0.0], pace: &[0.0] };
}

/// All lanes' batches and what they came to so far.
#[derive(Debug)]
pub(super) struct Edges<'a> {
    cells: [Cells<'a>; LANES],
    cell_count: Lanes,
    /// Items done of the stage, and all of them.
    done: Lanes,
    all: Lanes,
    /// What holds for the stage's operation, as in `PlanOperation`.
    follow: Lanes,
    kept: Lanes,
    cost: Lanes,
    strain: Lanes,
    growth: Lanes,
    /// What holds for the plan and its scale.
    repeats: Lanes,
    whole: Lanes,
    base: Lanes,
    first_rss: Lanes,
    factor: Lanes,
    wall: Lanes,
    uncharged: Lanes,
    /// Lanes in which others count against the limit, and in which a part of a size has a factor of its own.
    others_count: Mask,
    anchored: Mask,
    /// From fallback to high, with the factor of each.
    sizes: [Lanes; 4],
    factors: [Lanes; 4],
    pub(super) now: Lanes,
    /// Memory beyond the plan's, less what collections gave back.
    pub(super) surplus: Lanes,
    /// The most that the next batch can start with.
    most: Lanes,
    /// The batch in flight.
    items: Lanes,
    alike: Lanes,
    peak: Lanes,
    /// Its size's own factor on peaks.
    anchor: Lanes,
    work: Lanes,
    changes_before: Lanes,
    collections_before: Lanes,
    /// The outcomes.
    top: Lanes,
    charged: Lanes,
    seconds: Lanes,
    seconds_at: [Lanes; 4],
    skipped_changes: Lanes,
    skipped_collections: Lanes,
}

impl<'a> Edges<'a> {
    pub(super) fn new() -> Self {
        let zero = Lanes::all(0.0);
        let one = Lanes::all(1.0);
        Self {
            cells: [Cells::NONE; LANES],
            cell_count: one,
            done: zero,
            // An idle lane has endless work.
            all: Lanes::all(f64::INFINITY),
            follow: zero,
            kept: zero,
            cost: zero,
            strain: zero,
            growth: zero,
            repeats: one,
            whole: zero,
            base: zero,
            first_rss: zero,
            factor: one,
            wall: one,
            uncharged: zero,
            others_count: Mask::NONE,
            anchored: Mask::NONE,
            sizes: [one; 4],
            factors: [one; 4],
            now: zero,
            surplus: zero,
            most: Lanes::all(f64::INFINITY),
            items: one,
            alike: one,
            peak: zero,
            anchor: one,
            work: zero,
            changes_before: zero,
            collections_before: zero,
            top: zero,
            charged: zero,
            seconds: zero,
            seconds_at: [zero; 4],
            skipped_changes: zero,
            skipped_collections: zero,
        }
    }

    /// Begins a lane anew.
    pub(super) fn begin(&mut self, lane: usize, plan: &Plan, scale: &Scale, sizes: [f64; 4]) {
        // Without batches nothing is known but what was there.
        let peak = if plan.stages.is_empty() { plan.recorded_peak } else { 0.0 };
        for (place, size) in sizes.into_iter().enumerate() {
            self.sizes[place].0[lane] = size;
            self.factors[place].0[lane] = scale.anchors.factor(size);
            self.seconds_at[place].0[lane] = 0.0;
        }
        self.repeats.0[lane] = scale.repeats;
        self.whole.0[lane] = plan.items * scale.repeats;
        self.base.0[lane] = plan.base;
        self.first_rss.0[lane] = plan.first_rss;
        self.factor.0[lane] = scale.factor;
        self.wall.0[lane] = plan.wall_per_second;
        self.uncharged.0[lane] = plan.uncharged;
        self.others_count.set(lane, plan.others_count);
        self.anchored.set(lane, !scale.anchors.is_empty());
        self.now.0[lane] = 0.0;
        self.surplus.0[lane] = 0.0;
        self.most.0[lane] = f64::INFINITY;
        self.top.0[lane] = peak;
        self.charged.0[lane] = peak;
        self.seconds.0[lane] = plan.outside;
        self.skipped_changes.0[lane] = 0.0;
        self.skipped_collections.0[lane] = 0.0;
    }

    /// Leaves a lane idle.
    pub(super) fn idle(&mut self, lane: usize) {
        self.cells[lane] = Cells::NONE;
        self.cell_count.0[lane] = 1.0;
        self.done.0[lane] = 0.0;
        self.all.0[lane] = f64::INFINITY;
        self.others_count.set(lane, false);
        self.anchored.set(lane, false);
    }

    /// Begins a stage.
    pub(super) fn stage(&mut self, lane: usize, course: Course<'a, '_>) {
        let Course { plan, stage, operation, scale, all } = course;
        let of = |numbers: &'a [f64]| &numbers[stage.first..stage.first + stage.cells];
        self.cells[lane] = Cells {
            held: of(&plan.held),
            level: of(&plan.level),
            slope: of(&plan.slope),
            pace: of(&plan.pace),
        };
        #[expect(clippy::cast_precision_loss, reason = "a count of cells")]
        let cells = stage.cells as f64;
        self.cell_count.0[lane] = cells;
        self.done.0[lane] = 0.0;
        self.all.0[lane] = all;
        self.follow.0[lane] = operation.follow;
        self.kept.0[lane] = operation.kept;
        self.cost.0[lane] = operation.cost;
        self.strain.0[lane] = operation.strain;
        self.growth.0[lane] = scale.growth * operation.growth;
    }

    /// Begins the next batch of every lane; answers the lanes that have looks left in it.
    #[inline(always)]
    pub(super) fn start(&mut self, looks: &mut Looks, factor: impl Fn(usize, f64) -> f64) -> Mask {
        let (zero, one) = (Lanes::all(0.0), Lanes::all(1.0));
        let [of_held, of_level, of_slope, of_pace] = self.cell();
        let grown = self.growth * (of_held - self.first_rss).max(zero);
        let own = of_held + grown;
        let held = (own + self.surplus).max(self.base.min(own)).min(self.most);
        let asked = self.at_level(looks, &self.sizes);
        let items = asked.min(self.all - self.done).max(one);
        let mut anchor = self.at_level(looks, &self.factors);
        let part = self.anchored & items.differs(asked);
        if part.any() {
            for lane in 0..LANES {
                if part.has(lane) {
                    anchor.0[lane] = factor(lane, items.0[lane]);
                }
            }
        }
        let alike = self.whole / (items * Lanes::all(MOST_STEPS));
        self.alike = one.below(alike).choose(alike.ceil(), one);
        let level = of_level + grown + self.follow * (held - own);
        let peak = (level + of_slope * items).max(held);
        self.peak = self.base + (peak - self.base) * self.factor * anchor;
        self.work = of_pace / self.repeats * (items + self.cost + self.strain * items * items);
        self.items = items;
        self.anchor = anchor;
        self.changes_before = looks.policies.changes;
        self.collections_before = looks.policies.collections;
        looks.batch((self.now, self.now + self.work * self.wall), (held, self.peak))
    }

    /// Ends every lane's batch; answers the lanes whose stage is done.
    #[inline(always)]
    pub(super) fn finish(&mut self, looks: &mut Looks, plan: impl Fn(usize) -> Option<&'a Plan>) -> Mask {
        let one = Lanes::all(1.0);
        let (begin, end) = (looks.begin, looks.end);
        self.top = self.top.max(self.peak);
        let mut counted = self.peak - self.uncharged;
        if self.others_count.any() {
            for lane in 0..LANES {
                if let Some(plan) = plan(lane).filter(|plan| plan.others_count) {
                    counted.0[lane] = charged(plan, self.peak.0[lane], begin.0[lane], end.0[lane]);
                }
            }
        }
        self.charged = self.charged.max(counted);
        let more = self.alike - one;
        let skipped = more * (end - begin);
        self.now = end + skipped;
        let skips = looks.active & one.below(self.alike);
        if skips.any() {
            self.skip(looks, skips, skipped);
        }
        self.seconds = self.seconds + self.alike * (self.work + looks.collecting);
        for (level, seconds) in (0..).zip(&mut self.seconds_at) {
            let there = !looks.policies.level.differs(Lanes::all(f64::from(level)));
            *seconds = there.choose(*seconds + (self.now - begin), *seconds);
        }
        self.done = self.done + self.alike * self.items;
        self.most =
            self.base + (self.peak - self.base) / (self.factor * self.anchor) + self.kept * self.items;
        self.surplus = self.surplus * Lanes::all(CARRY);
        looks.active & !self.done.below(self.all)
    }

    /// Counts what batches that are not looked at would do, and passes their looks.
    #[inline(never)]
    fn skip(&mut self, looks: &mut Looks, who: Mask, seconds: Lanes) {
        for lane in (0..LANES).filter(|lane| who.has(*lane)) {
            let more = self.alike.0[lane] - 1.0;
            let policies = &looks.policies;
            self.skipped_changes.0[lane] += more * (policies.changes.0[lane] - self.changes_before.0[lane]);
            self.skipped_collections.0[lane] +=
                more * (policies.collections.0[lane] - self.collections_before.0[lane]);
            let mut ticks = looks.ticks(lane);
            ticks.delay(seconds.0[lane]);
            ticks.skip_to(self.now.0[lane]);
            looks.set_ticks(lane, ticks);
        }
    }

    /// What a lane's replay came to.
    pub(super) fn outcome(&self, looks: &Looks, lane: usize) -> Outcome {
        let (changes, collections) = looks.policies.counters(lane);
        Outcome {
            peak: self.top.0[lane],
            charged: self.charged.0[lane],
            seconds: self.seconds.0[lane],
            level_changes: changes + whole(self.skipped_changes.0[lane]),
            gc_runs: collections + whole(self.skipped_collections.0[lane]),
            seconds_at: std::array::from_fn(|level| self.seconds_at[level].0[lane]),
        }
    }

    /// Memory held, level, need and pace where each lane's work stands.
    #[inline(always)]
    fn cell(&self) -> [Lanes; 4] {
        let place = (self.done / self.all * self.cell_count).min(self.cell_count - Lanes::all(1.0));
        let mut found = [Lanes::all(0.0); 4];
        for (lane, cells) in self.cells.iter().enumerate() {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index, clamped")]
            let place = place.0[lane] as usize;
            found[0].0[lane] = cells.held[place];
            found[1].0[lane] = cells.level[place];
            found[2].0[lane] = cells.slope[place];
            found[3].0[lane] = cells.pace[place];
        }
        found
    }

    /// Of four numbers, from fallback to high, those of the levels in force.
    #[inline(always)]
    fn at_level(&self, looks: &Looks, of: &[Lanes; 4]) -> Lanes {
        let level = looks.policies.level;
        let at_least = |least: f64| level.at_least(Lanes::all(least));
        at_least(2.0).choose(at_least(3.0).choose(of[3], of[2]), at_least(1.0).choose(of[1], of[0]))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number, not below 0")]
fn whole(count: f64) -> u64 {
    count as u64
}
