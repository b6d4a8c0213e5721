//! How often a series crosses thresholds, with a margin against flapping.
//!
//! A threshold is left only once the value fell below it by more than the margin.

use super::largest::{largest, least};

/// The crossings of one threshold, for any margin.
#[derive(Debug, Clone, PartialEq)]
pub struct Crossings {
    threshold: f64,
    /// Whether the series begins below and rises to it later.
    rises_first: bool,
    /// The least value of each stretch below it between values that are not, from the lowest.
    dips: Vec<f64>,
    /// The least value after the last one that is not below it.
    end: Option<f64>,
}

impl Crossings {
    /// From a series in its order.
    #[must_use]
    pub fn of(values: &[f64], threshold: f64) -> Self {
        let (mut dips, mut dip, mut reached) = (Vec::new(), f64::INFINITY, false);
        for &value in values {
            if value < threshold {
                dip = if value < dip { value } else { dip };
            } else {
                dips.extend((reached && dip < threshold).then_some(dip));
                (dip, reached) = (f64::INFINITY, true);
            }
        }
        dips.sort_unstable_by(f64::total_cmp);
        let begins_below = values.first().is_some_and(|first| *first < threshold);
        let end = (reached && dip < threshold).then_some(dip);
        Self { threshold, rises_first: begins_below && reached, dips, end }
    }

    /// The least value of each stretch below it between values that are not, from the lowest.
    #[must_use]
    pub fn dips(&self) -> &[f64] {
        &self.dips
    }

    /// How often it is reached or left, if it is left only below itself less the margin. The state before the first
    /// value is that of the first value.
    #[must_use]
    pub fn changes(&self, margin: f64) -> usize {
        let below = self.threshold - margin.max(0.0);
        let left = self.dips.partition_point(|dip| *dip < below);
        usize::from(self.rises_first) + 2 * left + usize::from(self.end.is_some_and(|dip| dip < below))
    }
}

/// The crossings of every whole number, without a margin.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeCrossings {
    /// The whole number at or below the least value.
    first: usize,
    /// Those of it and of the numbers after it.
    changes: Vec<usize>,
}

/// The widest range of values: sixty-four tebibytes in MiB.
const WIDEST: f64 = 67_108_864.0;

impl WholeCrossings {
    /// From a series of values from 0 on, in its order. `None` of one that spreads too far to count for each number.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rounded down, and not negative"
    )]
    pub fn of(values: &[f64]) -> Option<Self> {
        let (least, largest) = (least(values)?, largest(values));
        if least < 0.0 || largest - least > WIDEST {
            return None;
        }
        let first = least as usize;
        // By how much more or less often each is crossed than the one before; less is more around all numbers.
        let mut changes = vec![0_usize; largest as usize - first + 2];
        // By way of a number with a sign, which a processor converts to at once.
        let whole = |value: f64| value as i64 as usize - first;
        let mut last = whole(values[0]);
        for value in &values[1..] {
            let next = whole(*value);
            let (low, high) = (last.min(next), last.max(next));
            changes[low + 1] = changes[low + 1].wrapping_add(1);
            changes[high + 1] = changes[high + 1].wrapping_sub(1);
            last = next;
        }
        let mut sum = 0_usize;
        for change in &mut changes {
            sum = sum.wrapping_add(*change);
            *change = sum;
        }
        Some(Self { first, changes })
    }

    /// How often a whole number is reached or left.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number; negative ones are 0"
    )]
    pub fn changes(&self, threshold: f64) -> usize {
        let place = (threshold as usize).checked_sub(self.first);
        place.and_then(|place| self.changes.get(place)).copied().unwrap_or_default()
    }
}

/// The valleys of a series: changes become fewer only at margins that reach down to one of them.
#[must_use]
pub fn valleys(values: &[f64]) -> Vec<f64> {
    let (mut found, mut rising) = (Vec::new(), false);
    for step in values.windows(2) {
        if step[1] > step[0] {
            found.extend((!rising).then_some(step[0]));
            rising = true;
        } else if step[1] < step[0] {
            rising = false;
        }
    }
    found.extend(values.last().filter(|_| !rising));
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The state machine itself.
    fn replayed(values: &[f64], threshold: f64, margin: f64) -> usize {
        let mut on = values.first().is_some_and(|value| *value >= threshold);
        let mut changes = 0;
        for &value in values {
            let next = value >= threshold || on && value >= threshold - margin;
            changes += usize::from(next != on);
            on = next;
        }
        changes
    }

    #[test]
    fn nothing_crosses_nothing() {
        assert_eq!(Crossings::of(&[], 5.0).changes(0.0), 0);
        assert_eq!((WholeCrossings::of(&[]), valleys(&[])), (None, Vec::new()));
        assert_eq!(WholeCrossings::of(&[1.0, 1e9]), None, "too far");
    }

    #[test]
    fn a_saw_changes_at_each_tooth_until_the_margin_is_its_depth() {
        let saw: Vec<f64> = (0..20).map(|i| if i % 2 == 0 { 100.0 } else { 180.0 }).collect();
        let crossings = Crossings::of(&saw, 150.0);
        assert_eq!([0.0, 49.0, 50.0, 90.0].map(|margin| crossings.changes(margin)), [19, 19, 1, 1]);
        assert_eq!(valleys(&saw), [100.0; 10]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn every_threshold_and_margin_is_exact(
            values in prop::collection::vec(0_u32..60, 1..80), threshold in 0_u32..32, margin in 0_u32..20,
        ) {
            let values: Vec<f64> = values.into_iter().map(|value| f64::from(value) / 2.0).collect();
            let (threshold, margin) = (f64::from(threshold), f64::from(margin));
            let crossings = Crossings::of(&values, threshold);
            prop_assert_eq!(crossings.changes(margin), replayed(&values, threshold, margin));
            let all = WholeCrossings::of(&values).expect("values");
            prop_assert_eq!(all.changes(threshold), replayed(&values, threshold, 0.0));
        }

        #[test]
        fn changes_become_fewer_only_at_the_depth_of_valleys(
            values in prop::collection::vec(0_u32..30, 1..60), threshold in 1_u32..30,
        ) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let threshold = f64::from(threshold);
            let crossings = Crossings::of(&values, threshold);
            let depths: Vec<f64> = valleys(&values).iter().map(|valley| threshold - valley).collect();
            for margin in (1..30).map(f64::from) {
                if crossings.changes(margin) != crossings.changes(margin - 0.5) {
                    prop_assert!(depths.contains(&margin), "{margin} not in {depths:?}");
                }
            }
        }
    }
}
