//! Sums by which damage to a table is found before any of it is unpacked.
//!
//! The library panics on a few damaged pages, and could ask for any amount of memory. Each column's
//! bytes have a CRC-32 in the file's metadata, and the metadata one right before it, where readers
//! of Parquet check nothing.

use parquet::file::metadata::ColumnChunkMetaData;

use super::TableError;

/// What a Parquet file ends with: the length of its metadata, and four letters.
pub(super) const TAIL: usize = 8;
const LETTERS: &[u8] = b"PAR1";

/// Bytes of a sum.
const SUM: usize = 4;

/// The sum of a part of a file, as its metadata has it.
pub(super) fn sum(bytes: &[u8]) -> String {
    format!("{:08x}", crc32fast::hash(bytes))
}

/// Where a column stands in its file.
pub(super) fn range(column: &ColumnChunkMetaData) -> Option<(u64, usize)> {
    let start = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
    Some((u64::try_from(start).ok()?, usize::try_from(column.compressed_size()).ok()?))
}

/// Puts the sum of a file's metadata before it.
pub(super) fn seal(file: &mut Vec<u8>) {
    let Some(length) = sealed_length(file) else { return };
    let from = file.len().saturating_sub(length - SUM);
    let sum = crc32fast::hash(&file[from..]).to_le_bytes();
    file.splice(from..from, sum);
}

/// Bytes from the sum of a file's metadata to the file's end, by what the file ends with.
pub(super) fn sealed_length(end: &[u8]) -> Option<usize> {
    let length = end.strip_suffix(LETTERS)?.last_chunk::<4>()?;
    usize::try_from(u32::from_le_bytes(*length)).ok()?.checked_add(SUM + TAIL)
}

/// The metadata of a file, given its end from the sum on.
///
/// # Errors
/// Where the sum is another.
pub(super) fn open(end: &[u8]) -> Result<&[u8], TableError> {
    let opened =
        end.split_first_chunk::<SUM>().filter(|(sum, rest)| **sum == crc32fast::hash(rest).to_le_bytes());
    let metadata = opened.and_then(|(_, rest)| rest.split_last_chunk::<TAIL>());
    let is_own = || holds(end, super::FORM_KEY.as_bytes());
    metadata.map(|(metadata, _)| metadata).ok_or_else(|| if is_own() { damaged() } else { another() })
}

/// Whether a text stands in bytes.
fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

fn another() -> TableError {
    TableError::Form(
        "another program wrote it, or its end is damaged: write another program's table as CSV, `duckdb -c \"COPY (FROM \
         read_parquet('FILE')) TO 'FILE.csv'\"`, and say its columns with --columns"
            .to_owned(),
    )
}

pub(super) fn damaged() -> TableError {
    TableError::Form("it is damaged, or another program wrote it: its metadata has another sum".to_owned())
}
