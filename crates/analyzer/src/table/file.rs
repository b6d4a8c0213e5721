//! A table on disk: its metadata, and its columns one by one.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use parquet::column::reader::{ColumnReaderImpl, get_column_reader, get_typed_column_reader};
use parquet::data_type::DataType;
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;

use super::checksum::{self, damaged};
use super::{FORM, FORM_KEY, SUMS_KEY, TableError};

/// A file up to this size is read at once: a call a column would cost more.
const SMALL: u64 = 1 << 20;

/// A table of the form that is written here. Columns are read when they are asked for.
pub(super) struct TableFile {
    file: File,
    /// All of a small file.
    whole: Option<Bytes>,
    metadata: ParquetMetaData,
}

impl TableFile {
    /// Reads a file's metadata.
    ///
    /// # Errors
    /// Where the file cannot be read, is damaged, or is of another form.
    pub(super) fn open(path: &Path) -> Result<Self, TableError> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let whole = if length <= SMALL { Some(Bytes::from(end(&mut file, length, length)?)) } else { None };
        Self::of(file, length, whole)
    }

    /// The same where only the metadata is of interest.
    pub(super) fn open_metadata(path: &Path) -> Result<Self, TableError> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Self::of(file, length, None)
    }

    fn of(mut file: File, length: u64, whole: Option<Bytes>) -> Result<Self, TableError> {
        let mut end = |bytes: usize| match &whole {
            Some(whole) => Ok(whole.slice(whole.len().saturating_sub(bytes)..)),
            None => end(&mut file, length, bytes as u64).map(Bytes::from),
        };
        let tail = end(checksum::TAIL)?;
        let sealed = checksum::sealed_length(&tail)
            .ok_or_else(|| TableError::Form("no Parquet file, or not all of one".to_owned()))?;
        let end = end(sealed)?;
        let metadata = ParquetMetaDataReader::decode_metadata(checksum::open(&end)?)?;
        let table = Self { file, whole, metadata };
        if table.about(FORM_KEY)? != FORM {
            return Err(TableError::Form(format!("{FORM_KEY} is not {FORM}: convert the run again")));
        }
        Ok(table)
    }

    /// What stands under a key of its metadata.
    pub(super) fn about(&self, key: &str) -> Result<&str, TableError> {
        let entries = self.metadata.file_metadata().key_value_metadata();
        let found = entries.into_iter().flatten().find(|entry| entry.key == key);
        found
            .and_then(|entry| entry.value.as_deref())
            .ok_or_else(|| TableError::Form(format!("no {key} in its metadata")))
    }

    pub(super) fn groups(&self) -> usize {
        self.metadata.num_row_groups()
    }

    pub(super) fn rows(&self, group: usize) -> usize {
        usize::try_from(self.metadata.row_group(group).num_rows()).unwrap_or_default()
    }

    /// Whether it has a column of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        let columns = self.metadata.file_metadata().schema_descr().columns().iter();
        columns.into_iter().any(|column| column.name() == name)
    }

    /// A column of a group of rows; `None` where it holds nothing.
    ///
    /// # Errors
    /// Where there is no such column of the type, or it is damaged.
    pub(super) fn column<T: DataType>(
        &self,
        group: usize,
        name: &str,
    ) -> Result<Option<ColumnReaderImpl<T>>, TableError> {
        let columns = self.metadata.row_group(group).columns();
        let index = columns.iter().position(|column| {
            let about = column.column_descr();
            column.column_path().string() == name
                && about.physical_type() == T::get_physical_type()
                && about.max_rep_level() == 0
                && about.max_def_level() <= 1
        });
        let index = index.ok_or_else(|| TableError::Form(format!("no column {name} of the right type")))?;
        let column = &columns[index];
        let rows = self.rows(group);
        let nothing = column.statistics().and_then(|s| s.null_count_opt()) == Some(rows as u64);
        if nothing && column.column_descr().max_def_level() == 1 {
            return Ok(None);
        }
        let (start, length) = checksum::range(column).ok_or_else(damaged)?;
        let part = Part { start, bytes: self.read(start, length)? };
        let mut sums = self.about(SUMS_KEY)?.split(' ');
        if sums.nth(group * columns.len() + index) != Some(checksum::sum(&part.bytes).as_str()) {
            return Err(TableError::Form(format!("its column {name} is damaged")));
        }
        let pages = SerializedPageReader::new(Arc::new(part), column, rows, None)?;
        Ok(Some(get_typed_column_reader(get_column_reader(column.column_descr_ptr(), Box::new(pages)))))
    }

    fn read(&self, start: u64, length: usize) -> Result<Bytes, TableError> {
        if let Some(whole) = &self.whole {
            let from = usize::try_from(start).ok();
            let to = from.and_then(|from| from.checked_add(length)).filter(|to| *to <= whole.len());
            return from.zip(to).map(|(from, to)| whole.slice(from..to)).ok_or_else(damaged);
        }
        let mut bytes = Vec::with_capacity(length);
        let mut file = &self.file;
        file.seek(SeekFrom::Start(start))?;
        file.take(length as u64).read_to_end(&mut bytes)?;
        Ok(Bytes::from(bytes))
    }
}

/// So many bytes at a file's end, or all of a shorter file.
fn end(file: &mut File, length: u64, bytes: u64) -> Result<Vec<u8>, TableError> {
    let mut end = Vec::with_capacity(usize::try_from(bytes.min(length)).unwrap_or_default());
    file.seek(SeekFrom::Start(length.saturating_sub(bytes)))?;
    file.take(bytes).read_to_end(&mut end)?;
    Ok(end)
}

/// The bytes of one column; places count from the file's beginning.
struct Part {
    start: u64,
    bytes: Bytes,
}

impl Part {
    fn from(&self, start: u64) -> ParquetResult<Bytes> {
        let from = start.checked_sub(self.start).and_then(|from| usize::try_from(from).ok());
        let from = from.filter(|from| *from <= self.bytes.len());
        from.map(|from| self.bytes.slice(from..)).ok_or_else(outside)
    }
}

impl Length for Part {
    fn len(&self) -> u64 {
        self.start.saturating_add(self.bytes.len() as u64)
    }
}

impl ChunkReader for Part {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        Ok(self.from(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let from = self.from(start)?;
        if length <= from.len() { Ok(from.slice(..length)) } else { Err(outside()) }
    }
}

fn outside() -> ParquetError {
    ParquetError::EOF("a page reaches past its column".to_owned())
}
