//! How the time of an item depends on the size of its batch.
//!
//! Times are noisy, by how much is not known, and the first batches of a job are slower than
//! later ones whatever their size. So the curve of time over size is followed under several
//! noises at once, each weighed by how well it foresaw the batches, and early times say little.

use super::curve::{Curve, Knots, Reference, Timing};

/// Standard deviations that the logarithm of one batch's time may have: CPU time on a quiet
/// machine, on a busy one, wall time on a busy one, hopeless.
const NOISE: [f64; 4] = [0.04, 0.1, 0.25, 0.6];

/// What is known of the times of one operation.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    /// Each noise's curve, and the logarithm of its weight.
    curves: [(Curve, f64); NOISE.len()],
    batches: u32,
    /// The size of most batches.
    usual: f64,
    /// Batches since one of a far size that was seen before.
    since_look: u32,
    /// Batches since the first of the largest size.
    since_growth: u32,
    largest: f64,
    /// The size of the last batch, if it was the first so large.
    grown: Option<f64>,
    /// Batches of about the largest size.
    at_largest: u32,
}

impl Default for Pace {
    fn default() -> Self {
        let curves = NOISE.map(|noise| (Curve::new(noise * noise), 0.0));
        Self {
            curves,
            batches: 0,
            usual: 0.0,
            since_look: 0,
            since_growth: 0,
            largest: 0.0,
            grown: None,
            at_largest: 0,
        }
    }
}

/// The time at a size against the usual one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Estimate {
    /// Logarithm of the ratio, as expected.
    pub(super) slower: f64,
    /// Its standard deviation.
    pub(super) doubt: f64,
}

impl Pace {
    /// The first batch of an operation pays for imports and cold caches, and one that is larger
    /// than all before for fresh memory: more than half of its time can be page faults, which the
    /// next one of that size does not have. So where it is slow, that says nothing of the size.
    const FIRST: f64 = 0.5 * 0.5;
    const FRESH: f64 = 0.3 * 0.3;
    const FRESH_AND_SLOW: f64 = 2.0 * 2.0;
    const LARGER: f64 = 1.2;
    /// Growth multiplies the usual size by this at most.
    const STEP: f64 = 8.0;
    /// The first batches fall: by this share of the time, over the batch's number.
    const WARMING: f64 = 1.0;
    /// Old evidence on the noise loses weight.
    const MEMORY: f64 = 0.99;
    /// Beyond this share of the usual size, or its inverse, a size is far away.
    const NEAR: f64 = 0.6;
    /// How fast the usual size follows, and after a trial.
    const FOLLOWED: f64 = 0.5;
    const TRIED: f64 = 0.1;
    /// Batches of the usual size between two trials, to compare them with.
    const BETWEEN: u32 = 3;
    /// Batches without growth until one larger size is tried: a trial of twice the size then
    /// costs a few percent of the items, where they are slower at all.
    const STAYED: u32 = 32;
    /// Batches of one size until its time is typical.
    const WARM: u32 = 2;
    /// Times are not measured better than this, in seconds.
    const CLOCK: f64 = 0.000_5;

    pub(super) fn learn(&mut self, items: f64, seconds: f64) {
        if !(seconds > 0.0 && seconds.is_finite()) {
            return;
        }
        let timing = self.timing(items, seconds);
        for (curve, weight) in &mut self.curves {
            if self.batches == 0 {
                curve.begin(timing);
            } else {
                *weight = weight.mul_add(Self::MEMORY, curve.learn(timing));
            }
        }
        let best = self.curves.iter().map(|(_, weight)| *weight).fold(f64::NEG_INFINITY, f64::max);
        for (_, weight) in &mut self.curves {
            // None is beyond return.
            *weight = (*weight - best).max(-40.0);
        }
        let grown = self.grows_to(items);
        self.batches = self.batches.saturating_add(1);
        self.learn_usual(items);
        self.learn_largest(items, grown);
    }

    fn timing(&self, items: f64, seconds: f64) -> Timing {
        let clock = (Self::CLOCK / seconds).min(10.0);
        let time = (seconds / items).ln();
        let cold = match self.batches {
            0 => Self::FIRST,
            _ if self.grows_to(items) && time > self.expected(items) => Self::FRESH_AND_SLOW,
            _ if self.grows_to(items) => Self::FRESH,
            _ => 0.0,
        };
        let warming = Self::WARMING / f64::from(self.batches.max(1));
        Timing { knots: Knots::of(items), time, extra: clock.mul_add(clock, cold), moved: warming * warming }
    }

    /// Whether a size is the next larger one, and not a trial of one far beyond the usual.
    fn grows_to(&self, items: f64) -> bool {
        self.batches > 0 && items > Self::LARGER * self.largest && items <= Self::STEP * self.usual
    }

    fn learn_usual(&mut self, items: f64) {
        let looked = self.is_far(items) && items <= self.largest;
        self.since_look = if looked { 0 } else { self.since_look.saturating_add(1) };
        // Where it stays far away, that is soon the usual size.
        let share = if looked { Self::TRIED } else { Self::FOLLOWED };
        self.usual = if self.usual > 0.0 { self.usual * (items / self.usual).powf(share) } else { items };
    }

    fn learn_largest(&mut self, items: f64, grown: bool) {
        self.grown = grown.then_some(items);
        if items > Self::LARGER * self.largest {
            self.at_largest = 0;
        }
        self.since_growth = if items > self.largest { 0 } else { self.since_growth.saturating_add(1) };
        self.largest = self.largest.max(items);
        if items * Self::LARGER > self.largest {
            self.at_largest = self.at_largest.saturating_add(1);
        }
    }

    /// The size to have once more, because its first batch had to fetch memory.
    pub(super) fn again(&self) -> Option<f64> {
        self.grown
    }

    /// The logarithm of the time of an item.
    fn expected(&self, items: f64) -> f64 {
        let (mut total, mut mean) = (0.0, 0.0);
        for (curve, weight) in &self.curves {
            total += weight.exp();
            mean += weight.exp() * curve.at(Knots::of(items));
        }
        mean / total
    }

    /// The size that a batch should have once more before the first that is larger than all so far, if any: one
    /// batch of a size says little of its time.
    pub(super) fn before_growth(&self) -> Option<f64> {
        (self.at_largest < Self::WARM).then_some(self.largest)
    }

    /// Whether a size is notably smaller or larger than the usual one.
    pub(super) fn is_far(&self, items: f64) -> bool {
        !(Self::NEAR * self.usual..=self.usual / Self::NEAR).contains(&items)
    }

    /// Whether a trial of a size far away has something to be compared with.
    pub(super) fn may_look(&self) -> bool {
        self.since_look >= Self::BETWEEN
    }

    /// Whether a larger size than all so far may be looked at though it promises nothing.
    pub(super) fn may_look_beyond(&self, items: f64) -> bool {
        items > self.largest && self.since_growth >= Self::STAYED
    }

    /// Grows with the batches since the last trial, as in the UCB1 rule: nothing stays unknown
    /// for ever.
    pub(super) fn curiosity(&self) -> f64 {
        f64::from(self.since_look.max(2)).ln().sqrt()
    }

    /// The largest batch whose time was measured.
    pub(super) fn largest(&self) -> f64 {
        self.largest
    }

    /// What is known of the times per item against the usual size's.
    pub(super) fn estimator(&self) -> Estimator<'_> {
        let usual = Knots::of(self.usual);
        Estimator(self.curves.each_ref().map(|(curve, weight)| (curve.reference(usual), weight.exp())))
    }
}

/// Each noise's curve at the usual size, and its weight: computed once for all sizes that are weighed.
#[derive(Debug)]
pub(super) struct Estimator<'a>([(Reference<'a>, f64); NOISE.len()]);

impl Estimator<'_> {
    /// The time per item at a size against the usual size.
    pub(super) fn estimate(&self, items: f64) -> Estimate {
        let knots = Knots::of(items);
        let (mut total, mut mean, mut square) = (0.0, 0.0, 0.0);
        for (reference, weight) in &self.0 {
            let (slower, variance) = reference.compared(knots);
            total += weight;
            mean += weight * slower;
            square += weight * (slower * slower + variance);
        }
        let slower = mean / total;
        Estimate { slower, doubt: (square / total - slower * slower).max(0.0).sqrt() }
    }
}
