//! The distribution of a figure over any number of runs, in little memory.
//!
//! Values are counted in buckets whose bounds grow by a constant factor γ = (1 + ε) / (1 − ε): bucket i holds the values from
//! γ^(i−1), exclusive, to γ^i. Its middle 2 γ^i / (γ + 1) is at most ε away from each of them, relative to that value, and so is every
//! quantile. Merging adds counts, which is exact: no bucket is ever collapsed. From 1 KiB to 1 PiB there are 1,387 buckets.
//!
//! Source: C. Masson, J. E. Rim, H. K. Lee, "`DDSketch`: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error
//! Guarantees", PVLDB 12(12), 2019, sections 2.1 and 2.3.

use std::collections::BTreeMap;

/// The largest relative error of a quantile.
const ERROR: f64 = 0.01;

const GAMMA: f64 = (1.0 + ERROR) / (1.0 - ERROR);

/// The bucket of values that are not above 0; others are above −40,000.
const ZERO: i32 = i32::MIN;

/// Counts of values by bucket.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sketch(BTreeMap<i32, u64>);

impl Sketch {
    /// The largest error of [`quantile`](Self::quantile), relative to the value that it stands for.
    pub const ERROR: f64 = ERROR;

    /// From buckets and their counts, such as [`buckets`](Self::buckets) gave.
    pub fn from_buckets(buckets: impl IntoIterator<Item = (i32, u64)>) -> Self {
        let mut sketch = Self::default();
        buckets.into_iter().for_each(|(bucket, count)| sketch.count_in(bucket, count));
        sketch
    }

    /// Takes a value in; negative ones count as 0, what is not finite is left out.
    pub fn add(&mut self, value: f64) {
        if value.is_finite() {
            self.count_in(bucket(value), 1);
        }
    }

    fn count_in(&mut self, bucket: i32, count: u64) {
        if count > 0 {
            let known = self.0.entry(bucket).or_default();
            *known = known.saturating_add(count);
        }
    }

    /// Takes in the values of another.
    pub fn merge(&mut self, other: &Self) {
        other.buckets().for_each(|(bucket, count)| self.count_in(bucket, count));
    }

    /// How many values there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Buckets and their counts, ascending.
    pub fn buckets(&self) -> impl Iterator<Item = (i32, u64)> {
        self.0.iter().map(|(bucket, count)| (*bucket, *count))
    }

    /// The smallest value that at least this share of all does not exceed, within [`ERROR`](Self::ERROR); `None` without a value.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "counts of runs are far below 2^53")]
        let wanted = share.clamp(0.0, 1.0) * self.count() as f64;
        let mut seen = 0_u64;
        #[expect(clippy::cast_precision_loss, reason = "as above")]
        let reaches = |(_, count): &(i32, u64)| {
            seen = seen.saturating_add(*count);
            seen as f64 >= wanted
        };
        self.buckets().find(reaches).map(|(bucket, _)| middle(bucket))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the logarithm of any number is within ±40,000")]
fn bucket(value: f64) -> i32 {
    if value > 0.0 { (value.ln() / GAMMA.ln()).ceil() as i32 } else { ZERO }
}

fn middle(bucket: i32) -> f64 {
    if bucket == ZERO { 0.0 } else { 2.0 * GAMMA.powi(bucket) / (GAMMA + 1.0) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sketch(values: &[f64]) -> Sketch {
        let mut sketch = Sketch::default();
        values.iter().for_each(|value| sketch.add(*value));
        sketch
    }

    #[test]
    fn without_a_value_there_is_no_quantile() {
        assert_eq!(sketch(&[]).quantile(0.5), None);
        assert_eq!(sketch(&[f64::NAN, f64::INFINITY]).count(), 0);
    }

    #[test]
    fn what_is_not_above_zero_is_zero() {
        let found = sketch(&[0.0, -1.0, 5.0]);
        assert_eq!((found.quantile(0.0), found.quantile(0.6)), (Some(0.0), Some(0.0)));
        assert!((found.quantile(1.0).expect("a value") / 5.0 - 1.0).abs() <= ERROR);
    }

    #[test]
    fn sizes_of_any_machine_take_few_buckets() {
        let (smallest, largest) = (1.0 / 1024.0, f64::from(1 << 30));
        assert_eq!(bucket(largest) - bucket(smallest), 1386);
    }

    proptest! {
        #[test]
        fn quantiles_are_within_the_error(
            mut values in prop::collection::vec(prop_oneof![1e-3..1e7_f64, 100.0..120.0_f64], 1..200),
            share in 0.0..=1.0_f64,
        ) {
            let found = sketch(&values).quantile(share).expect("a value");
            values.sort_by(f64::total_cmp);
            let rank = (share * values.len() as f64).ceil().max(1.0) as usize;
            let wanted = values[rank - 1];
            prop_assert!((found - wanted).abs() <= wanted * ERROR * (1.0 + 1e-9), "{} for {}", found, wanted);
        }

        #[test]
        fn buckets_read_back(values in prop::collection::vec(0.0..1e6_f64, 0..50)) {
            let found = sketch(&values);
            prop_assert_eq!(Sketch::from_buckets(found.buckets()), found);
        }
    }
}
