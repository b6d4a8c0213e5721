//! The snapshots of a table, one after the other: columns are unpacked a part at a time.

use memtool_profile_model::{Mib, Offset, OperationId, Operations, PressureLevel, Snapshot, SnapshotKind};
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};

use super::TableError;
use super::file::TableFile;
use super::read::{checked, fault, text};

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

/// Gives each snapshot of a table to `take`, with the labels of its run.
pub(super) fn each(
    table: &TableFile,
    operations: &mut Operations,
    wanted: Wanted,
    mut take: impl FnMut(&Operations, &Snapshot),
) -> Result<(), TableError> {
    let (mut row, mut last) = (0, Offset::START);
    for group in 0..table.groups() {
        let mut columns = Columns::new(table, group, wanted)?;
        let end = row + table.rows(group);
        while row < end {
            let rows = AT_ONCE.min(end - row);
            columns.unpack(rows)?;
            for _ in 0..rows {
                let snapshot = columns.next(row, operations)?;
                if snapshot.at < last {
                    let expected = "a time from 0 not before the last one";
                    return Err(fault("t_ns", row, expected, &snapshot.at.nanos()));
                }
                last = snapshot.at;
                take(operations, &snapshot);
                row += 1;
            }
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
            children: Column::new(table, group, "children_rss_mb", also)?,
            shared: Column::new(table, group, "shared_mb", also)?,
            available: Column::new(table, group, "available_mb", also)?,
            level: Column::new(table, group, "pressure_level", also)?,
            collections: Column::new(table, group, "gc_collections", also)?,
            size: Column::new(table, group, "batch_size", true)?,
            kind: Column::new(table, group, "kind", true)?,
            label: Column::new(table, group, "operation", true)?,
            known: None,
        })
    }

    fn unpack(&mut self, rows: usize) -> Result<(), TableError> {
        self.at.unpack(rows)?;
        self.rss.unpack(rows)?;
        self.children.unpack(rows)?;
        self.shared.unpack(rows)?;
        self.available.unpack(rows)?;
        self.level.unpack(rows)?;
        self.collections.unpack(rows)?;
        self.size.unpack(rows)?;
        self.kind.unpack(rows)?;
        self.label.unpack(rows)
    }

    #[inline]
    fn next(&mut self, row: usize, operations: &mut Operations) -> Result<Snapshot, TableError> {
        let at = self.at.next().ok_or_else(|| fault("t_ns", row, "a time", &"none"))?;
        let kind = self.kind.next().map(text).transpose()?;
        let level = self.level.next().map(|level| {
            let known = usize::try_from(*level).ok().and_then(|index| PressureLevel::ALL.get(index).copied());
            known.ok_or_else(|| fault("pressure_level", row, "a level from 0 to 3", level))
        });
        Ok(Snapshot {
            at: Offset::from_nanos(*at),
            rss: self.rss.size(row)?,
            children_rss: self.children.size(row)?,
            shared: self.shared.size(row)?,
            pss: None,
            vms: None,
            system_percent: None,
            available: self.available.size(row)?,
            level: level.transpose()?,
            gc_collections: self.collections.next().and_then(|count| u64::try_from(*count).ok()),
            batch_size: self.size.next().and_then(|size| u32::try_from(*size).ok()),
            kind: SnapshotKind::of_label(kind),
            operation: self.operation(operations)?,
        })
    }

    fn operation(&mut self, operations: &mut Operations) -> Result<Option<OperationId>, TableError> {
        let Some(label) = self.label.next() else { return Ok(None) };
        if let Some((_, id)) = self.known.as_ref().filter(|(last, _)| last == label) {
            return Ok(Some(*id));
        }
        let id = operations.intern(text(label)?);
        self.known = Some((label.clone(), id));
        Ok(Some(id))
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
    fn new(table: &TableFile, group: usize, name: &'static str, wanted: bool) -> Result<Self, TableError> {
        let reader = if wanted { table.column(group, name)? } else { None };
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

impl Column<DoubleType> {
    /// The next row as a size.
    fn size(&mut self, row: usize) -> Result<Option<Mib>, TableError> {
        let name = self.name;
        self.next().map(|mebibytes| checked(*mebibytes, name, row)).transpose()
    }
}
