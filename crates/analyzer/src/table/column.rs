//! One column of a table, on its way to a file.

use std::collections::HashSet;
use std::io::Write;

use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::Result;
use parquet::file::writer::{SerializedColumnWriter, SerializedRowGroupWriter};

/// Figures that are compared with each other to tell whether they repeat.
const SPREAD: usize = 4096;

/// The values of a column that are there.
#[derive(Clone)]
pub(super) enum Values {
    Double(Vec<f64>),
    Long(Vec<i64>),
    Int(Vec<i32>),
    Bool(Vec<bool>),
    Text(Vec<ByteArray>),
}

/// A column: its values, and which rows have one.
#[derive(Clone)]
pub(super) struct Column {
    pub(super) name: &'static str,
    /// What a Parquet schema calls the type, its meaning included.
    pub(super) kind: &'static str,
    pub(super) values: Values,
    /// One level a row, 0 where there is no value; `None` where every row must have one.
    pub(super) levels: Option<Vec<i16>>,
}

fn levels<T>(values: &[Option<T>]) -> Vec<i16> {
    values.iter().map(|value| i16::from(value.is_some())).collect()
}

impl Column {
    pub(super) fn doubles(name: &'static str, values: impl Iterator<Item = Option<f64>>) -> Self {
        let values: Vec<_> = values.collect();
        let there = values.iter().flatten().copied().collect();
        Self { name, kind: "DOUBLE", levels: Some(levels(&values)), values: Values::Double(there) }
    }

    pub(super) fn longs(name: &'static str, values: impl Iterator<Item = Option<i64>>) -> Self {
        let values: Vec<_> = values.collect();
        let there = values.iter().flatten().copied().collect();
        Self { name, kind: "INT64", levels: Some(levels(&values)), values: Values::Long(there) }
    }

    pub(super) fn ints(name: &'static str, values: impl Iterator<Item = Option<i32>>) -> Self {
        let values: Vec<_> = values.collect();
        let there = values.iter().flatten().copied().collect();
        Self { name, kind: "INT32", levels: Some(levels(&values)), values: Values::Int(there) }
    }

    pub(super) fn texts<'a>(name: &'static str, values: impl Iterator<Item = Option<&'a str>>) -> Self {
        let values: Vec<_> = values.collect();
        let there = values.iter().flatten().map(|text| ByteArray::from(*text)).collect();
        Self { name, kind: "BYTE_ARRAY", levels: Some(levels(&values)), values: Values::Text(there) }
    }

    /// Yes, no, or not known.
    pub(super) fn flags(name: &'static str, values: impl Iterator<Item = Option<bool>>) -> Self {
        let values: Vec<_> = values.collect();
        let there = values.iter().flatten().copied().collect();
        Self { name, kind: "BOOLEAN", levels: Some(levels(&values)), values: Values::Bool(there) }
    }

    /// Microseconds since 1970, UTC, where they are known.
    pub(super) fn moments(name: &'static str, values: impl Iterator<Item = Option<i64>>) -> Self {
        Self { kind: "TIMESTAMP", ..Self::longs(name, values) }
    }

    pub(super) fn bools(name: &'static str, values: impl Iterator<Item = bool>) -> Self {
        Self { name, kind: "BOOLEAN", levels: None, values: Values::Bool(values.collect()) }
    }

    /// Nanoseconds since the run's start, in every row.
    pub(super) fn offsets(name: &'static str, values: impl Iterator<Item = i64>) -> Self {
        Self { name, kind: "INT64", levels: None, values: Values::Long(values.collect()) }
    }

    /// Microseconds since 1970, UTC, in every row.
    pub(super) fn times(name: &'static str, values: impl Iterator<Item = i64>) -> Self {
        Self { name, kind: "TIMESTAMP", levels: None, values: Values::Long(values.collect()) }
    }

    /// This column's line of a schema.
    pub(super) fn schema(&self) -> String {
        let needed = if self.levels.is_some() { "OPTIONAL" } else { "REQUIRED" };
        let (physical, meaning) = match self.kind {
            "TIMESTAMP" => ("INT64", " (TIMESTAMP(MICROS,true))"),
            "BYTE_ARRAY" => ("BYTE_ARRAY", " (STRING)"),
            plain => (plain, ""),
        };
        format!("{needed} {physical} {}{meaning};", self.name)
    }

    /// Whether values repeat so much that a dictionary pays.
    pub(super) const fn repeats(&self) -> bool {
        matches!(self.values, Values::Int(_) | Values::Text(_))
    }

    /// Whether of some figures, evenly spread, a quarter at most are different: then a dictionary pays for them too.
    pub(super) fn has_few_figures(&self) -> bool {
        let Values::Double(values) = &self.values else { return false };
        let spread = values.iter().step_by(values.len().div_ceil(SPREAD).max(1));
        let some = spread.len();
        some > 0 && spread.map(|value| value.to_bits()).collect::<HashSet<_>>().len() * 4 <= some
    }

    /// Whether values grow in steps that are shorter than they are.
    pub(super) const fn grows(&self) -> bool {
        matches!(self.values, Values::Long(_))
    }

    /// Writes it as the next column of a group.
    pub(super) fn write<W: Write + Send>(&self, group: &mut SerializedRowGroupWriter<'_, W>) -> Result<()> {
        let Some(mut writer) = group.next_column()? else { return Ok(()) };
        self.fill(&mut writer)?;
        writer.close()
    }

    fn fill(&self, writer: &mut SerializedColumnWriter<'_>) -> Result<()> {
        let levels = self.levels.as_deref();
        match (&self.values, writer.untyped()) {
            (Values::Double(values), ColumnWriter::DoubleColumnWriter(to)) => {
                to.write_batch(values, levels, None)
            }
            (Values::Long(values), ColumnWriter::Int64ColumnWriter(to)) => {
                to.write_batch(values, levels, None)
            }
            (Values::Int(values), ColumnWriter::Int32ColumnWriter(to)) => {
                to.write_batch(values, levels, None)
            }
            (Values::Bool(values), ColumnWriter::BoolColumnWriter(to)) => {
                to.write_batch(values, levels, None)
            }
            (Values::Text(values), ColumnWriter::ByteArrayColumnWriter(to)) => {
                to.write_batch(values, levels, None)
            }
            // The schema is made of these very columns.
            _ => Ok(0),
        }?;
        Ok(())
    }
}
