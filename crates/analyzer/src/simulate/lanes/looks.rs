//! What a look needs, in lanes: the batch in flight, the next look, and the policies.
//!
//! Memory stands still within each part of a batch's shape. A policy that was given all it allows there, and
//! did not collect, would decide the same at every further look of that part: those are passed over at once.
//! Where both the least and the most memory of a whole batch allow the same, so are all of its looks. Where looks
//! are so dense that every part has one, and memory alone decides, the parts are gone through without them.

use super::policy::Policies;
use super::vector::{Lanes, Mask};
use crate::respond::shape::PARTS;
use crate::simulate::ticks::Ticks;

/// All lanes' looks.
#[derive(Debug)]
pub(super) struct Looks {
    pub(super) policies: Policies,
    /// Lanes that have a task.
    pub(super) active: Mask,
    /// Lanes in which others take memory, so that it never stands still.
    pub(super) shared: Mask,
    /// Begin and end of the batch in flight, and the seconds that collections took in it.
    pub(super) begin: Lanes,
    pub(super) end: Lanes,
    pub(super) collecting: Lanes,
    /// The looks to come, as in `Ticks`, and the moment of the next one.
    origin: Lanes,
    interval: Lanes,
    number: Lanes,
    pub(super) next: Lanes,
    /// Memory at the batch's start, and what it rises by.
    held: Lanes,
    rise: Lanes,
    /// What is available when nobody uses any; infinity where that is not known.
    total: Lanes,
    shape: [Lanes; PARTS],
    /// The least and the most of a shape.
    bounds: [Lanes; 2],
    /// The part of the last look.
    part: Lanes,
}

impl Looks {
    pub(super) fn new(policies: Policies) -> Self {
        let zero = Lanes::all(0.0);
        Self {
            policies,
            active: Mask::NONE,
            shared: Mask::NONE,
            begin: zero,
            end: zero,
            collecting: zero,
            origin: Lanes::all(f64::INFINITY),
            interval: Lanes::all(1.0),
            number: zero,
            next: Lanes::all(f64::INFINITY),
            held: zero,
            rise: zero,
            total: Lanes::all(f64::INFINITY),
            shape: [zero; PARTS],
            bounds: [zero; 2],
            part: zero,
        }
    }

    /// Begins a lane anew.
    pub(super) fn begin(&mut self, lane: usize, total: Option<f64>, shared: bool) {
        self.active.set(lane, true);
        self.shared.set(lane, shared);
        self.total.0[lane] = total.unwrap_or(f64::INFINITY);
    }

    /// Leaves a lane idle.
    pub(super) fn idle(&mut self, lane: usize) {
        self.active.set(lane, false);
        self.shared.set(lane, false);
        self.set_ticks(lane, Ticks::NEVER);
    }

    pub(super) fn ticks(&self, lane: usize) -> Ticks {
        Ticks { origin: self.origin.0[lane], interval: self.interval.0[lane], number: self.number.0[lane] }
    }

    pub(super) fn set_ticks(&mut self, lane: usize, ticks: Ticks) {
        self.origin.0[lane] = ticks.origin;
        self.interval.0[lane] = ticks.interval;
        self.number.0[lane] = ticks.number;
        self.next.0[lane] = ticks.next();
    }

    /// Begins a stage, whose batches have a shape of their own.
    pub(super) fn stage(&mut self, lane: usize, shape: &[f64; PARTS]) {
        for (lanes, share) in self.shape.iter_mut().zip(shape) {
            lanes.0[lane] = *share;
        }
        self.bounds[0].0[lane] = shape.iter().copied().fold(f64::INFINITY, f64::min);
        self.bounds[1].0[lane] = shape.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    }

    /// A look of one lane between batches.
    pub(super) fn alone(&mut self, lane: usize, seconds: f64, rss: f64, available: Option<f64>) {
        let available = Lanes::all(available.unwrap_or(f64::INFINITY));
        self.policies.step(Mask::only(lane), Lanes::all(seconds), Lanes::all(rss), available);
    }

    /// Begins a batch in every lane, takes the looks of those whose policy decides the same throughout, and answers
    /// the lanes that have looks left.
    #[inline(always)]
    pub(super) fn batch(&mut self, (begin, end): (Lanes, Lanes), (held, peak): (Lanes, Lanes)) -> Mask {
        (self.begin, self.end, self.collecting) = (begin, end, Lanes::all(0.0));
        (self.held, self.rise) = (held, peak - held);
        let ahead = self.active & self.next.below(end);
        let [one, other] = [held + self.bounds[0] * self.rise, held + self.bounds[1] * self.rise];
        let range = (one.min(other), one.max(other));
        let alone = ahead & !self.shared & self.policies.by_memory_alone(range.1);
        if !alone.any() {
            return ahead;
        }
        let alike = self.policies.decide_alike(alone, self.total, range);
        // Of two looks in a row both may lie in one part, never a whole part between them.
        let width = (end - begin) * Lanes::all(DENSE / COUNT);
        let dense = alone & !alike & self.interval.below(width) & (self.next - begin).below(width);
        if dense.any() {
            for share in self.shape {
                self.policies.decide(dense, self.total, self.held + share * self.rise);
            }
        }
        self.skip_to(alike | dense, end);
        ahead & !(alike | dense)
    }

    /// One look in some lanes, where others hold so much memory; who collects, and at what memory.
    #[inline(always)]
    pub(super) fn look(&mut self, who: Mask, others: Option<Lanes>) -> (Mask, Lanes) {
        self.part = self.part_at(self.next);
        let mut shape = self.part;
        for (lane, share) in shape.0.iter_mut().enumerate() {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 9")]
            let part = *share as usize;
            *share = self.shape[part.min(PARTS - 1)].0[lane];
        }
        let rss = self.held + shape * self.rise;
        let mut available = self.total - rss;
        if let Some(others) = others {
            available = available - others;
        }
        let available = available.max(Lanes::all(0.0));
        let collect = self.policies.step(who, self.next, rss, available);
        (collect, rss)
    }

    /// Goes on to the next look that may decide otherwise; the lanes in which it still lies in the batch.
    #[inline(always)]
    pub(super) fn go_on(&mut self, who: Mask, collect: Mask) -> Mask {
        let one = Lanes::all(1.0);
        let mut number = self.number + one;
        let still = who & self.policies.settled & !collect & !self.shared;
        let of = (self.end - self.begin) * Lanes::all(1.0 / COUNT);
        let left = self.begin + (self.part + one) * of;
        // All looks of smaller numbers lie in this part, more than a look from its end.
        let far = ((left - self.origin) / self.interval).trunc();
        let jumps = still & number.below(far);
        if jumps.any() {
            let at = self.origin + far * self.interval;
            let stays = !self.part_at(at).differs(self.part) & at.below(self.end);
            number = jumps.choose(far + stays.keep(one), number);
        }
        self.number = who.choose(number, self.number);
        self.next = self.origin + self.number * self.interval;
        who & self.next.below(self.end)
    }

    /// Goes on to the first look that is not before a moment, as `Ticks` do.
    #[inline(always)]
    fn skip_to(&mut self, who: Mask, moment: Lanes) {
        let far = ((moment - self.origin) / self.interval).trunc();
        self.number = who.choose(self.number.max(far), self.number);
        loop {
            self.next = self.origin + self.number * self.interval;
            let behind = who & self.next.below(moment);
            if !behind.any() {
                return;
            }
            self.number = self.number + behind.keep(Lanes::all(1.0));
        }
    }

    /// All further looks of a lane come later.
    pub(super) fn delay(&mut self, lane: usize, seconds: f64) {
        let mut ticks = self.ticks(lane);
        ticks.delay(seconds);
        self.set_ticks(lane, ticks);
    }

    /// The part of the batch that a moment lies in, as `part_of` has it.
    #[inline(always)]
    fn part_at(&self, moment: Lanes) -> Lanes {
        let share = (moment - self.begin) / (self.end - self.begin);
        let share = share.max(Lanes::all(0.0)).min(Lanes::all(1.0));
        (share * Lanes::all(COUNT)).trunc().min(Lanes::all(COUNT - 1.0))
    }
}

/// Looks must be closer than a part is wide by a little more than rounding.
const DENSE: f64 = 1.0 - 1e-6;
#[expect(clippy::cast_precision_loss, reason = "ten")]
const COUNT: f64 = PARTS as f64;
