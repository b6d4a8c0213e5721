//! Eight replays side by side.
//!
//! The looks, which are most of the work, go in lanes: every lane has one look ahead of it in its own
//! batch, under its own config and on its own plan. Where a lane's batch ends, the edge is taken alone, by
//! the functions of the plain replay; a lane whose replay is over takes the next task. So lanes need
//! not keep in step, and none idles while there are tasks.

use super::Leveled;
use super::looks::Looks;
use super::policy::{Policies, Rules};
use super::vector::{LANES, Lanes, Mask};
use super::walk::Walk;
use crate::simulate::replay::{Outcome, others_at};

/// The lanes, with the tasks that they take.
pub(super) struct Group<'a> {
    tasks: std::iter::Enumerate<std::slice::Iter<'a, Leveled<'a>>>,
    outcomes: Vec<Outcome>,
    /// The walk of each lane, with the place of its task.
    walks: [Option<(usize, Walk<'a>)>; LANES],
    looks: Looks,
    /// Whether anyone else takes memory, on any plan.
    others: bool,
}

impl<'a> Group<'a> {
    pub(super) fn new(tasks: &'a [Leveled<'a>]) -> Self {
        let rules = || tasks.iter().map(|leveled| Rules::of(leveled.config));
        let policies = Policies::new(rules().any(|r| r.holds()), rules().any(|r| r.cools()));
        Self {
            others: tasks.iter().any(|leveled| !leveled.task.plan.others.is_empty()),
            outcomes: vec![Outcome::default(); tasks.len()],
            tasks: tasks.iter().enumerate(),
            walks: std::array::from_fn(|_| None),
            looks: Looks::new(policies),
        }
    }

    /// Replays all tasks.
    #[inline(always)]
    pub(super) fn run(mut self) -> Vec<Outcome> {
        for lane in 0..LANES {
            self.take_task(lane);
        }
        while self.looks.active.any() {
            let others = self.others.then(|| self.others_now());
            let (collect, rss) = self.looks.look(others);
            if collect.any() {
                self.collect(collect, rss);
            }
            self.looks.next = self.looks.next + self.looks.interval;
            let ended = self.looks.ended();
            if ended.any() {
                self.edges(ended);
            }
        }
        self.outcomes
    }

    /// The edges of batches that ended.
    #[inline(never)]
    fn edges(&mut self, ended: Mask) {
        for lane in 0..LANES {
            if !ended.has(lane) {
                continue;
            }
            if let Some((_, walk)) = &mut self.walks[lane] {
                walk.finish(&mut self.looks, lane);
                if !walk.next(&mut self.looks, lane) {
                    self.take_task(lane);
                }
            }
        }
    }

    /// Gives a lane the next task that has a look inside a batch, or leaves it idle.
    fn take_task(&mut self, lane: usize) {
        loop {
            if let Some((place, walk)) = self.walks[lane].take() {
                self.outcomes[place] = walk.outcome(&self.looks, lane);
            }
            let Some((place, leveled)) = self.tasks.next() else {
                self.looks.idle(lane);
                return;
            };
            let mut walk = Walk::begin(leveled.task, leveled.config, &mut self.looks, lane);
            let goes_on = walk.next(&mut self.looks, lane);
            self.walks[lane] = Some((place, walk));
            if goes_on {
                return;
            }
        }
    }

    #[inline(never)]
    fn collect(&mut self, who: Mask, rss: Lanes) {
        let mut after = rss;
        for lane in 0..LANES {
            let Some((_, walk)) = self.walks[lane].as_mut().filter(|_| who.has(lane)) else { continue };
            after.0[lane] = walk.collect(rss.0[lane]);
            let seconds = walk.plan.collection_seconds;
            self.looks.collecting.0[lane] += seconds / walk.plan.wall_per_second;
            self.looks.end.0[lane] += seconds;
            self.looks.next.0[lane] += seconds;
        }
        self.looks.policies.collected(who, rss, after);
    }

    /// What others hold at each lane's look.
    fn others_now(&self) -> Lanes {
        let mut others = Lanes::all(0.0);
        for (lane, walk) in self.walks.iter().enumerate() {
            if let Some((_, walk)) = walk {
                others.0[lane] = others_at(walk.plan, self.looks.next.0[lane]);
            }
        }
        others
    }
}
