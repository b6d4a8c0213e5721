//! A column of sizes of memory in the room that their digits take.

/// The mark of a sample without a size.
const GAP: u32 = u32::MAX;

/// One size a sample in MiB, where it is known. Recorders write hundredths, of which half of a float's room holds up to
/// 40 TiB; a column with any other size is kept as floats.
#[derive(Debug, Clone, PartialEq)]
pub struct SizeColumn(Sizes);

#[derive(Debug, Clone, PartialEq)]
enum Sizes {
    Hundredths(Vec<u32>),
    /// Not a number where it is not known.
    Any(Vec<f64>),
}

impl Default for SizeColumn {
    fn default() -> Self {
        Self(Sizes::Hundredths(Vec::new()))
    }
}

impl SizeColumn {
    /// Adds the next sample's size.
    #[inline]
    pub fn push(&mut self, size_mb: Option<f64>) {
        match &mut self.0 {
            Sizes::Hundredths(hundredths) => match size_mb.map_or(Some(GAP), hundredths_of) {
                Some(size) => hundredths.push(size),
                None => self.widened().push(size_mb.unwrap_or(f64::NAN)),
            },
            Sizes::Any(sizes) => sizes.push(size_mb.unwrap_or(f64::NAN)),
        }
    }

    /// Adds the next samples' sizes, many at a time: quicker than one by one.
    pub(crate) fn extend_by_blocks(&mut self, sizes: impl Iterator<Item = Option<f64>> + Clone) {
        let Sizes::Hundredths(hundredths) = &mut self.0 else { return self.extend(sizes) };
        let before = hundredths.len();
        // Without a branch, so that several are worked out at once.
        let mut odd = 0;
        hundredths.extend(sizes.clone().map(|size| {
            let (found, rest) = rounded(size.unwrap_or_default());
            odd |= rest | u64::from(found == GAP);
            if size.is_some() { found } else { GAP }
        }));
        if odd != 0 {
            hundredths.truncate(before);
            self.extend(sizes);
        }
    }

    /// The same column as floats.
    #[cold]
    fn widened(&mut self) -> &mut Vec<f64> {
        self.0 = Sizes::Any(self.iter().map(|size| size.unwrap_or(f64::NAN)).collect());
        match &mut self.0 {
            Sizes::Any(sizes) => sizes,
            Sizes::Hundredths(_) => unreachable!("it was just widened"),
        }
    }

    /// The size of a sample; `None` as well where the column ends before it.
    #[inline]
    #[must_use]
    pub fn get(&self, sample: usize) -> Option<f64> {
        match &self.0 {
            Sizes::Hundredths(hundredths) => hundredths.get(sample).copied().and_then(size_of),
            Sizes::Any(sizes) => sizes.get(sample).copied().filter(|size| !size.is_nan()),
        }
    }

    /// Samples.
    #[must_use]
    pub const fn len(&self) -> usize {
        match &self.0 {
            Sizes::Hundredths(hundredths) => hundredths.len(),
            Sizes::Any(sizes) => sizes.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The size of each sample.
    pub fn iter(&self) -> impl Iterator<Item = Option<f64>> + '_ {
        (0..self.len()).map(|sample| self.get(sample))
    }
}

/// From 2^52 on floats are whole numbers, and the lower half of their bits is the lower half of the number.
const WHOLE: f64 = 4_503_599_627_370_496.0;

/// A size in hundredths; `None` where it is not a whole number of them, or too large.
#[inline]
fn hundredths_of(size_mb: f64) -> Option<u32> {
    let (hundredths, rest) = rounded(size_mb);
    (hundredths != GAP && rest == 0).then_some(hundredths)
}

/// The hundredths of a size, and the bits in which they as a size are another one.
///
/// By way of a float's bits: converting to a whole number takes a processor one size at a time.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "compared with what it came from")]
fn rounded(size_mb: f64) -> (u32, u64) {
    let hundredths = (size_mb * 100.0 + WHOLE).to_bits() as u32;
    let again = f64::from_bits(WHOLE.to_bits() | u64::from(hundredths)) - WHOLE;
    (hundredths, (again / 100.0).to_bits() ^ size_mb.to_bits())
}

#[inline]
fn size_of(hundredths: u32) -> Option<f64> {
    (hundredths != GAP).then(|| f64::from(hundredths) / 100.0)
}

impl Extend<Option<f64>> for SizeColumn {
    fn extend<I: IntoIterator<Item = Option<f64>>>(&mut self, sizes: I) {
        sizes.into_iter().for_each(|size| self.push(size));
    }
}

impl FromIterator<Option<f64>> for SizeColumn {
    fn from_iter<I: IntoIterator<Item = Option<f64>>>(sizes: I) -> Self {
        let mut column = Self::default();
        column.extend(sizes);
        column
    }
}

impl From<Vec<Option<f64>>> for SizeColumn {
    fn from(sizes: Vec<Option<f64>>) -> Self {
        sizes.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_size_comes_back_with_all_its_bits(
            sizes in prop::collection::vec(
                prop::option::of(prop_oneof![
                    9 => (0_u32..5_000_000).prop_map(|hundredths| f64::from(hundredths) / 100.0),
                    1 => any::<f64>().prop_filter("a size", |size| !size.is_nan()),
                ]),
                0..50,
            ),
        ) {
            let column: SizeColumn = sizes.clone().into();
            let bits = |size: Option<f64>| size.map(f64::to_bits);
            prop_assert_eq!(column.iter().map(bits).collect::<Vec<_>>(), sizes.into_iter().map(bits).collect::<Vec<_>>());
        }
    }

    #[test]
    fn hundredths_take_half_of_the_room() {
        let narrow: SizeColumn = vec![Some(0.0), None, Some(12_779.98)].into();
        assert!(matches!(narrow.0, Sizes::Hundredths(_)));
        for odd in [0.001, -1.0, -0.0, 42_949_672.95, f64::INFINITY] {
            let wide: SizeColumn = vec![Some(12_779.98), None, Some(odd)].into();
            assert!(matches!(wide.0, Sizes::Any(_)), "{odd}");
            assert_eq!(wide.iter().collect::<Vec<_>>(), [Some(12_779.98), None, Some(odd)]);
            assert_eq!(wide.get(3), None);
        }
    }
}
