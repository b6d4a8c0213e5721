//! Values at places in order, of any number of values, without a copy of them.
//!
//! Of values spread over all two are chosen that the wanted place lies between most likely. One pass then counts those below
//! and keeps those between, which are few (Floyd and Rivest 1975, Expected time bounds for selection).

/// One of this many values is sampled, and within these bounds, up to twice as many: more of them cost more to put in order,
/// fewer leave more of the others between.
const ONE_OF: usize = 16;
const SPREAD: std::ops::RangeInclusive<usize> = 256..=1 << 14;

/// More values are not kept and put in order.
const FEW: usize = 1 << 17;

/// The values at some places, in ascending order from 0, each with the one after it, which is itself behind the last; `None`
/// where there are none.
pub(super) fn pairs<const N: usize>(
    values: impl ExactSizeIterator<Item = f64> + Clone,
    places: [usize; N],
) -> Option<[(f64, f64); N]> {
    let last = values.len().checked_sub(1)?;
    let spread = Spread::of_known(values.clone());
    let keys = values.map(key);
    let places = places.map(|place| [place, place + 1].map(|place| place.min(last)));
    let mut windows = places.map(|[place, _]| spread.window(place, (u64::MIN, u64::MAX)));
    count(keys.clone(), &mut windows);
    let mut windows = windows.into_iter();
    let found = places.map(|places| {
        let mut window = windows.next();
        let [low, high] = places.map(|place| {
            let known = window.as_mut().and_then(|window| window.at(place));
            value(known.unwrap_or_else(|| at(&keys, place)))
        });
        (low, high)
    });
    Some(found)
}

/// The key at one place, sought in ever narrower ranges.
fn at(keys: &(impl Iterator<Item = u64> + Clone), place: usize) -> u64 {
    let (mut low, mut high, mut before) = (u64::MIN, u64::MAX, 0);
    loop {
        let spread = Spread::of(keys.clone().filter(|key| (low..=high).contains(key)));
        let mut window = [spread.window(place - before, (low, high))];
        // Two frequent values are distinguished.
        if (window[0].low, window[0].high) == (low, high) && spread.all > FEW {
            window = [spread.middle(place - before)];
        }
        count(keys.clone(), &mut window);
        let [mut window] = window;
        match window.at(place) {
            Some(key) => return key,
            None if place < window.below => high = window.low - 1,
            None if place < window.below + window.inside => {
                (low, high, before) = (window.low, window.high, window.below);
            }
            None => (low, before) = (window.high + 1, window.below + window.inside),
        }
    }
}

/// Some of many keys, spread evenly over their sequence.
struct Spread {
    /// In order.
    keys: Vec<u64>,
    /// How many keys there are.
    all: usize,
}

impl Spread {
    /// An iterator that skips most values costs nothing for those.
    fn of_known(values: impl ExactSizeIterator<Item = f64>) -> Self {
        let all = values.len();
        let every = all / (all / ONE_OF).clamp(*SPREAD.start(), *SPREAD.end());
        let mut some: Vec<u64> = values.step_by(every.max(1)).map(key).collect();
        some.sort_unstable();
        Self { keys: some, all }
    }

    /// Of keys of which some are left out.
    fn of(keys: impl Iterator<Item = u64>) -> Self {
        let most = keys.size_hint().1.unwrap_or(usize::MAX) / ONE_OF;
        let most = 2 * most.clamp(*SPREAD.start(), *SPREAD.end());
        let (mut some, mut all, mut every) = (Vec::with_capacity(most), 0, 1);
        for key in keys {
            if all & (every - 1) == 0 {
                some.push(key);
                if some.len() == most {
                    let mut place = 0;
                    some.retain(|_| {
                        place += 1;
                        place % 2 == 1
                    });
                    every *= 2;
                }
            }
            all += 1;
        }
        some.sort_unstable();
        Self { keys: some, all }
    }

    /// The spread key that should be at a place of all.
    fn middle_of(&self, place: usize) -> usize {
        (place as u128 * self.keys.len() as u128 / self.all.max(1) as u128) as usize
    }

    /// The window around a place of all, within a range that all are in.
    fn window(&self, place: usize, range: (u64, u64)) -> Window {
        let middle = self.middle_of(place);
        // The wanted place lies within three standard deviations of where it should.
        let some = self.keys.len();
        let margin = 3 * (middle * some.saturating_sub(middle) / some.max(1)).isqrt() + 3;
        let low = middle.checked_sub(margin).and_then(|place| self.keys.get(place));
        let high = self.keys.get(middle + margin);
        Window::new(low.copied().unwrap_or(range.0), high.copied().unwrap_or(range.1))
    }

    /// That of the one key that should be there.
    fn middle(&self, place: usize) -> Window {
        let key = self.keys[self.middle_of(place).min(self.keys.len() - 1)];
        Window::new(key, key)
    }
}

/// The keys from a low to a high one.
struct Window {
    low: u64,
    high: u64,
    /// Keys below it, and inside.
    below: usize,
    inside: usize,
    /// Those inside, while they are few.
    kept: Vec<u64>,
}

impl Window {
    fn new(low: u64, high: u64) -> Self {
        Self { low, high, below: 0, inside: 0, kept: Vec::new() }
    }

    /// Takes a key that is inside.
    fn keep(&mut self, key: u64) {
        self.inside += 1;
        if self.low < self.high && self.inside <= FEW {
            self.kept.push(key);
        }
    }

    /// The key at a place of all, if it is inside and kept.
    fn at(&mut self, place: usize) -> Option<u64> {
        let inside = place.checked_sub(self.below).filter(|inside| *inside < self.inside)?;
        if self.low == self.high {
            return Some(self.low);
        }
        (self.inside <= FEW).then(|| *self.kept.select_nth_unstable(inside).1)
    }
}

/// Gives all keys to each window.
fn count<const N: usize>(keys: impl Iterator<Item = u64>, windows: &mut [Window; N]) {
    let ranges = windows.each_ref().map(|window| (window.low, window.high - window.low));
    let mut below = [0; N];
    for key in keys {
        for (which, (low, width)) in ranges.into_iter().enumerate() {
            below[which] += usize::from(key < low);
            if key.wrapping_sub(low) <= width {
                windows[which].keep(key);
            }
        }
    }
    windows.iter_mut().zip(below).for_each(|(window, below)| window.below = below);
}

/// A value as a number in the order of [`f64::total_cmp`].
#[inline]
fn key(value: f64) -> u64 {
    let bits = value.to_bits();
    // All bits of a negative value are turned, the sign alone of another.
    bits ^ ((bits.cast_signed() >> 63).cast_unsigned() | 1 << 63)
}

/// The value of such a number.
const fn value(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(values: &[f64]) {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        for place in (0..values.len()).step_by(1 + values.len() / 20).chain([values.len() - 1]) {
            let after = |place: usize| sorted[(place + 1).min(values.len() - 1)];
            let other = place / 2;
            let found = pairs(values.iter().copied(), [place, other]).expect("values");
            let expected = [(sorted[place], after(place)), (sorted[other], after(other))];
            let bits = |pairs: [(f64, f64); 2]| pairs.map(|(a, b)| (a.to_bits(), b.to_bits()));
            assert_eq!(bits(found), bits(expected), "{place}");
        }
    }

    proptest! {
        #[test]
        fn a_pair_is_what_sorting_gives(values in prop::collection::vec(any::<f64>(), 1..300)) {
            check(&values);
        }
    }

    #[test]
    fn far_equal_and_few_values_are_told_apart() {
        let near = |index: i32| 100.0 + f64::from(index * 37 % 500) / 100.0;
        check(&(0..200_000).map(|index| if index == 7 { 1e9 } else { near(index) }).collect::<Vec<_>>());
        check(&vec![5.5; 300_000]);
        check(&(0..400_000).map(|index| f64::from(index / 7 % 2)).collect::<Vec<_>>());
        check(&[f64::NEG_INFINITY, -0.0, 0.0, f64::INFINITY]);
        assert_eq!(pairs([0.0; 0].into_iter(), [0]), None);
    }

    #[test]
    fn values_that_hide_from_the_spread_ones_are_found() {
        // Each one that is looked at is small, until half of them are thrown away.
        check(
            &(0..300_000)
                .map(|index| if index % 16 == 0 { f64::from(index) } else { 1e6 + f64::from(index) })
                .collect::<Vec<_>>(),
        );
        check(&(0..300_000).map(f64::from).collect::<Vec<_>>());
    }
}
