//! The snapshots of a table, some at a time, as their columns are unpacked.

use memtool_profile_model::{
    Mib, Offset, OperationId, Operations, PressureLevel, SnapshotColumns, SnapshotKind, SnapshotRows,
};
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};

use super::TableError;
use super::cell::{are_sizes, checked, fault, text};
use super::file::TableFile;

/// Rows that are unpacked at once: their columns stay in a processor's second cache.
const AT_ONCE: usize = 4096;

/// Which columns are unpacked; the others count as empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// All that an analysis uses: not virtual and proportional memory and the system's percentage.
    Analysis,
    /// Time, RSS, batch size, kind and label.
    Chart,
}

/// Gives the snapshots of a table to `take`, some at a time, with the labels of its run.
pub(super) fn each(
    table: &TableFile,
    operations: &mut Operations,
    wanted: Wanted,
    mut take: impl FnMut(&Operations, &SnapshotRows<'_>),
) -> Result<(), TableError> {
    let (mut row, mut last) = (0, Offset::START);
    let mut part = SnapshotColumns::default();
    for group in 0..table.groups() {
        let mut columns = Columns::new(table, group, wanted)?;
        let end = row + table.rows(group);
        while row < end {
            let rows = AT_ONCE.min(end - row);
            part.truncate(0);
            columns.unpack(rows, row, operations, &mut part)?;
            part.complete();
            for (place, at) in part.at.iter().enumerate() {
                if *at < last {
                    let expected = "a time from 0 not before the last one";
                    return Err(fault("t_ns", row + place, expected, &at.nanos()));
                }
                last = *at;
            }
            take(operations, &part.rows(0..rows));
            row += rows;
        }
    }
    Ok(())
}

/// The columns of a group of rows.
struct Columns {
    at: Column<Int64Type>,
    rss: Column<DoubleType>,
    children: Column<DoubleType>,
    shared: Column<DoubleType>,
    pss: Column<DoubleType>,
    available: Column<DoubleType>,
    level: Column<Int32Type>,
    collections: Column<Int64Type>,
    size: Column<Int32Type>,
    kind: Column<ByteArrayType>,
    label: Column<ByteArrayType>,
    /// The last label, which most rows repeat.
    known: Option<(ByteArray, OperationId)>,
}

impl Columns {
    fn new(table: &TableFile, group: usize, wanted: Wanted) -> Result<Self, TableError> {
        let also = wanted == Wanted::Analysis;
        Ok(Self {
            at: Column::new(table, group, "t_ns", true)?,
            rss: Column::new(table, group, "rss_mb", true)?,
            children: Column::new(table, group, "children_rss_mb", true)?,
            shared: Column::new(table, group, "shared_mb", also)?,
            pss: Column::new(table, group, "pss_mb", true)?,
            available: Column::new(table, group, "available_mb", also)?,
            level: Column::new(table, group, "pressure_level", also)?,
            collections: Column::new(table, group, "gc_collections", also)?,
            size: Column::new(table, group, "batch_size", true)?,
            kind: Column::new(table, group, "kind", true)?,
            label: Column::new(table, group, "operation", true)?,
            known: None,
        })
    }

    /// Unpacks the next rows, the first of which is number `first`, column by column.
    fn unpack(
        &mut self,
        rows: usize,
        first: usize,
        operations: &mut Operations,
        part: &mut SnapshotColumns,
    ) -> Result<(), TableError> {
        self.at.unpack(rows)?;
        part.at.extend(self.at.values.iter().map(|at| Offset::from_nanos(*at)));
        let times = part.len();
        if times < rows {
            return Err(fault("t_ns", first + times, "a time in every row", &"none"));
        }
        self.rss.put_sizes(rows, first, &mut part.rss)?;
        self.children.put_sizes(rows, first, &mut part.children_rss)?;
        self.shared.put_sizes(rows, first, &mut part.shared)?;
        self.pss.put_sizes(rows, first, &mut part.pss)?;
        self.available.put_sizes(rows, first, &mut part.available)?;
        self.level.put(rows, &mut part.level, |row, level| {
            let known = usize::try_from(*level).ok().and_then(|index| PressureLevel::ALL.get(index).copied());
            let expected = "a level from 0 to 3";
            known.map(Some).ok_or_else(|| fault("pressure_level", first + row, expected, level))
        })?;
        self.collections.put(rows, &mut part.gc_collections, |_, count| Ok(u64::try_from(*count).ok()))?;
        self.size.put(rows, &mut part.batch_size, |_, size| Ok(u32::try_from(*size).ok()))?;
        self.kind.put(rows, &mut part.kind, |_, kind| Ok(SnapshotKind::of_label(Some(text(kind)?))))?;
        let known = &mut self.known;
        self.label.put(rows, &mut part.operation, |_, label| Ok(Some(id(label, known, operations)?)))
    }
}

/// The id of a label; neighbours mostly have the same.
fn id(
    label: &ByteArray,
    known: &mut Option<(ByteArray, OperationId)>,
    operations: &mut Operations,
) -> Result<OperationId, TableError> {
    if let Some((_, id)) = known.as_ref().filter(|(last, _)| last == label) {
        return Ok(*id);
    }
    let id = operations.intern(text(label)?);
    *known = Some((label.clone(), id));
    Ok(id)
}

/// The rows that have a value. Labels are rare: many rows without one are passed at once.
fn with_value(levels: &[i16]) -> impl Iterator<Item = usize> + '_ {
    const AT_ONCE: usize = 64;
    let blocks = levels.chunks(AT_ONCE).enumerate();
    let some = blocks.filter(|(_, block)| block.iter().fold(0, |any, level| any | level) != 0);
    some.flat_map(|(place, block)| {
        let rows = block.iter().enumerate().filter(|(_, level)| **level == 1);
        rows.map(move |(row, _)| place * AT_ONCE + row)
    })
}

/// One column, of which a part is unpacked.
struct Column<T: DataType> {
    name: &'static str,
    /// `None` where it holds nothing.
    reader: Option<ColumnReaderImpl<T>>,
    values: Vec<T::T>,
    /// Which rows have a value; none where all have.
    levels: Vec<i16>,
}

impl<T: DataType> Column<T> {
    fn new(table: &TableFile, group: usize, name: &'static str, wanted: bool) -> Result<Self, TableError> {
        let reader = if wanted { table.column(group, name)? } else { None };
        Ok(Self { name, reader, values: Vec::new(), levels: Vec::new() })
    }

    /// Unpacks the next rows.
    fn unpack(&mut self, rows: usize) -> Result<(), TableError> {
        self.values.clear();
        self.levels.clear();
        let Some(reader) = &mut self.reader else { return Ok(()) };
        let mut read = 0;
        while read < rows {
            let (records, _, _) =
                reader.read_records(rows - read, Some(&mut self.levels), None, &mut self.values)?;
            if records == 0 {
                return Err(TableError::Form(format!("{} ends {} rows too early", self.name, rows - read)));
            }
            read += records;
        }
        Ok(())
    }

    /// Unpacks the next rows into a column without any: `of` makes what it holds of a row and its value, once for neighbours
    /// that are equal.
    fn put<V: Clone + Default>(
        &mut self,
        rows: usize,
        column: &mut Vec<V>,
        mut of: impl FnMut(usize, &T::T) -> Result<V, TableError>,
    ) -> Result<(), TableError> {
        self.unpack(rows)?;
        if self.values.len() == rows {
            return self.values.chunk_by(|a, b| a == b).try_for_each(|same| {
                let value = of(column.len(), &same[0])?;
                column.resize(column.len() + same.len(), value);
                Ok(())
            });
        }
        with_value(&self.levels).zip(&self.values).try_for_each(|(row, value)| {
            SnapshotColumns::put(column, row, of(row, value)?);
            Ok(())
        })
    }
}

impl Column<DoubleType> {
    /// Unpacks the sizes of the next rows into a column without any.
    fn put_sizes(
        &mut self,
        rows: usize,
        first: usize,
        column: &mut Vec<Option<Mib>>,
    ) -> Result<(), TableError> {
        self.unpack(rows)?;
        let name = self.name;
        if self.values.len() == rows {
            if !are_sizes(&self.values) {
                let mut values = self.values.iter().enumerate();
                values.try_for_each(|(row, mebibytes)| checked(*mebibytes, name, first + row).map(drop))?;
            }
            column.extend(self.values.iter().map(|mebibytes| Some(Mib::new(*mebibytes))));
            return Ok(());
        }
        with_value(&self.levels).zip(&self.values).try_for_each(|(row, mebibytes)| {
            SnapshotColumns::put(column, row, Some(checked(*mebibytes, name, first + row)?));
            Ok(())
        })
    }
}
