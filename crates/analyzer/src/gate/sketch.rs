//! How a measure spread over runs, in a few numbers.
//!
//! Up to [`MOST`] runs every value is there; of more, neighbours are merged into weighted means (as in a merging
//! t-digest with equal weights), so that quantiles are kept to 1 in [`MOST`] and the file stays small.

use serde::{Deserialize, Serialize};

/// Values that a sketch holds.
const MOST: usize = 32;

/// Values and how many runs each stands for, ascending.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sketch(Vec<(f64, u32)>);

impl Sketch {
    /// Of no run.
    pub(super) const fn empty() -> Self {
        Self(Vec::new())
    }

    /// Adds the value of a run.
    pub(super) fn add(&mut self, value: f64) {
        // More digits would only fill the file.
        let value = (value * 1000.0).round() / 1000.0;
        let at = self.0.partition_point(|(known, _)| *known < value);
        match self.0.get_mut(at) {
            Some((known, weight)) if *known == value => *weight = weight.saturating_add(1),
            _ => self.0.insert(at, (value, 1)),
        }
        if self.0.len() > MOST {
            self.merge_closest();
        }
    }

    /// Merges the two neighbours that together stand for the fewest runs.
    fn merge_closest(&mut self) {
        let weight = |at: &usize| u64::from(self.0[*at].1) + u64::from(self.0[at + 1].1);
        let Some(at) = (0..self.0.len() - 1).min_by_key(weight) else { return };
        let ((one, n), (two, m)) = (self.0[at], self.0.remove(at + 1));
        let weight = n.saturating_add(m);
        let mean = (one * f64::from(n) + two * f64::from(m)) / f64::from(weight);
        self.0[at] = (mean, weight);
    }

    /// Values and weights.
    #[must_use]
    pub fn values(&self) -> &[(f64, u32)] {
        &self.0
    }

    /// How many runs it stands for.
    #[must_use]
    pub fn runs(&self) -> u32 {
        self.0.iter().fold(0, |sum, (_, weight)| sum.saturating_add(*weight))
    }

    /// The smallest value that at least this share of runs does not exceed.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let wanted = share * f64::from(self.runs());
        let mut seen = 0.0;
        let reaches = |(_, weight): &&(f64, u32)| {
            seen += f64::from(*weight);
            seen >= wanted
        };
        self.0.iter().find(reaches).or(self.0.last()).map(|(value, _)| *value)
    }

    /// Why it cannot have been written by memtool, if so.
    pub(super) fn fault(&self) -> Option<&'static str> {
        if self.0.is_empty() || self.0.iter().any(|(_, weight)| *weight == 0) {
            return Some("a sketch holds no run");
        }
        let sound = self.0.iter().all(|(value, _)| value.is_finite() && *value >= 0.0);
        let sorted = self.0.is_sorted_by(|a, b| a.0 <= b.0);
        (!sound || !sorted).then_some("the values of a sketch must be numbers from 0 upwards, ascending")
    }
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
    fn few_values_are_all_kept() {
        let found = sketch(&[3.0, 1.0, 2.0, 2.0]);
        assert_eq!(found.values(), [(1.0, 1), (2.0, 2), (3.0, 1)]);
        assert_eq!((found.runs(), found.quantile(0.5), found.quantile(0.95)), (4, Some(2.0), Some(3.0)));
        assert_eq!(Sketch::default().quantile(0.5), None);
    }

    proptest! {
        #[test]
        fn many_values_keep_their_count_mean_and_median(values in prop::collection::vec(100.0..200.0_f64, 40..300)) {
            let found = sketch(&values);
            prop_assert!(found.values().len() <= MOST && found.fault().is_none());
            prop_assert_eq!(found.runs() as usize, values.len());
            let mean = |sum: f64| sum / values.len() as f64;
            let kept: f64 = found.values().iter().map(|(value, weight)| value * f64::from(*weight)).sum();
            prop_assert!((mean(kept) - mean(values.iter().sum())).abs() < 1e-3);
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let median = found.quantile(0.5).expect("not empty");
            let about = sorted.partition_point(|value| *value < median) as f64 / values.len() as f64;
            prop_assert!((0.4..=0.6).contains(&about), "{}", about);
        }
    }
}
