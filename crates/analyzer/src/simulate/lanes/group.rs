//! Eight replays side by side.
//!
//! Every lane has one batch in flight, under its own config and on its own plan; all of them begin and end their
//! batches together (`edges`), and the looks inside are taken until no lane has any left (`looks`). What is
//! rare — a new stage, a collection, the next task — is done lane by lane (`walk`). A lane whose replay is
//! over takes the next task, so that none idles while there are tasks.

use super::Laned;
use super::edges::Edges;
use super::looks::Looks;
use super::policy::{Policies, Rules};
use super::vector::{LANES, Lanes, Mask};
use super::walk::Walk;
use crate::simulate::replay::{Outcome, others_at};

/// The lanes, with the tasks that they take.
pub(super) struct Group<'a> {
    tasks: std::iter::Enumerate<std::slice::Iter<'a, Laned<'a>>>,
    outcomes: Vec<Outcome>,
    /// The walk of each lane, with the place of its task.
    walks: [Option<(usize, Walk<'a>)>; LANES],
    looks: Looks,
    edges: Edges<'a>,
}

impl<'a> Group<'a> {
    pub(super) fn new(tasks: &'a [Laned<'a>]) -> Self {
        let rules = || tasks.iter().filter_map(|task| task.config).map(Rules::of);
        let policies = Policies::new(rules().any(|r| r.holds()), rules().any(|r| r.cools()));
        Self {
            outcomes: vec![Outcome::default(); tasks.len()],
            tasks: tasks.iter().enumerate(),
            walks: std::array::from_fn(|_| None),
            looks: Looks::new(policies),
            edges: Edges::new(),
        }
    }

    /// Replays all tasks.
    #[inline(always)]
    pub(super) fn run(mut self) -> Vec<Outcome> {
        for lane in 0..LANES {
            self.take_task(lane);
        }
        while self.looks.active.any() {
            let walks = &self.walks;
            let factor = |lane: usize, items: f64| {
                walks[lane].as_ref().map_or(1.0, |(_, walk)| walk.laned.scale.anchors.factor(items))
            };
            let mut left = self.edges.start(&mut self.looks, factor);
            while left.any() {
                left = self.look(left);
            }
            let walks = &self.walks;
            let over = self
                .edges
                .finish(&mut self.looks, |lane| walks[lane].as_ref().map(|(_, walk)| walk.laned.plan));
            if over.any() {
                self.stages(over);
            }
        }
        self.outcomes
    }

    /// One look in some lanes; those that have more of them.
    #[inline(always)]
    fn look(&mut self, who: Mask) -> Mask {
        let shared = who & self.looks.shared;
        let others = shared.any().then(|| self.others_now(shared));
        let (collect, rss) = self.looks.look(who, others);
        if collect.any() {
            self.collect(collect, rss);
        }
        self.looks.go_on(who, collect)
    }

    /// The next stages of lanes that are done with one, or their next tasks.
    #[inline(never)]
    fn stages(&mut self, over: Mask) {
        for lane in (0..LANES).filter(|lane| over.has(*lane)) {
            let Some((_, walk)) = &mut self.walks[lane] else { continue };
            if !walk.next(&mut self.looks, &mut self.edges, lane) {
                self.take_task(lane);
            }
        }
    }

    /// Gives a lane the next task that has a batch, or leaves it idle.
    fn take_task(&mut self, lane: usize) {
        loop {
            if let Some((place, _)) = self.walks[lane].take() {
                self.outcomes[place] = self.edges.outcome(&self.looks, lane);
            }
            let Some((place, task)) = self.tasks.next() else {
                self.looks.idle(lane);
                self.edges.idle(lane);
                return;
            };
            let lanes = (&mut self.looks, &mut self.edges);
            let mut walk = Walk::begin(task, lanes, lane);
            let goes_on = walk.next(&mut self.looks, &mut self.edges, lane);
            self.walks[lane] = Some((place, walk));
            if goes_on {
                return;
            }
        }
    }

    #[inline(never)]
    fn collect(&mut self, who: Mask, rss: Lanes) {
        let mut after = rss;
        for lane in (0..LANES).filter(|lane| who.has(*lane)) {
            let Some((_, walk)) = self.walks[lane].as_mut() else { continue };
            let given = walk.collect(rss.0[lane]);
            after.0[lane] = rss.0[lane] - given;
            self.edges.surplus.0[lane] -= given;
            let seconds = walk.laned.plan.collection_seconds;
            self.looks.collecting.0[lane] += seconds / walk.laned.plan.wall_per_second;
            self.looks.end.0[lane] += seconds;
            self.looks.delay(lane, seconds);
        }
        self.looks.policies.collected(who, rss, after);
    }

    /// What others hold at each lane's look.
    #[inline(never)]
    fn others_now(&self, who: Mask) -> Lanes {
        let mut others = Lanes::all(0.0);
        for lane in (0..LANES).filter(|lane| who.has(*lane)) {
            if let Some((_, walk)) = &self.walks[lane] {
                others.0[lane] = others_at(walk.laned.plan, self.looks.next.0[lane]);
            }
        }
        others
    }
}
