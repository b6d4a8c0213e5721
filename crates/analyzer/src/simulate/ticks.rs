//! The times at which a policy samples memory: at even intervals from a start.
//!
//! The moment of each sample follows from its number alone, so that skipping a stretch in which nothing
//! can change ends at the same sample as stepping through it.

/// The samples that are still to come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ticks {
    /// Where the sample of number zero would be, in seconds.
    pub(super) origin: f64,
    pub(super) interval: f64,
    /// The number of the next sample: whole.
    pub(super) number: f64,
}

impl Ticks {
    /// No samples.
    pub(super) const NEVER: Self = Self { origin: f64::INFINITY, interval: 1.0, number: 0.0 };

    /// From a first sample on.
    pub(super) const fn from(first: f64, interval: f64) -> Self {
        Self { origin: first, interval, number: 0.0 }
    }

    /// The moment of the next sample.
    pub(super) fn next(&self) -> f64 {
        self.origin + self.number * self.interval
    }

    /// The next samples, this many, are done.
    pub(super) fn pass(&mut self, samples: f64) {
        self.number += samples;
    }

    /// How many samples to take as one so that a stretch of this many seconds has at most `most`: whole.
    pub(super) fn each_within(&self, seconds: f64, most: f64) -> f64 {
        (seconds / self.interval / most).ceil().max(1.0)
    }

    /// Every further sample comes later by this many seconds.
    pub(super) fn delay(&mut self, seconds: f64) {
        self.origin += seconds;
    }

    /// Goes on to the first sample that is not before a moment.
    pub(super) fn skip_to(&mut self, moment: f64) {
        if self.next() < moment {
            // Never too far: what division and rounding add is far less than one sample.
            self.number = self.number.max(((moment - self.origin) / self.interval).trunc());
            while self.next() < moment {
                self.number += 1.0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn skipping_ends_where_stepping_does(
            first in 0.0..5.0_f64, interval in 0.001..60.0_f64, samples in 0.0..5000.0_f64, whole: bool,
        ) {
            let ticks = Ticks::from(first, interval);
            // A moment that is a sample's own is the hard one.
            let moment = first + interval * if whole { samples.trunc() } else { samples };
            let (mut stepped, mut skipped) = (ticks, ticks);
            while stepped.next() < moment {
                stepped.pass(1.0);
            }
            skipped.skip_to(moment);
            prop_assert_eq!(skipped, stepped);
        }
    }
}
