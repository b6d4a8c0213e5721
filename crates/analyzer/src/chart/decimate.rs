//! Brings any number of samples down to one entry per pixel column, keeping every column's extremes.

use super::scene::Point;

/// A moment and a value.
type Sample = (f64, f64);

/// The samples that fall into one pixel column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Column {
    /// The column, in pixels.
    pub(super) x: i32,
    pub(super) first: Sample,
    pub(super) min: Sample,
    pub(super) max: Sample,
    pub(super) last: Sample,
    /// Whether the line comes here from the column before: false at the start and after a gap.
    pub(super) joined: bool,
}

impl Column {
    fn new(x: i32, sample: Sample, joined: bool) -> Self {
        Self { x, first: sample, min: sample, max: sample, last: sample, joined }
    }

    fn add(&mut self, sample: Sample) {
        if sample.1 < self.min.1 {
            self.min = sample;
        }
        if sample.1 > self.max.1 {
            self.max = sample;
        }
        self.last = sample;
    }

    /// Its samples in order of time.
    fn kept(&self) -> Vec<Sample> {
        let mut kept = vec![self.first, self.min, self.max, self.last];
        kept.sort_by(|a, b| a.0.total_cmp(&b.0));
        kept.dedup();
        kept
    }
}

/// Groups samples, sorted by time, by the pixel column that `column_of` gives; values that are not finite are gaps.
pub(super) fn columns(
    samples: impl IntoIterator<Item = Sample>,
    column_of: impl Fn(f64) -> i32,
) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    let mut gap = true;
    for (time, value) in samples {
        if !(time.is_finite() && value.is_finite()) {
            gap = true;
            continue;
        }
        let x = column_of(time);
        match columns.last_mut() {
            Some(column) if column.x == x => column.add((time, value)),
            _ => columns.push(Column::new(x, (time, value), !gap)),
        }
        gap = false;
    }
    columns
}

/// The lines through the columns, one for each stretch without a gap: at most one vertical stroke a column.
pub(super) fn lines(columns: &[Column], y_of: impl Fn(f64) -> i32) -> Vec<Vec<Point>> {
    let mut lines: Vec<Vec<Point>> = Vec::new();
    for column in columns {
        let stops =
            [column.first, column.min, column.max, column.last].map(|sample| (column.x, y_of(sample.1)));
        if column.joined
            && let Some(line) = lines.last_mut()
        {
            line.extend(stops);
        } else {
            lines.push(stops.to_vec());
        }
    }
    for line in &mut lines {
        line.dedup();
    }
    lines
}

/// At most about `most` of some samples, sorted by time: of each stretch of equal length the first, the lowest, the
/// highest and the last.
#[must_use]
pub fn thinned(samples: &[Sample], most: usize) -> Vec<Sample> {
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else { return Vec::new() };
    let stretches = i32::try_from((most / 4).max(1)).unwrap_or(i32::MAX);
    let length = last.0 - first.0;
    if samples.len() <= most || length <= 0.0 {
        return samples[..samples.len().min(most.max(1))].to_vec();
    }
    let stretch_of = |time: f64| {
        let stretch = (time - first.0) / length * f64::from(stretches);
        (stretch as i32).min(stretches - 1)
    };
    columns(samples.iter().copied(), stretch_of).iter().flat_map(Column::kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_column_keeps_its_extremes(
            values in prop::collection::vec(prop_oneof![9 => 0.0..1e5_f64, 1 => Just(f64::NAN)], 1..600),
            width in 1_i32..200,
        ) {
            let per_column = values.len() as f64 / f64::from(width);
            let column_of = |time: f64| (time / per_column) as i32;
            let samples = || values.iter().enumerate().map(|(index, &value)| (index as f64, value));
            let columns = columns(samples(), column_of);
            for x in 0..=width {
                let here = || samples().filter(|s| s.1.is_finite() && column_of(s.0) == x).map(|s| s.1);
                let expected = here().reduce(f64::min).zip(here().reduce(f64::max));
                let found: Vec<_> = columns.iter().filter(|c| c.x == x).map(|c| (c.min.1, c.max.1)).collect();
                prop_assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
            }
            let drawn: Vec<Point> = lines(&columns, |value| value as i32).concat();
            for column in &columns {
                prop_assert!(drawn.contains(&(column.x, column.max.1 as i32)));
                prop_assert!(drawn.contains(&(column.x, column.min.1 as i32)));
            }
        }
    }

    #[test]
    fn a_gap_splits_the_line() {
        let samples = [(0.0, 1.0), (1.0, f64::NAN), (2.0, 3.0), (3.0, 4.0)];
        let lines = lines(&columns(samples, |time| time as i32), |value| value as i32);
        assert_eq!(lines, [vec![(0, 1)], vec![(2, 3), (3, 4)]]);
    }

    #[test]
    fn one_spike_in_a_million_survives() {
        let samples =
            (0..1_000_000).map(|index| (f64::from(index), if index == 777_777 { 9.0 } else { 1.0 }));
        let columns = columns(samples, |time| (time / 1_000.0) as i32);
        assert_eq!(columns.len(), 1_000);
        assert_eq!(columns[777].max.1, 9.0);
    }

    #[test]
    fn thinned_samples_are_some_of_them_with_the_extremes() {
        let spiky = |index: i32| if index == 777_777 { 9.0 } else { f64::from(index % 3) };
        let samples: Vec<Sample> = (0..1_000_000).map(|index| (f64::from(index), spiky(index))).collect();
        let kept = thinned(&samples, 4_000);
        assert!(kept.len() <= 4_000 && kept.is_sorted_by(|a, b| a.0 < b.0));
        assert!(kept.contains(&(777_777.0, 9.0)) && kept.contains(&(0.0, 0.0)));
        assert!(kept.last().is_some_and(|last| last.0 == 999_999.0));
        assert_eq!(thinned(&samples[..50], 50), samples[..50]);
        assert_eq!(thinned(&[(1.0, 2.0); 9], 4).len(), 4, "no time passes");
        assert_eq!(thinned(&[], 4), []);
    }
}
