//! How often a series crosses a threshold, with a margin against flapping: for every threshold and margin.
//!
//! A threshold is left only once the value fell below it by more than the margin. The number of times that
//! happens follows from the series' persistence pairs: each valley, with the peak over which it joins
//! a deeper one (the elder rule; what rainflow counting finds in fatigue). Pairs are found by a stack in one
//! pass and sorted once; a question is a count of pairs with a valley below and a peak at or above two
//! levels, answered by a wavelet matrix (Navarro 2014, Wavelet trees for all) in O(log n), exactly.

/// Prepared for any threshold and margin.
#[derive(Debug, Clone, PartialEq)]
pub struct Crossings {
    first: f64,
    /// Smallest and largest value up to each place, and from each place on.
    low: [Vec<f64>; 2],
    high: [Vec<f64>; 2],
    /// Peaks of the pairs from the highest, and valleys from the lowest.
    peaks: Vec<f64>,
    valleys: Vec<f64>,
    ranks: Ranks,
}

impl Crossings {
    /// From a series in its order; values that are not finite are left out. `None` without any.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let values: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        let first = *values.first()?;
        let mut pairs = pairs(&values);
        pairs.sort_by(|a, b| b.1.total_cmp(&a.1));
        let mut valleys: Vec<f64> = pairs.iter().map(|pair| pair.0).collect();
        valleys.sort_by(f64::total_cmp);
        let rank = |valley: f64| valleys.partition_point(|other| *other < valley);
        let ranks = Ranks::of(pairs.iter().map(|pair| rank(pair.0)).collect());
        let backwards: Vec<f64> = values.iter().rev().copied().collect();
        let running = |values: &[f64], of: fn(f64, f64) -> f64| {
            let mut so_far = values[0];
            values
                .iter()
                .map(|value| {
                    so_far = of(so_far, *value);
                    so_far
                })
                .collect::<Vec<f64>>()
        };
        Some(Self {
            first,
            low: [running(&values, f64::min), running(&backwards, f64::min)],
            high: [running(&values, f64::max), running(&backwards, f64::max)],
            peaks: pairs.iter().map(|pair| pair.1).collect(),
            valleys,
            ranks,
        })
    }

    /// How often a threshold is reached or left, if it is left only below itself less the margin. The
    /// state before the first value is that of the first value.
    #[must_use]
    pub fn changes(&self, threshold: f64, margin: f64) -> usize {
        let below = threshold - margin.max(0.0);
        let lows = self.lows(below, threshold);
        // From the front and from the back: which comes first, a low or a high.
        let [begins_low, ends_low] = [0, 1].map(|side| {
            let low = self.low[side].partition_point(|value| *value >= below);
            let high = self.high[side].partition_point(|value| *value < threshold);
            low < high
        });
        if self.high[0].last().is_none_or(|highest| *highest < threshold) {
            return 0;
        }
        let highs = lows + usize::from(!begins_low) - usize::from(lows > 0 && ends_low);
        let highs = if lows == 0 { 1 } else { highs };
        let rises_first = !begins_low && self.first < threshold;
        lows + highs - 1 + usize::from(rises_first)
    }

    /// Margins at which the changes of a threshold may become fewer, from the smallest: the depths of
    /// the valleys below it.
    pub fn margins(&self, threshold: f64) -> impl Iterator<Item = f64> {
        let depths = self.valleys.iter().rev().map(move |valley| threshold - valley);
        let deepest = self.low[0].last().map(|lowest| threshold - lowest);
        depths.chain(deepest).filter(|depth| *depth > 0.0)
    }

    /// Stretches with a value below one level that values at or above the other level separate.
    fn lows(&self, below: f64, at_least: f64) -> usize {
        let high = self.peaks.partition_point(|peak| *peak >= at_least);
        let low = self.valleys.partition_point(|valley| *valley < below);
        let deepest = self.low[0].last().is_some_and(|lowest| *lowest < below);
        self.ranks.count(high, low) + usize::from(deepest)
    }
}

/// Valleys with the peaks over which they join a deeper one; the deepest joins none.
fn pairs(values: &[f64]) -> Vec<(f64, f64)> {
    let mut pairs = Vec::new();
    // Valleys that are not joined yet, each with the peak before it; these peaks fall.
    let mut open: Vec<(f64, f64)> = Vec::new();
    let join = |open: &mut Vec<(f64, f64)>, pairs: &mut Vec<(f64, f64)>| {
        if let (Some((valley, peak)), Some(before)) = (open.pop(), open.last_mut()) {
            pairs.push((valley.max(before.0), peak));
            before.0 = before.0.min(valley);
        }
    };
    for (valley, peak) in valleys(values) {
        while open.len() > 1 && open[open.len() - 1].1 <= peak {
            join(&mut open, &mut pairs);
        }
        open.push((valley, peak));
    }
    while open.len() > 1 {
        join(&mut open, &mut pairs);
    }
    pairs
}

/// The valleys of a series in order, each with the peak before it; before the first there is none.
fn valleys(values: &[f64]) -> Vec<(f64, f64)> {
    let mut found = Vec::new();
    let (mut peak, mut rising) = (f64::INFINITY, false);
    for step in values.windows(2) {
        if step[1] > step[0] {
            if !rising {
                found.push((step[0], peak));
            }
            (peak, rising) = (step[1], true);
        } else if step[1] < step[0] {
            rising = false;
        }
    }
    if !rising {
        found.extend(values.last().map(|last| (*last, peak)));
    }
    found
}

/// A sequence of numbers, of which those below any number in any first part are counted: a wavelet matrix.
#[derive(Debug, Clone, PartialEq)]
struct Ranks {
    /// From the highest bit: how many of the first so many have it not set.
    zeros: Vec<Vec<usize>>,
}

impl Ranks {
    fn of(mut values: Vec<usize>) -> Self {
        let bits = usize::BITS - values.len().leading_zeros();
        let mut zeros = Vec::new();
        for bit in (0..bits).rev() {
            let unset = |value: &usize| value >> bit & 1 == 0;
            let mut count = vec![0];
            count.extend(values.iter().scan(0, |so_far, value| {
                *so_far += usize::from(unset(value));
                Some(*so_far)
            }));
            let (mut left, right): (Vec<usize>, Vec<usize>) = values.iter().partition(|value| unset(value));
            left.extend(right);
            values = left;
            zeros.push(count);
        }
        Self { zeros }
    }

    /// How many of the first `end` values are below `limit`, which is at most their number.
    fn count(&self, end: usize, limit: usize) -> usize {
        let (mut from, mut to, mut below) = (0, end, 0);
        for (zeros, bit) in self.zeros.iter().zip((0..self.zeros.len()).rev()) {
            let (unset_from, unset_to) = (zeros[from], zeros[to]);
            if limit >> bit & 1 == 1 {
                below += unset_to - unset_from;
                let all = zeros[zeros.len() - 1];
                (from, to) = (all + from - unset_from, all + to - unset_to);
            } else {
                (from, to) = (unset_from, unset_to);
            }
        }
        below
    }
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
    fn nothing_finite_is_nothing() {
        assert_eq!(Crossings::of(&[f64::NAN]), None);
        assert_eq!(Crossings::of(&[]), None);
    }

    #[test]
    fn a_saw_changes_at_each_tooth_until_the_margin_is_its_depth() {
        let saw: Vec<f64> = (0..20).map(|i| if i % 2 == 0 { 100.0 } else { 180.0 }).collect();
        let crossings = Crossings::of(&saw).expect("values");
        assert_eq!([0.0, 49.0, 50.0, 90.0].map(|margin| crossings.changes(150.0, margin)), [19, 19, 1, 1]);
        assert_eq!(crossings.margins(150.0).fold(0.0, f64::max), 50.0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn every_threshold_and_margin_is_exact(
            values in prop::collection::vec(0_u32..30, 1..80), threshold in 0_u32..32, margin in 0_u32..20,
        ) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let (threshold, margin) = (f64::from(threshold), f64::from(margin));
            let crossings = Crossings::of(&values).expect("values");
            prop_assert_eq!(crossings.changes(threshold, margin), replayed(&values, threshold, margin));
        }

        #[test]
        fn changes_become_fewer_only_at_the_margins_named(
            values in prop::collection::vec(0_u32..30, 1..60), threshold in 1_u32..30,
        ) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let threshold = f64::from(threshold);
            let crossings = Crossings::of(&values).expect("values");
            let named: Vec<f64> = crossings.margins(threshold).collect();
            for margin in (1..30).map(f64::from) {
                if crossings.changes(threshold, margin) != crossings.changes(threshold, margin - 0.5) {
                    prop_assert!(named.contains(&margin), "{margin} not in {named:?}");
                }
            }
        }
    }
}
