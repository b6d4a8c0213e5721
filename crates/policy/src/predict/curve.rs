//! Time per item as a curve over the size of a batch, known as far as batches were timed.
//!
//! The logarithm of the time, at sizes a factor of two apart, straight lines between them. What is
//! not known of it is a random walk over the sizes (caches, page faults and an allocator's limits
//! make steps, which no formula in two parameters has) around a small expected gain. The whole
//! curve drifts with the data. All of it is one Kalman filter of constant size.

/// Sizes from 1 to a million; beyond them the curve is flat.
const KNOTS: usize = 21;
/// Standard deviations of the logarithm of time over one doubling of the size, a part of each
/// doubling's own and one that all have in common.
const STEP: f64 = 0.15;
const SLOPE: f64 = 0.1;
/// What a batch is expected to take whatever its size, in seconds, and at most this share of the first one; and
/// what a doubling is expected to spare beyond that.
const OWN: f64 = 0.004;
const OWN_SHARE: f64 = 0.5;
const GAIN: f64 = 0.03;
/// The curve forgets older times after about this many batches.
const AGE: f64 = 1000.0;

/// A size between two knots.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Knots {
    below: usize,
    share: f64,
}

impl Knots {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the knots")]
    #[expect(clippy::cast_precision_loss, reason = "a few knots")]
    pub(super) fn of(items: f64) -> Self {
        let position = items.max(1.0).log2().min((KNOTS - 1) as f64);
        let below = (position as usize).min(KNOTS - 2);
        Self { below, share: position - below as f64 }
    }

    fn weighed(self, at: impl Fn(usize) -> f64) -> f64 {
        // A fused product is a call where the processor may lack it, and one choice asks for a thousand.
        at(self.below) * (1.0 - self.share) + at(self.below + 1) * self.share
    }

    #[expect(clippy::cast_precision_loss, reason = "a few knots")]
    fn position(self) -> f64 {
        self.below as f64 + self.share
    }

    #[expect(clippy::cast_precision_loss, reason = "a few knots")]
    fn distance(self, knot: usize) -> f64 {
        knot as f64 - self.position()
    }
}

/// One batch's logarithm of time per item, and how far to trust it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timing {
    pub(super) knots: Knots,
    pub(super) time: f64,
    /// Variance beyond the curve's own noise.
    pub(super) extra: f64,
    /// Variance by which the whole curve may have moved since the last batch.
    pub(super) moved: f64,
}

/// The curve, if one batch's logarithm of time has a given variance.
#[derive(Debug, Clone)]
pub(super) struct Curve {
    noise: f64,
    mean: [f64; KNOTS],
    covariance: [[f64; KNOTS]; KNOTS],
    /// How far the last batch was from what was expected, in standard deviations.
    surprise: f64,
}

impl Curve {
    /// The curve drifts by this share of the noise from batch to batch.
    const DRIFT: f64 = 0.3;
    /// Degrees of freedom of the noise: few, so that an outlier has little weight.
    const TAIL: f64 = 4.0;
    /// Two batches in turn this far off to the same side: the whole curve has moved.
    const JUMP: f64 = 2.5;

    pub(super) const fn new(noise: f64) -> Self {
        Self { noise, mean: [0.0; KNOTS], covariance: [[0.0; KNOTS]; KNOTS], surprise: 0.0 }
    }

    /// Takes the first batch as it is.
    pub(super) fn begin(&mut self, timing: Timing) {
        let each = timing.time.exp();
        let own = (OWN / timing.knots.position().exp2()).min(OWN_SHARE * each);
        for (knot, mean) in self.mean.iter_mut().enumerate() {
            let distance = timing.knots.distance(knot);
            *mean = GAIN.mul_add(-distance, own.mul_add((-distance).exp2() - 1.0, each).ln());
        }
        self.widen(timing.knots, self.noise + timing.extra, 1.0);
    }

    /// Learns from a further batch; answers the logarithm of how likely it was.
    pub(super) fn learn(&mut self, timing: Timing) -> f64 {
        self.widen(timing.knots, (Self::DRIFT * Self::DRIFT).mul_add(self.noise, timing.moved), 1.0 / AGE);
        let error = timing.time - self.at(timing.knots);
        let noise = self.noise + timing.extra;
        let spread = self.variance(timing.knots) + noise;
        let off = error / spread.sqrt();
        let tail = (off * off / Self::TAIL).ln_1p();
        let likely = (-0.5 * (Self::TAIL + 1.0)).mul_add(tail, -0.5 * spread.ln());
        if off * self.surprise > 0.0 && off.abs().min(self.surprise.abs()) > Self::JUMP {
            self.widen(timing.knots, error * error, 0.0);
        }
        self.surprise = off;
        let outlying = ((Self::TAIL + off * off) / (Self::TAIL + 1.0)).max(1.0);
        self.update(timing.knots, error, noise * outlying);
        likely
    }

    fn update(&mut self, knots: Knots, error: f64, noise: f64) {
        let column = self.covariances(knots);
        let spread = knots.weighed(|knot| column[knot]) + noise;
        for (knot, row) in self.covariance.iter_mut().enumerate() {
            let gain = column[knot] / spread;
            self.mean[knot] += gain * error;
            for (entry, column) in row.iter_mut().zip(column) {
                *entry -= gain * column;
            }
        }
    }

    /// Less is known of the height, and of the way from here to other sizes.
    fn widen(&mut self, knots: Knots, height: f64, share: f64) {
        let (step, slope) = (share * STEP * STEP, share * SLOPE * SLOPE);
        for (knot, row) in self.covariance.iter_mut().enumerate() {
            let here = knots.distance(knot);
            for (other, entry) in row.iter_mut().enumerate() {
                let there = knots.distance(other);
                let common = if here * there > 0.0 { here.abs().min(there.abs()) } else { 0.0 };
                *entry += slope.mul_add(here * there, step.mul_add(common, height));
            }
        }
    }

    pub(super) fn at(&self, knots: Knots) -> f64 {
        knots.weighed(|knot| self.mean[knot])
    }

    fn covariances(&self, knots: Knots) -> [f64; KNOTS] {
        std::array::from_fn(|knot| knots.weighed(|next| self.covariance[knot][next]))
    }

    fn variance(&self, knots: Knots) -> f64 {
        knots.weighed(|knot| knots.weighed(|next| self.covariance[knot][next]))
    }

    /// The curve at one size, for other sizes to be compared with.
    pub(super) fn reference(&self, knots: Knots) -> Reference<'_> {
        Reference {
            curve: self,
            at: self.at(knots),
            covariances: self.covariances(knots),
            variance: self.variance(knots),
        }
    }
}

/// The curve at the size that others are compared with.
#[derive(Debug)]
pub(super) struct Reference<'a> {
    curve: &'a Curve,
    at: f64,
    /// Of each knot with this size.
    covariances: [f64; KNOTS],
    variance: f64,
}

impl Reference<'_> {
    /// The logarithm of time at a size over that at this one, and its variance.
    pub(super) fn compared(&self, knots: Knots) -> (f64, f64) {
        let covariance = knots.weighed(|knot| self.covariances[knot]);
        let variance = self.curve.variance(knots) + self.variance - 2.0 * covariance;
        (self.curve.at(knots) - self.at, variance.max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timing(items: f64, time: f64) -> Timing {
        Timing { knots: Knots::of(items), time, extra: 0.0, moved: 0.0 }
    }

    fn learned(batches: impl IntoIterator<Item = (f64, f64)>) -> Curve {
        let mut curve = Curve::new(0.01);
        let mut batches = batches.into_iter();
        let first = batches.next().expect("one");
        curve.begin(timing(first.0, first.1));
        batches.for_each(|(items, time)| {
            curve.learn(timing(items, time));
        });
        curve
    }

    fn compared(curve: &Curve, one: f64, other: f64) -> (f64, f64) {
        curve.reference(Knots::of(other)).compared(Knots::of(one))
    }

    #[test]
    fn a_step_between_two_sizes_is_found() {
        let curve = learned((0..40).map(|k| if k % 2 == 0 { (100.0, -7.0) } else { (400.0, -7.4) }));
        let (difference, variance) = compared(&curve, 400.0, 100.0);
        assert!((difference + 0.4).abs() < 0.05 && variance < 0.01, "{difference} {variance}");
    }

    #[test]
    fn what_was_not_tried_is_in_doubt_and_the_more_so_the_further() {
        let curve = learned((0..40).map(|_| (100.0, -7.0)));
        let (gain, near) = compared(&curve, 200.0, 100.0);
        let (_, far) = compared(&curve, 800.0, 100.0);
        assert!(gain < 0.0 && near > 0.02 && far > 2.0 * near, "{gain} {near} {far}");
    }

    #[test]
    fn a_curve_that_moves_as_a_whole_keeps_its_shape() {
        let shape = |k: i32| if k % 2 == 0 { (100.0, -7.0) } else { (400.0, -7.4) };
        let slower = (0..5).map(|_| (400.0, -6.9));
        let curve = learned((0..40).map(shape).chain(slower));
        let (difference, _) = compared(&curve, 400.0, 100.0);
        assert!((difference + 0.4).abs() < 0.1, "{difference}");
        assert!((curve.at(Knots::of(400.0)) + 6.9).abs() < 0.1);
    }

    #[test]
    fn one_outlier_moves_little() {
        let steady = (0..40).map(|k| (if k % 2 == 0 { 100.0 } else { 400.0 }, -7.0));
        let curve = learned(steady.chain([(400.0, -5.0)]));
        let (difference, _) = compared(&curve, 400.0, 100.0);
        assert!(difference.abs() < 0.2, "{difference}");
    }
}
