//! Values at places in order, of any number of values, without a copy of them.

/// So many values are put in order at once.
const FEW: usize = 1 << 15;

/// Buckets of one count, as bits.
const BUCKET_BITS: u32 = 12;

/// Values counted by where they lie between the lowest and the highest: a few passes find the value at any place.
pub(super) struct Order<I> {
    values: I,
    /// The lowest and the highest, as numbers in their order.
    range: (u64, u64),
    /// How many bits of a distance from the lowest do not count.
    shift: u32,
    counts: Vec<u32>,
    total: usize,
}

impl<I: Iterator<Item = f64> + Clone> Order<I> {
    /// Counts values that can be gone through again; `None` where there are none.
    pub(super) fn of(values: I) -> Option<Self> {
        let bounds = |(low, high): (u64, u64), value| (low.min(key(value)), high.max(key(value)));
        let range = values.clone().fold((u64::MAX, 0), bounds);
        (range.0 <= range.1).then(|| Self::within(values, range))
    }

    /// The same of those within a range.
    fn within(values: I, range: (u64, u64)) -> Self {
        let shift = (u64::BITS - (range.1 - range.0).leading_zeros()).saturating_sub(BUCKET_BITS);
        let mut order = Self { values, range, shift, counts: vec![0; 1 << BUCKET_BITS], total: 0 };
        for key in order.values.clone().map(key).filter(|key| (range.0..=range.1).contains(key)) {
            order.counts[bucket(key, range.0, shift)] += 1;
            order.total += 1;
        }
        order
    }

    /// How many values there are.
    pub(super) const fn total(&self) -> usize {
        self.total
    }

    /// The value at a place in ascending order, from 0, and the one after it, which is itself behind the last.
    pub(super) fn pair(&self, place: usize) -> (f64, f64) {
        let places = (place.min(self.total - 1), (place + 1).min(self.total - 1));
        let ((first, before), (last, _)) = (self.bucket_of(places.0), self.bucket_of(places.1));
        let begin = |bucket: usize| self.range.0 + ((bucket as u64) << self.shift);
        let range = (begin(first), begin(last).saturating_add((1 << self.shift) - 1).min(self.range.1));
        if self.shift == 0 {
            return (value(range.0), value(range.1));
        }
        let inside: usize = self.counts[first..=last].iter().map(|count| *count as usize).sum();
        if inside > FEW {
            return self.refined(range, places.0 - before);
        }
        let keys = self.values.clone().map(key).filter(|key| (range.0..=range.1).contains(key));
        let mut keys: Vec<u64> = keys.collect();
        keys.sort_unstable();
        (value(keys[places.0 - before]), value(keys[places.1 - before]))
    }

    /// The pair at a place among the values within a narrower range.
    fn refined(&self, range: (u64, u64), place: usize) -> (f64, f64) {
        let bounds = |(low, high): (u64, u64), key: u64| (low.min(key), high.max(key));
        let inside = self.values.clone().map(key).filter(|key| (range.0..=range.1).contains(key));
        Self::within(self.values.clone(), inside.fold((u64::MAX, 0), bounds)).pair(place)
    }

    /// The bucket with the value at a place, and how many values lie in those before it.
    fn bucket_of(&self, place: usize) -> (usize, usize) {
        let mut before = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            if before + *count as usize > place {
                return (bucket, before);
            }
            before += *count as usize;
        }
        (self.counts.len() - 1, before)
    }
}

fn bucket(key: u64, low: u64, shift: u32) -> usize {
    usize::try_from((key - low) >> shift).unwrap_or(usize::MAX)
}

/// A value as a number in the order of [`f64::total_cmp`].
fn key(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

/// The value of such a number.
const fn value(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(values: &[f64]) {
        let order = Order::of(values.iter().copied()).expect("values");
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        assert_eq!(order.total(), values.len());
        for place in (0..values.len()).step_by(1 + values.len() / 50).chain([values.len() - 1]) {
            let next = sorted[(place + 1).min(values.len() - 1)];
            let (found, after) = order.pair(place);
            assert_eq!([found, after].map(f64::to_bits), [sorted[place], next].map(f64::to_bits), "{place}");
        }
    }

    proptest! {
        #[test]
        fn a_pair_is_what_sorting_gives(values in prop::collection::vec(any::<f64>(), 1..300)) {
            pairs(&values);
        }
    }

    #[test]
    fn one_far_value_and_many_equal_ones_are_told_apart() {
        let near = |index: i32| 100.0 + f64::from(index * 37 % 500) / 100.0;
        let values: Vec<f64> = (0..200_000).map(|index| if index == 7 { 1e9 } else { near(index) }).collect();
        pairs(&values);
        pairs(&vec![5.5; 100_000]);
        pairs(&[f64::NEG_INFINITY, -0.0, 0.0, f64::INFINITY]);
        assert!(Order::of(std::iter::empty()).is_none());
    }
}
