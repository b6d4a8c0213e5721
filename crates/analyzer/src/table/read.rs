//! From a file of snapshots to its run.

use std::fs::File;
use std::io::Read;
use std::panic::AssertUnwindSafe;
use std::path::Path;

use memtool_profile_model::{
    Batch, Mib, Offset, OperationId, Operations, PressureLevel, Run, Snapshot, SnapshotKind,
};
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};

use super::place::batches_beside;
use super::rows::{PEAK_SOURCES, peak_source};
use super::{BATCHES_KEY, FORM, FORM_KEY, REPORT_KEY, RUN_KEY, TableError, VERSION, VERSION_KEY};

/// No machine has more, a pebibyte.
const LARGEST_MB: f64 = 1e9;

/// Reads a run from the file of its snapshots; its batches stand in the other table.
///
/// Only the columns that an analysis uses are unpacked: virtual and proportional memory and the
/// system's percentage stay where they are.
///
/// # Errors
/// Where the file cannot be read, is damaged, or is not a table of snapshots.
pub fn read_table(path: &Path) -> Result<Run, TableError> {
    // The library panics on a few damaged pages instead of refusing them.
    let read = std::panic::catch_unwind(AssertUnwindSafe(|| unpack(path)));
    read.unwrap_or_else(|_| Err(TableError::Form("a page is damaged".to_owned())))
}

fn unpack(path: &Path) -> Result<Run, TableError> {
    let reader = open(path)?;
    let mut run: Run = serde_json::from_str(about(&reader, RUN_KEY)?)?;
    if about(&reader, FORM_KEY)? != FORM {
        return Err(TableError::Form(format!("{FORM_KEY} is not {FORM}")));
    }
    let mut scratch = Scratch::default();
    for index in 0..reader.num_row_groups() {
        let group = reader.get_row_group(index)?;
        snapshots(&Group::new(&*group), &mut scratch, &mut run)?;
    }
    in_order(&run.snapshots)?;
    if about(&reader, BATCHES_KEY)? != "0" {
        let beside =
            batches_beside(path).ok_or_else(|| TableError::Form("its batches are not beside it".into()))?;
        let reader = open(&beside)?;
        for index in 0..reader.num_row_groups() {
            let group = reader.get_row_group(index)?;
            batches(&Group::new(&*group), &mut scratch, &mut run)?;
        }
    }
    Ok(run)
}

/// The report, as JSON, that this very version of the program stored with a file of snapshots.
///
/// The rules of another version may judge otherwise: its reports are not used. Nothing of the
/// file but its metadata is read.
#[must_use]
pub fn stored_report(path: &Path) -> Option<String> {
    let reader = SerializedFileReader::new(File::open(path).ok()?).ok()?;
    let current = about(&reader, VERSION_KEY).ok()? == VERSION && about(&reader, FORM_KEY).ok()? == FORM;
    current.then(|| about(&reader, REPORT_KEY).ok().map(str::to_owned)).flatten()
}

/// The whole file in memory: a packed run is small, and a look at a column is then no call.
fn open(path: &Path) -> Result<SerializedFileReader<bytes::Bytes>, TableError> {
    let mut packed = Vec::new();
    File::open(path)?.read_to_end(&mut packed)?;
    Ok(SerializedFileReader::new(bytes::Bytes::from(packed))?)
}

fn about<'a>(reader: &'a impl FileReader, key: &str) -> Result<&'a str, TableError> {
    let entries = reader.metadata().file_metadata().key_value_metadata();
    let found = entries.into_iter().flatten().find(|entry| entry.key == key);
    found
        .and_then(|entry| entry.value.as_deref())
        .ok_or_else(|| TableError::Form(format!("no {key} in its metadata")))
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
    reader: &'a dyn RowGroupReader,
    rows: usize,
}

impl<'a> Group<'a> {
    fn new(reader: &'a dyn RowGroupReader) -> Self {
        let rows = usize::try_from(reader.metadata().num_rows()).unwrap_or_default();
        Self { reader, rows }
    }

    /// Gives each value of a column to `take`, with its row.
    fn each<T: DataType>(
        &self,
        name: &str,
        levels: &mut Vec<i16>,
        values: &mut Vec<T::T>,
        mut take: impl FnMut(usize, &T::T) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        let columns = self.reader.metadata().columns();
        let index = columns.iter().position(|column| column.column_path().string() == name);
        let column = index.map(|index| (index, &columns[index]));
        let Some((index, column)) = column.filter(|(_, column)| {
            let about = column.column_descr();
            about.physical_type() == T::get_physical_type()
                && about.max_rep_level() == 0
                && about.max_def_level() <= 1
        }) else {
            return Err(TableError::Form(format!("no column {name} of the right type")));
        };
        let nothing = column.statistics().and_then(|s| s.null_count_opt()) == Some(self.rows as u64);
        if nothing && column.column_descr().max_def_level() == 1 {
            return Ok(());
        }
        levels.clear();
        values.clear();
        let mut reader = get_typed_column_reader::<T>(self.reader.get_column_reader(index)?);
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

fn snapshots(group: &Group<'_>, scratch: &mut Scratch, run: &mut Run) -> Result<(), TableError> {
    let Scratch { levels, doubles, longs, ints, texts, .. } = scratch;
    let Run { snapshots, operations, .. } = run;
    let first = snapshots.len();
    group.each::<Int64Type>("t_ns", levels, longs, |_, at| {
        snapshots.push(blank(Offset::from_nanos(*at)));
        Ok(())
    })?;
    let rows = &mut snapshots[first..];
    let mut size = |name: &'static str, field: fn(&mut Snapshot) -> &mut Option<Mib>| {
        group.each::<DoubleType>(name, levels, doubles, |row, value| {
            *field(&mut rows[row]) = Some(checked(*value, name, first + row)?);
            Ok(())
        })
    };
    size("rss_mb", |s| &mut s.rss)?;
    size("children_rss_mb", |s| &mut s.children_rss)?;
    size("shared_mb", |s| &mut s.shared)?;
    size("available_mb", |s| &mut s.available)?;
    group.each::<Int32Type>("pressure_level", levels, ints, |row, value| {
        let level = usize::try_from(*value).ok().and_then(|index| PressureLevel::ALL.get(index).copied());
        rows[row].level =
            Some(level.ok_or_else(|| fault("pressure_level", first + row, "a level from 0 to 3", value))?);
        Ok(())
    })?;
    group.each::<Int64Type>("gc_collections", levels, longs, |row, value| {
        rows[row].gc_collections = u64::try_from(*value).ok();
        Ok(())
    })?;
    group.each::<Int32Type>("batch_size", levels, ints, |row, value| {
        rows[row].batch_size = u32::try_from(*value).ok();
        Ok(())
    })?;
    group.each::<ByteArrayType>("kind", levels, texts, |row, value| {
        rows[row].kind = SnapshotKind::of_label(Some(text(value)?));
        Ok(())
    })?;
    let mut names = Names::new(operations);
    group.each::<ByteArrayType>("operation", levels, texts, |row, value| {
        rows[row].operation = Some(names.id(value)?);
        Ok(())
    })
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

const fn blank(at: Offset) -> Snapshot {
    Snapshot {
        at,
        rss: None,
        children_rss: None,
        shared: None,
        pss: None,
        vms: None,
        system_percent: None,
        available: None,
        level: None,
        gc_collections: None,
        batch_size: None,
        kind: SnapshotKind::Regular,
        operation: None,
    }
}

const fn blank_batch(start: Offset) -> Batch {
    Batch {
        operation: None,
        size: 0,
        items: 0,
        start,
        end: None,
        rss_start: None,
        rss_peak: None,
        peak_source: None,
        rss_end: None,
        retained: None,
        overlapping: false,
        cpu_seconds: None,
    }
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

fn text(value: &ByteArray) -> Result<&str, TableError> {
    std::str::from_utf8(value.data()).map_err(|_| TableError::Form("a label that is not text".to_owned()))
}

fn checked(value: f64, name: &str, row: usize) -> Result<Mib, TableError> {
    if (0.0..=LARGEST_MB).contains(&value) {
        return Ok(Mib::new(value));
    }
    Err(fault(name, row, "mebibytes from 0 to 1e9", &value))
}

fn in_order(snapshots: &[Snapshot]) -> Result<(), TableError> {
    let first = snapshots.first().is_some_and(|first| first.at < Offset::START);
    let back = snapshots.windows(2).position(|pair| pair[1].at < pair[0].at);
    match back.map(|before| before + 1).or(first.then_some(0)) {
        None => Ok(()),
        Some(row) => {
            Err(fault("t_ns", row, "a time from 0 not before the last one", &snapshots[row].at.nanos()))
        }
    }
}

fn fault(column: &str, row: usize, expected: &'static str, found: &impl ToString) -> TableError {
    TableError::Value { place: format!("{column}, row {row}"), expected, found: found.to_string() }
}
