//! Brings any number of samples down to one entry per pixel column, keeping every column's extremes.

use super::scene::Point;

/// The samples that fall into one pixel column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Column {
    /// The column, in pixels.
    pub(super) x: i32,
    pub(super) first: f64,
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) last: f64,
    /// Whether the line comes here from the column before: false at the start and after a gap.
    pub(super) joined: bool,
}

/// Groups samples, sorted by time, by the pixel column that `column_of` gives; values that are not finite are gaps.
pub(super) fn columns(
    samples: impl IntoIterator<Item = (f64, f64)>,
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
            Some(column) if column.x == x => {
                column.min = column.min.min(value);
                column.max = column.max.max(value);
                column.last = value;
            }
            _ => columns.push(Column { x, first: value, min: value, max: value, last: value, joined: !gap }),
        }
        gap = false;
    }
    columns
}

/// The lines through the columns, one for each stretch without a gap: at most one vertical stroke a column.
pub(super) fn lines(columns: &[Column], y_of: impl Fn(f64) -> i32) -> Vec<Vec<Point>> {
    let mut lines: Vec<Vec<Point>> = Vec::new();
    for column in columns {
        let stops = [column.first, column.min, column.max, column.last].map(|value| (column.x, y_of(value)));
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
                let found: Vec<_> = columns.iter().filter(|c| c.x == x).map(|c| (c.min, c.max)).collect();
                prop_assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
            }
            let drawn: Vec<Point> = lines(&columns, |value| value as i32).concat();
            for column in &columns {
                prop_assert!(drawn.contains(&(column.x, column.max as i32)));
                prop_assert!(drawn.contains(&(column.x, column.min as i32)));
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
        assert_eq!(columns[777].max, 9.0);
    }
}
