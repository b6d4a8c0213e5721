//! Checks of one value of a table: text or a size.

use memtool_profile_model::Mib;
use parquet::data_type::ByteArray;

use super::TableError;

/// No machine has more, a pebibyte.
const LARGEST_MB: f64 = 1e9;

pub(super) fn text(value: &ByteArray) -> Result<&str, TableError> {
    std::str::from_utf8(value.data()).map_err(|_| TableError::Form("a label that is not text".to_owned()))
}

/// Whether all values may be sizes; many at a time, which is quicker than one by one.
pub(super) fn are_sizes(values: &[f64]) -> bool {
    values.iter().fold(true, |all, value| all & (*value >= 0.0) & (*value <= LARGEST_MB))
}

pub(super) fn checked(value: f64, name: &str, row: usize) -> Result<Mib, TableError> {
    if (0.0..=LARGEST_MB).contains(&value) {
        return Ok(Mib::new(value));
    }
    Err(fault(name, row, "mebibytes from 0 to 1e9", &value))
}

pub(super) fn fault(column: &str, row: usize, expected: &'static str, found: &impl ToString) -> TableError {
    TableError::Value { place: format!("{column}, row {row}"), expected, found: found.to_string() }
}
