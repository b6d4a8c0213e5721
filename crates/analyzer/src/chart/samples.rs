//! Times and values in the order of their times.

use std::borrow::Cow;

/// Times and their values, sorted by time: those of the caller, or copies where they were not.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Samples<'a> {
    seconds: Cow<'a, [f64]>,
    values: Cow<'a, [f64]>,
}

impl<'a> Samples<'a> {
    /// Puts samples in order; where that is needed, those without a time are left out.
    pub(super) fn sorted(seconds: &'a [f64], values: &'a [f64]) -> Self {
        if seconds.is_sorted() {
            return Self { seconds: Cow::Borrowed(seconds), values: Cow::Borrowed(values) };
        }
        let timed = seconds.iter().copied().zip(values.iter().copied()).filter(|sample| sample.0.is_finite());
        let mut pairs: Vec<(f64, f64)> = timed.collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (seconds, values): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        Self { seconds: Cow::Owned(seconds), values: Cow::Owned(values) }
    }

    /// Each time with its value.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (f64, f64)> + '_ {
        self.seconds.iter().copied().zip(self.values.iter().copied())
    }

    /// Those of which both are numbers.
    pub(super) fn finite(&self) -> impl DoubleEndedIterator<Item = (f64, f64)> + '_ {
        self.iter().filter(|sample| sample.0.is_finite() && sample.1.is_finite())
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.seconds.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_out_of_order_are_sorted_and_others_are_not_copied() {
        let samples = Samples::sorted(&[1.0, 2.0, 2.0], &[5.0, 6.0, f64::NAN]);
        assert!(matches!(samples.seconds, Cow::Borrowed(_)));
        assert_eq!((samples.len(), samples.finite().count()), (3, 2));
        let samples = Samples::sorted(&[2.0, f64::NAN, 1.0], &[5.0, 6.0, 7.0]);
        assert_eq!(samples.iter().collect::<Vec<_>>(), [(1.0, 7.0), (2.0, 5.0)]);
    }
}
