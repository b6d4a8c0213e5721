//! How far predictions miss, by the evidence that they rest on: intervals and kill probabilities are widened by it.
//!
//! The replays' own spread knows nothing of what the model has no room for. So predictions of other sizes were held
//! against runs of those sizes, for programs drawn from seeds (`experiments/programs`, part A, 41 programs of 21 kinds;
//! part B is only reported on), and per kind of evidence the ends of the interval are moved outwards by the 95 %
//! quantiles of ln(low / truth) and ln(truth / high), each program weighed alike (split conformal prediction:
//! Vovk, Gammerman, Shafer 2005; Romano, Patterson, Candès 2019). With each program left out in turn the widened intervals
//! hold 94 % of its truths from runs under thresholds and 91 % from predictive ones.
//!
//! Those of samples alone were set on 63 later programs and the recorded workloads together: nine of ten truths inside; the upper
//! end of finished ones on 92 programs (part A) whose profiles have their closing sample.
//!
//! Where batches of several sizes were recorded, the draws themselves say how sure they are: with ln(high / median) = s of
//! a prediction, its error on part A (76 predictions of 19 programs) was that of a Student t of scale s², from 0.01 at the median for
//! s below 0.2 to 0.26 above 0.4. One scale for all made sharp predictions blunt.
//!
//! From one size nothing says that larger batches need more, nor that they need no more than in proportion: beyond that size the
//! interval begins at the recorded peak, and its upper end grows with the 0.15th power of the ratio (of 0, 0.03, 0.05, 0.07, 0.1 and
//! 0.15 the first that holds nine of ten truths of part A at each ratio up to 8; 101 programs, fixed sizes predicted from one another).
//!
//! A model that does not even give back its own run — a replay of the recorded sizes misses the recorded peak by
//! more than a tenth — gives bounds and an order of sizes, and no figure.

use std::borrow::Cow;

use crate::memory_model::Interval;
use crate::memory_model::run_model::RunModel;

/// The power of the ratio of sizes with which the upper end grows beyond the one size that was recorded.
const BEYOND_ONE_SIZE: f64 = 0.15;

/// A replay of the recorded sizes that misses the recorded peak by more fails the gate.
pub(super) const GATE: f64 = 0.10;

/// What a prediction rests on, from the sharpest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// Finished runs of several fixed sizes.
    FixedSizes,
    /// Recorded batches of several sizes.
    Batches,
    /// Recorded batches of one size.
    OneSize,
    /// Recorded batches, of a run that the model does not give back.
    FailedGate,
    /// Recorded batches of runs that ended before their time.
    CutOff,
    /// Samples alone.
    Samples,
    /// Samples alone, of runs that ended before their time.
    CutOffSamples,
}

/// How much wider predictions are made, in logarithms, and the scale of the blur of the kill probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Widening {
    low: f64,
    high: f64,
    /// `None`: by the spread of the draws.
    blur: Option<f64>,
}

/// The blur by the spread of the draws, at least and at most.
const BLUR: (f64, f64) = (0.02, 0.30);

impl Evidence {
    /// The evidence of some runs; `anchored` where the peaks of several fixed sizes are known.
    pub(super) fn of(models: &[Cow<'_, RunModel>], anchored: bool, replay_error: f64) -> Self {
        let finished = models.iter().any(|model| model.finished);
        let recorded = models.iter().all(|model| model.recorded);
        match (recorded, finished) {
            _ if anchored => Self::FixedSizes,
            (false, false) => Self::CutOffSamples,
            (false, true) => Self::Samples,
            (true, false) => Self::CutOff,
            (true, true) if replay_error > GATE => Self::FailedGate,
            (true, true) if models.iter().all(|model| model.fixed.is_some()) => Self::OneSize,
            (true, true) => Self::Batches,
        }
    }

    /// What was measured for it, for a size that is `beyond` times the largest recorded one, or for none (1).
    pub(super) fn widening(self, beyond: f64) -> Widening {
        let (low, high, blur) = match self {
            Self::OneSize if beyond > 1.0 => (f64::INFINITY, BEYOND_ONE_SIZE * beyond.ln(), Some(0.12)),
            Self::FixedSizes => (0.0, 0.0, Some(0.06)),
            Self::Batches => (0.07, 0.0, None),
            Self::OneSize => (0.15, 0.0, Some(0.12)),
            Self::FailedGate => (0.10, 0.10, Some(0.15)),
            Self::CutOff => (0.0, 0.20, Some(0.30)),
            Self::Samples => (0.25, 0.30, Some(0.30)),
            Self::CutOffSamples => (0.30, 0.30, Some(0.30)),
        };
        Widening { low, high, blur }
    }

    /// Whether it carries a figure, or only bounds and an order of sizes.
    pub(super) const fn carries_a_figure(self) -> bool {
        !matches!(self, Self::FailedGate | Self::CutOff | Self::CutOffSamples)
    }
}

impl Widening {
    /// The scale of the blur of the kill probability, for what was drawn.
    pub(super) fn blur(self, drawn: Interval) -> f64 {
        let spread = (drawn.high / drawn.median.max(f64::MIN_POSITIVE)).ln();
        self.blur.unwrap_or_else(|| (spread * spread).clamp(BLUR.0, BLUR.1))
    }

    /// The interval made wider, and not below what is known.
    pub(super) fn of_interval(self, interval: Interval, least: f64) -> Interval {
        let wider = Interval {
            low: interval.low * (-self.low).exp(),
            median: interval.median,
            high: interval.high * self.high.exp(),
        };
        wider.at_least(least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_that_agree_are_trusted_more() {
        let blur = |high| Evidence::Batches.widening(1.0).blur(Interval { low: 90.0, median: 100.0, high });
        assert_eq!((blur(105.0), blur(100.0), blur(1e9)), (0.02, 0.02, 0.30));
        assert!((blur(130.0) - 1.3_f64.ln().powi(2)).abs() < 1e-9);
        assert_eq!(Evidence::OneSize.widening(1.0).blur(Interval::exactly(1.0)), 0.12);
    }

    #[test]
    fn beyond_the_one_size_that_was_recorded_its_peak_may_be_enough() {
        let interval = Interval { low: 190.0, median: 200.0, high: 210.0 };
        let beyond = |ratio| Evidence::OneSize.widening(ratio).of_interval(interval, 105.0);
        assert_eq!((beyond(2.0).low, beyond(2.0).median), (105.0, 200.0));
        assert!(beyond(1.0).low > 150.0 && beyond(1.0).high == 210.0);
        assert!(beyond(8.0).high > 1.3 * 210.0 && beyond(2.0).high < 1.12 * 210.0);
    }

    #[test]
    fn an_interval_is_only_widened_and_never_below_what_was_seen() {
        let interval = Interval { low: 90.0, median: 100.0, high: 110.0 };
        for evidence in [Evidence::FixedSizes, Evidence::Batches, Evidence::CutOff, Evidence::Samples] {
            let wide = evidence.widening(1.0).of_interval(interval, 0.0);
            assert!(wide.low <= 90.0 && wide.median == 100.0 && wide.high >= 110.0, "{evidence:?}");
            let bounded = evidence.widening(1.0).of_interval(interval, 105.0);
            assert!(bounded.low == 105.0 && bounded.median == 105.0 && bounded.high >= 110.0, "{evidence:?}");
        }
    }
}
