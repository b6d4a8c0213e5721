//! A column whose values mostly stay as they were.

use std::ops::{Index, Range};

/// One value a sample, kept as one entry for each stretch of equal ones: labels, sizes and counts change rarely beside
/// the samples that repeat them.
#[derive(Debug, Clone, PartialEq)]
pub struct StepColumn<T> {
    /// The first sample of each stretch.
    starts: Vec<u32>,
    /// What holds in it.
    values: Vec<T>,
    length: u32,
}

impl<T> Default for StepColumn<T> {
    fn default() -> Self {
        Self { starts: Vec::new(), values: Vec::new(), length: 0 }
    }
}

impl<T: Copy + PartialEq> StepColumn<T> {
    /// So many samples of one value.
    ///
    /// # Panics
    /// From 2^32 samples on, as [`push`](Self::push) does.
    #[must_use]
    pub fn constant(value: T, length: usize) -> Self {
        let mut column = Self::default();
        column.extend_equal(value, length);
        column
    }

    /// Adds this many samples of one value.
    pub(crate) fn extend_equal(&mut self, value: T, samples: usize) {
        if samples == 0 {
            return;
        }
        self.push(value);
        let more = u32::try_from(samples - 1).ok();
        let length = more.and_then(|more| self.length.checked_add(more));
        self.length = length.expect("a run in memory has fewer samples");
    }

    /// Adds the next sample's value.
    ///
    /// # Panics
    /// From 2^32 samples on: a run that keeps this many takes 60 GiB.
    #[inline]
    pub fn push(&mut self, value: T) {
        if self.values.last() != Some(&value) {
            self.starts.push(self.length);
            self.values.push(value);
        }
        self.length = self.length.checked_add(1).expect("a run in memory has fewer samples");
    }

    /// Samples.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length as usize
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The value of each stretch, in order of time: neighbours differ.
    #[must_use]
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// Each stretch of equal values: its samples, and the value.
    pub fn stretches(&self) -> impl Iterator<Item = (Range<usize>, T)> + '_ {
        let ends = self.starts.iter().skip(1).copied().chain([self.length]);
        let places = self.starts.iter().zip(ends).map(|(from, to)| *from as usize..to as usize);
        places.zip(self.values.iter().copied())
    }

    /// The value of each sample.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        let mut stretch = 0;
        (0..self.length).map(move |sample| {
            stretch += usize::from(self.starts.get(stretch + 1) == Some(&sample));
            self.values[stretch]
        })
    }

    #[inline]
    fn stretch_of(&self, sample: usize) -> usize {
        assert!(sample < self.len(), "sample {sample} of {}", self.length);
        if self.starts.len() == 1 {
            return 0;
        }
        self.starts.partition_point(|start| *start as usize <= sample) - 1
    }
}

impl<T: Copy + PartialEq> Index<usize> for StepColumn<T> {
    type Output = T;

    #[inline]
    fn index(&self, sample: usize) -> &T {
        &self.values[self.stretch_of(sample)]
    }
}

/// Tests put single values into a column that is made.
#[cfg(test)]
impl<T: Copy + PartialEq> std::ops::IndexMut<usize> for StepColumn<T> {
    fn index_mut(&mut self, sample: usize) -> &mut T {
        let stretch = self.stretch_of(sample);
        let (from, value) = (self.starts[stretch] as usize, self.values[stretch]);
        let to = self.starts.get(stretch + 1).map_or(self.len(), |next| *next as usize);
        let parts = [from, sample, sample + 1].into_iter().filter(|part| (from..to).contains(part));
        let mut parts: Vec<u32> = parts.map(|part| u32::try_from(part).expect("few")).collect();
        parts.dedup();
        self.values.splice(stretch..=stretch, parts.iter().map(|_| value));
        self.starts.splice(stretch..=stretch, parts);
        &mut self.values[stretch + usize::from(sample > from)]
    }
}

impl<T: Copy + PartialEq> Extend<T> for StepColumn<T> {
    /// Adds values, one entry for each stretch of equal ones.
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        let mut values = values.into_iter();
        let Some(mut stretch) = values.next() else { return };
        let mut samples = 1;
        for value in values {
            if value != stretch {
                self.extend_equal(stretch, samples);
                (stretch, samples) = (value, 0);
            }
            samples += 1;
        }
        self.extend_equal(stretch, samples);
    }
}

impl<T: Copy + PartialEq> FromIterator<T> for StepColumn<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut column = Self::default();
        column.extend(values);
        column
    }
}

impl<T: Copy + PartialEq> From<Vec<T>> for StepColumn<T> {
    fn from(values: Vec<T>) -> Self {
        values.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_the_values_that_were_pushed(
            mut values in prop::collection::vec(0_u8..3, 1..60),
            changes in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..3), 0..4),
        ) {
            let mut column: StepColumn<u8> = values.clone().into();
            for (place, value) in changes {
                let place = place.index(values.len());
                (values[place], column[place]) = (value, value);
            }
            prop_assert_eq!(column.len(), values.len());
            prop_assert_eq!(column.iter().collect::<Vec<_>>(), &values[..]);
            prop_assert!((0..values.len()).all(|place| column[place] == values[place]));
            let stretches: Vec<u8> = column.stretches().flat_map(|(samples, value)| samples.map(move |_| value)).collect();
            prop_assert_eq!(stretches, values);
        }
    }

    #[test]
    fn equal_neighbours_are_one_entry() {
        let column: StepColumn<u8> = vec![1, 1, 1, 2, 2, 1].into();
        assert_eq!(column.values(), [1, 2, 1]);
        assert_eq!(StepColumn::constant(7, 3).iter().collect::<Vec<_>>(), [7, 7, 7]);
        assert!(StepColumn::constant(7, 0).is_empty());
    }
}
