//! From a file of snapshots to its run.

use std::path::Path;

use memtool_profile_model::{Batch, Mib, Offset, OperationId, Operations, Run, SnapshotRows};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};

use super::cell::{checked, text};
use super::file::TableFile;
use super::partition::batches_beside;
use super::rows::{PEAK_SOURCES, peak_source};
use super::snapshots::{self, Wanted};
use super::{BATCHES_KEY, REPORT_KEY, RULES_KEY, RUN_KEY, TableError};

/// Reads a run from the file of its snapshots; its batches stand in the other table.
///
/// Only the columns that an analysis uses are unpacked: virtual and proportional memory and the
/// system's percentage stay where they are.
///
/// # Errors
/// Where the file cannot be read, is damaged, is not a table of snapshots, or has more than `most`.
pub fn read_table(path: &Path, most: usize) -> Result<Run, TableError> {
    let begin = |_: &Run, rows| Vec::with_capacity(rows);
    let (run, snapshots) =
        fold_snapshots(path, most, Wanted::Analysis, begin, |all, _, some| all.extend(some.snapshots()))?;
    Ok(Run { snapshots, ..run })
}

/// Begins something for a run and its number of snapshots, gives it the snapshots of a table, some at a time, with
/// the labels of its run, and then gives that run, which has no snapshots.
///
/// # Errors
/// As those of [`read_table`].
pub(crate) fn fold_snapshots<S>(
    path: &Path,
    most: usize,
    wanted: Wanted,
    begin: impl FnOnce(&Run, usize) -> S,
    mut take: impl FnMut(&mut S, &Operations, &SnapshotRows<'_>),
) -> Result<(Run, S), TableError> {
    let table = TableFile::open(path)?;
    let rows: usize = (0..table.groups()).map(|group| table.rows(group)).sum();
    if rows > most {
        return Err(TableError::Large { rows, most });
    }
    let mut run: Run = serde_json::from_str(table.about(RUN_KEY)?)?;
    run.leave_out_tiny_limits();
    let mut state = begin(&run, rows);
    snapshots::each(&table, &mut run.operations, wanted, |operations, some| {
        take(&mut state, operations, some);
    })?;
    if wanted == Wanted::Analysis && table.about(BATCHES_KEY)? != "0" {
        let beside =
            batches_beside(path).ok_or_else(|| TableError::Form("its batches are not beside it".into()))?;
        let (table, mut scratch) = (TableFile::open(&beside)?, Scratch::default());
        for index in 0..table.groups() {
            batches(&Group::new(&table, index), &mut scratch, &mut run)?;
        }
    }
    Ok((run, state))
}

/// The report, as JSON, that rules of this version made and that stands with a file of snapshots.
///
/// Other rules may judge otherwise: their reports are not used. Nothing of the file but its
/// metadata is read.
#[must_use]
pub fn stored_report(path: &Path, rules: &str) -> Option<String> {
    let table = TableFile::open_metadata(path).ok()?;
    let current = table.about(RULES_KEY).ok()? == rules;
    current.then(|| table.about(REPORT_KEY).ok().map(str::to_owned)).flatten()
}

/// Vectors that serve one column after the other.
#[derive(Default)]
struct Scratch {
    levels: Vec<i16>,
    doubles: Vec<f64>,
    longs: Vec<i64>,
    ints: Vec<i32>,
    texts: Vec<ByteArray>,
    bools: Vec<bool>,
}

/// One group of rows.
struct Group<'a> {
    table: &'a TableFile,
    index: usize,
    rows: usize,
}

impl<'a> Group<'a> {
    fn new(table: &'a TableFile, index: usize) -> Self {
        Self { table, index, rows: table.rows(index) }
    }

    /// Gives each value of a column to `take`, with its row.
    fn each<T: DataType>(
        &self,
        name: &str,
        levels: &mut Vec<i16>,
        values: &mut Vec<T::T>,
        mut take: impl FnMut(usize, &T::T) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        let Some(mut reader) = self.table.column::<T>(self.index, name)? else { return Ok(()) };
        levels.clear();
        values.clear();
        let mut read = 0;
        while read < self.rows {
            let (records, _, _) = reader.read_records(self.rows - read, Some(levels), None, values)?;
            if records == 0 {
                return Err(TableError::Form(format!("{name} ends after {read} of {} rows", self.rows)));
            }
            read += records;
        }
        if values.len() == self.rows {
            return values.iter().enumerate().try_for_each(|(row, value)| take(row, value));
        }
        let rows = levels.iter().enumerate().filter(|(_, level)| **level == 1).map(|(row, _)| row);
        rows.zip(values.iter()).try_for_each(|(row, value)| take(row, value))
    }
}

fn batches(group: &Group<'_>, scratch: &mut Scratch, run: &mut Run) -> Result<(), TableError> {
    let Scratch { levels, doubles, longs, ints, texts, bools } = scratch;
    let Run { batches, operations, .. } = run;
    let first = batches.len();
    group.each::<Int64Type>("start_ns", levels, longs, |_, at| {
        batches.push(blank_batch(Offset::from_nanos(*at)));
        Ok(())
    })?;
    let rows = &mut batches[first..];
    group.each::<Int64Type>("end_ns", levels, longs, |row, at| {
        rows[row].end = Some(Offset::from_nanos(*at));
        Ok(())
    })?;
    group.each::<Int64Type>("items", levels, longs, |row, items| {
        rows[row].items = u64::try_from(*items).unwrap_or_default();
        Ok(())
    })?;
    group.each::<Int32Type>("batch_size", levels, ints, |row, size| {
        rows[row].size = u32::try_from(*size).unwrap_or_default();
        Ok(())
    })?;
    let mut size = |name: &'static str, field: fn(&mut Batch) -> &mut Option<Mib>| {
        group.each::<DoubleType>(name, levels, doubles, |row, value| {
            *field(&mut rows[row]) = Some(checked(*value, name, first + row)?);
            Ok(())
        })
    };
    size("rss_start_mb", |b| &mut b.rss_start)?;
    size("peak_rss_mb", |b| &mut b.rss_peak)?;
    size("rss_end_mb", |b| &mut b.rss_end)?;
    size("retained_mb", |b| &mut b.retained)?;
    group.each::<DoubleType>("cpu_s", levels, doubles, |row, value| {
        rows[row].cpu_seconds = Some(*value).filter(|seconds| seconds.is_finite());
        Ok(())
    })?;
    group.each::<BoolType>("overlapping", levels, bools, |row, value| {
        rows[row].overlapping = *value;
        Ok(())
    })?;
    group.each::<ByteArrayType>("peak_source", levels, texts, |row, value| {
        let name = text(value)?;
        rows[row].peak_source = PEAK_SOURCES.into_iter().find(|source| peak_source(*source) == name);
        Ok(())
    })?;
    let mut names = Names::new(operations);
    group.each::<ByteArrayType>("operation", levels, texts, |row, value| {
        rows[row].operation = Some(names.id(value)?);
        Ok(())
    })
}

fn blank_batch(start: Offset) -> Batch {
    Batch { start, ..Batch::default() }
}

/// Ids of labels; neighbours mostly have the same.
struct Names<'a> {
    operations: &'a mut Operations,
    last: Option<(ByteArray, OperationId)>,
}

impl<'a> Names<'a> {
    const fn new(operations: &'a mut Operations) -> Self {
        Self { operations, last: None }
    }

    fn id(&mut self, label: &ByteArray) -> Result<OperationId, TableError> {
        if let Some((_, id)) = self.last.as_ref().filter(|(last, _)| last == label) {
            return Ok(*id);
        }
        let id = self.operations.intern(text(label)?);
        self.last = Some((label.clone(), id));
        Ok(id)
    }
}
