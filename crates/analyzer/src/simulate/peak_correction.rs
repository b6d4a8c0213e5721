//! Runs of one fixed size give the peak at that size: the model is corrected to it.
//!
//! The peak of a whole run against its size is the sharpest evidence there is (measured bias 1.00, with a
//! range of 0.98 to 1.02). With two such sizes or more, the part of a peak above the base is multiplied
//! by known over modelled, between the sizes by their logarithm, beyond them as at the last one. A single
//! run is never corrected to itself: that would hide what its model misses.

/// Logarithm of the size and the factor there, from the smallest.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct PeakCorrection(Vec<(f64, f64)>);

impl PeakCorrection {
    /// From sizes with their known peaks, and what the model gives at each of them.
    pub(super) fn of(known: &[(f64, f64)], base: f64, modelled: impl Iterator<Item = f64>) -> Self {
        let factor = |(&(size, peak), modelled): (&(f64, f64), f64)| {
            let (own, given) = (peak - base, modelled - base);
            (own > 0.0 && given > 0.0).then(|| (size.ln(), (own / given).clamp(0.2, 5.0)))
        };
        Self(known.iter().zip(modelled).filter_map(factor).collect())
    }

    /// The factor for a batch of this many items.
    pub(super) fn factor(&self, items: f64) -> f64 {
        let (Some(first), Some(last)) = (self.0.first(), self.0.last()) else { return 1.0 };
        let at = items.ln();
        let beyond = self.0.partition_point(|point| point.0 <= at);
        match (beyond.checked_sub(1).and_then(|index| self.0.get(index)), self.0.get(beyond)) {
            (Some(low), Some(high)) => low.1 + (high.1 - low.1) * (at - low.0) / (high.0 - low.0),
            (None, _) => first.1,
            (_, None) => last.1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_two_sizes_the_factor_is_between_theirs() {
        let correction = PeakCorrection(vec![(100.0_f64.ln(), 1.0), (400.0_f64.ln(), 2.0)]);
        assert_eq!([10.0, 100.0, 400.0, 900.0].map(|items| correction.factor(items)), [1.0, 1.0, 2.0, 2.0]);
        assert!((correction.factor(200.0) - 1.5).abs() < 1e-9);
        assert_eq!(PeakCorrection::default().factor(7.0), 1.0);
    }
}
