//! A table read row by row, of which only a few columns are unpacked, a part at a time.

use std::path::Path;

use memtool_profile_model::{Mib, Offset, Run, SnapshotKind};
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};

use super::file::TableFile;
use super::read::{checked, fault, text};
use super::{RUN_KEY, TableError};

/// Rows that are unpacked at once: their columns stay in a processor's second cache.
const AT_ONCE: usize = 4096;

/// What a chart needs of a snapshot.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look<'a> {
    /// When, from the run's start.
    pub(crate) at: Offset,
    /// Resident memory; `None` where the probe failed.
    pub(crate) rss: Option<Mib>,
    /// Batch size in force.
    pub(crate) batch_size: Option<u32>,
    /// Why it was taken.
    pub(crate) kind: SnapshotKind,
    /// The job's label.
    pub(crate) label: Option<&'a str>,
}

/// Gives each snapshot of a table to `take`, with the run it belongs to, and then that run, which
/// has no snapshots.
///
/// # Errors
/// As those of [`read_table`](super::read_table), and where times go back.
pub(crate) fn each_look(path: &Path, mut take: impl FnMut(&Run, Look<'_>)) -> Result<Run, TableError> {
    let table = TableFile::open(path)?;
    let run: Run = serde_json::from_str(table.about(RUN_KEY)?)?;
    let (mut row, mut last) = (0, Offset::START);
    for group in 0..table.groups() {
        let mut columns = Columns {
            at: Column::<Int64Type>::new(&table, group, "t_ns")?,
            rss: Column::<DoubleType>::new(&table, group, "rss_mb")?,
            size: Column::<Int32Type>::new(&table, group, "batch_size")?,
            kind: Column::<ByteArrayType>::new(&table, group, "kind")?,
            label: Column::<ByteArrayType>::new(&table, group, "operation")?,
        };
        let end = row + table.rows(group);
        while row < end {
            let rows = AT_ONCE.min(end - row);
            columns.unpack(rows)?;
            for _ in 0..rows {
                let look = columns.next(row)?;
                if look.at < last {
                    return Err(fault(
                        "t_ns",
                        row,
                        "a time from 0 not before the last one",
                        &look.at.nanos(),
                    ));
                }
                last = look.at;
                take(&run, look);
                row += 1;
            }
        }
    }
    Ok(run)
}

/// The columns of a group of rows.
struct Columns {
    at: Column<Int64Type>,
    rss: Column<DoubleType>,
    size: Column<Int32Type>,
    kind: Column<ByteArrayType>,
    label: Column<ByteArrayType>,
}

impl Columns {
    fn unpack(&mut self, rows: usize) -> Result<(), TableError> {
        self.at.unpack(rows)?;
        self.rss.unpack(rows)?;
        self.size.unpack(rows)?;
        self.kind.unpack(rows)?;
        self.label.unpack(rows)
    }

    fn next(&mut self, row: usize) -> Result<Look<'_>, TableError> {
        let at = self.at.next().copied();
        Ok(Look {
            at: Offset::from_nanos(at.ok_or_else(|| fault("t_ns", row, "a time", &"none"))?),
            rss: self.rss.next().map(|rss| checked(*rss, "rss_mb", row)).transpose()?,
            batch_size: self.size.next().and_then(|size| u32::try_from(*size).ok()),
            kind: SnapshotKind::of_label(self.kind.next().map(text).transpose()?),
            label: self.label.next().map(text).transpose()?,
        })
    }
}

/// One column, of which a part is unpacked.
struct Column<T: DataType> {
    name: &'static str,
    /// `None` where it holds nothing.
    reader: Option<ColumnReaderImpl<T>>,
    values: Vec<T::T>,
    /// Which rows have a value; none where all have.
    levels: Vec<i16>,
    row: usize,
    value: usize,
}

impl<T: DataType> Column<T> {
    fn new(table: &TableFile, group: usize, name: &'static str) -> Result<Self, TableError> {
        let reader = table.column(group, name)?;
        Ok(Self { name, reader, values: Vec::new(), levels: Vec::new(), row: 0, value: 0 })
    }

    /// Unpacks the next rows.
    fn unpack(&mut self, rows: usize) -> Result<(), TableError> {
        let Some(reader) = &mut self.reader else { return Ok(()) };
        self.values.clear();
        self.levels.clear();
        (self.row, self.value) = (0, 0);
        let mut read = 0;
        while read < rows {
            let (records, _, _) =
                reader.read_records(rows - read, Some(&mut self.levels), None, &mut self.values)?;
            if records == 0 {
                return Err(TableError::Form(format!("{} ends {} rows too early", self.name, rows - read)));
            }
            read += records;
        }
        if self.values.len() == rows {
            self.levels.clear();
        }
        Ok(())
    }

    /// The value of the next row.
    fn next(&mut self) -> Option<&T::T> {
        let row = self.row;
        self.row += 1;
        if self.levels.get(row).is_some_and(|level| *level == 0) {
            return None;
        }
        self.value += 1;
        self.values.get(self.value - 1)
    }
}
