//! Sums of many values.

/// How many are added side by side: each addition waits for the one before it in its lane only.
const LANES: usize = 8;

/// The sum of values, in a fixed order of its own: eight times as quick as one by one, and its
/// rounding error is smaller.
#[must_use]
pub fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut lanes = [0.0; LANES];
    let mut values = values.into_iter();
    'all: loop {
        for lane in &mut lanes {
            let Some(value) = values.next() else { break 'all };
            *lane += value;
        }
    }
    lanes.iter().sum()
}

/// The sum of what is made of each row of columns, up to the end of the shortest: of the same order, and quicker still, since
/// nothing has to be asked between two values of a block.
#[must_use]
pub fn sum_of<const N: usize>(columns: [&[f64]; N], of: impl Fn([f64; N]) -> f64) -> f64 {
    let rows = columns.iter().map(|column| column.len()).min().unwrap_or_default();
    let columns = columns.map(|column| column[..rows].as_chunks::<LANES>());
    let mut lanes = [0.0; LANES];
    for block in 0..rows / LANES {
        let block = columns.map(|(blocks, _)| blocks[block]);
        for (place, lane) in lanes.iter_mut().enumerate() {
            *lane += of(block.map(|values| values[place]));
        }
    }
    for (place, lane) in lanes.iter_mut().enumerate().take(rows % LANES) {
        *lane += of(columns.map(|(_, rest)| rest[place]));
    }
    lanes.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_counts_once() {
        for n in [0, 1, 7, 8, 9, 1000] {
            let expected = f64::from(n * (n - 1) / 2);
            assert_eq!(sum((0..n).map(f64::from)), expected);
        }
    }

    #[test]
    fn columns_add_up_as_single_values_do() {
        for n in [0, 1, 7, 8, 9, 1000] {
            let column: Vec<f64> = (0..n).map(|i| 1.0 / f64::from(i * 37 % 101 + 1)).collect();
            let later = column.get(1..).unwrap_or_default();
            let one_by_one = sum(column.iter().zip(later).map(|(a, b)| a * b));
            assert_eq!(sum_of([&column, later], |[a, b]| a * b).to_bits(), one_by_one.to_bits());
        }
    }
}
