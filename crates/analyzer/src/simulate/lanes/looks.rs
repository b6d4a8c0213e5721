//! What a look needs, in lanes: the batch in flight, the next look, and the policies.

use super::policy::{Policies, Rules};
use super::vector::{LANES, Lanes, Mask};
use crate::respond::shape::{PARTS, part_of};

/// All lanes' looks.
#[derive(Debug)]
pub(super) struct Looks {
    pub(super) policies: Policies,
    /// Lanes that have a look ahead.
    pub(super) active: Mask,
    /// Begin and end of the batch in flight, and the seconds that collections took in it.
    pub(super) begin: Lanes,
    pub(super) end: Lanes,
    pub(super) collecting: Lanes,
    /// The next look, and the time between two.
    pub(super) next: Lanes,
    pub(super) interval: Lanes,
    /// Memory at the batch's start, and what it rises by.
    held: Lanes,
    rise: Lanes,
    /// What is available when nobody uses any; infinity where that is not known.
    total: Lanes,
    shape: [[f64; PARTS]; LANES],
}

impl Looks {
    pub(super) fn new(policies: Policies) -> Self {
        let zero = Lanes::all(0.0);
        Self {
            policies,
            active: Mask::NONE,
            begin: zero,
            // An idle lane looks again and again at the beginning of an empty batch.
            end: Lanes::all(1.0),
            collecting: zero,
            next: zero,
            interval: zero,
            held: zero,
            rise: zero,
            total: Lanes::all(f64::INFINITY),
            shape: [[0.0; PARTS]; LANES],
        }
    }

    /// Begins a lane anew.
    pub(super) fn begin(
        &mut self,
        lane: usize,
        rules: &Rules,
        (first, interval): (f64, f64),
        total: Option<f64>,
    ) {
        self.policies.begin(lane, rules);
        self.active.set(lane, true);
        self.next.0[lane] = first;
        self.interval.0[lane] = interval;
        self.total.0[lane] = total.unwrap_or(f64::INFINITY);
    }

    /// Leaves a lane idle.
    pub(super) fn idle(&mut self, lane: usize) {
        self.active.set(lane, false);
        self.begin.0[lane] = 0.0;
        self.end.0[lane] = 1.0;
        self.next.0[lane] = 0.0;
        self.interval.0[lane] = 0.0;
    }

    /// Begins a batch.
    pub(super) fn batch(&mut self, lane: usize, (begin, end): (f64, f64), (held, peak): (f64, f64)) {
        self.begin.0[lane] = begin;
        self.end.0[lane] = end;
        self.collecting.0[lane] = 0.0;
        self.held.0[lane] = held;
        self.rise.0[lane] = peak - held;
    }

    /// Begins a stage, whose batches have a shape of their own.
    pub(super) fn stage(&mut self, lane: usize, shape: &[f64; PARTS]) {
        self.shape[lane] = *shape;
    }

    /// Whether a lane's next look lies in its batch.
    pub(super) fn ahead(&self, lane: usize) -> bool {
        self.next.0[lane] < self.end.0[lane]
    }

    /// The lanes whose next look lies beyond their batch.
    #[inline(always)]
    pub(super) fn ended(&self) -> Mask {
        self.active & !self.next.below(self.end)
    }

    /// A look of one lane between batches.
    pub(super) fn alone(&mut self, lane: usize, seconds: f64, rss: f64, available: Option<f64>) {
        let available = Lanes::all(available.unwrap_or(f64::INFINITY));
        self.policies.step(Mask::only(lane), Lanes::all(seconds), Lanes::all(rss), available);
    }

    /// One look in each active lane, where others hold so much memory; who collects, and at what memory.
    #[inline(always)]
    pub(super) fn look(&mut self, others: Option<Lanes>) -> (Mask, Lanes) {
        let share = (self.next - self.begin) / (self.end - self.begin);
        let mut shape = share;
        for (share, parts) in shape.0.iter_mut().zip(&self.shape) {
            *share = parts[part_of(*share)];
        }
        let rss = self.held + shape * self.rise;
        let mut available = self.total - rss;
        if let Some(others) = others {
            available = available - others;
        }
        let available = available.max(Lanes::all(0.0));
        let collect = self.policies.step(self.active, self.next, rss, available);
        (collect, rss)
    }
}
