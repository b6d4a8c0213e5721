//! Reads a whole file.

use std::io::BufRead;

use memtool_profile_model::{ReadError, Run};

use crate::columns::{self, Columns};
use crate::input::Input;
use crate::limits::Limits;
use crate::reader::Reader;

/// Reads a file with the reader that [`find`](crate::find) gave for its beginning.
///
/// # Errors
/// Where it cannot be read, holds no memory figure, or is known and cannot be analysed.
pub fn read(reader: &Reader, text: &mut dyn BufRead, limits: Limits) -> Result<Vec<Run>, ReadError> {
    let mut input = Input::new(text, limits);
    (reader.read)(&mut input)
}

/// Reads a table by a mapping of its columns.
///
/// # Errors
/// As [`read`], and where a column of the mapping is missing.
pub fn read_columns(
    mapping: &Columns,
    text: &mut dyn BufRead,
    limits: Limits,
) -> Result<Vec<Run>, ReadError> {
    columns::read(mapping, &mut Input::new(text, limits))
}
