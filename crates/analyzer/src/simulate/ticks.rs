//! When a policy looks: at even intervals from some moment on.
//!
//! Each look's moment follows from its number alone, so that whoever passes over a stretch in which nothing
//! can change comes out at the very looks that stepping through it one by one gives.

/// The looks that are still to come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ticks {
    /// Where the look of number zero would be, in seconds.
    pub(super) origin: f64,
    pub(super) interval: f64,
    /// The number of the next look: whole.
    pub(super) number: f64,
}

impl Ticks {
    /// Nobody looks.
    pub(super) const NEVER: Self = Self { origin: f64::INFINITY, interval: 1.0, number: 0.0 };

    /// From a first look on.
    pub(super) const fn from(first: f64, interval: f64) -> Self {
        Self { origin: first, interval, number: 0.0 }
    }

    /// The moment of the next look.
    pub(super) fn next(&self) -> f64 {
        self.origin + self.number * self.interval
    }

    /// The next look is done.
    pub(super) fn pass(&mut self) {
        self.number += 1.0;
    }

    /// Every further look comes later by so many seconds.
    pub(super) fn delay(&mut self, seconds: f64) {
        self.origin += seconds;
    }

    /// Goes on to the first look that is not before a moment.
    pub(super) fn skip_to(&mut self, moment: f64) {
        if self.next() < moment {
            // Never too far: what division and rounding add is far less than one look.
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
            first in 0.0..5.0_f64, interval in 0.001..60.0_f64, looks in 0.0..5000.0_f64, whole: bool,
        ) {
            let ticks = Ticks::from(first, interval);
            // A moment that is a look's own is the hard one.
            let moment = first + interval * if whole { looks.trunc() } else { looks };
            let (mut stepped, mut skipped) = (ticks, ticks);
            while stepped.next() < moment {
                stepped.pass();
            }
            skipped.skip_to(moment);
            prop_assert_eq!(skipped, stepped);
        }
    }
}
