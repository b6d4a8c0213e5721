//! The tables of a lake, which have rows of many runs.

use std::path::Path;

use memtool_profile_model::Run;

use super::column::{Column, Values};
use super::file::TableFile;
use super::lake_rows::{self, LakeRun};
use super::rows::{self, FindingRow};
use super::write::table;
use super::{FORM, FORM_KEY, TableError};

/// Key of the version of a lake's tables in a file's metadata.
const LAKE_KEY: &str = "memtool.lake";
/// The version that is written; files of another are refused.
const LAKE_VERSION: &str = "1";

/// A table of a lake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dataset {
    /// A row a run.
    Runs,
    /// A row a sample of memory.
    Samples,
    /// A row a batch.
    Batches,
    /// A row a finding.
    Findings,
}

impl Dataset {
    /// All of them; `Runs` is last: a run that stands there has its rows in the others.
    pub const ALL: [Self; 4] = [Self::Samples, Self::Batches, Self::Findings, Self::Runs];

    /// Its name: that of its folder, and of the table in SQL.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Samples => "samples",
            Self::Batches => "batches",
            Self::Findings => "findings",
        }
    }

    /// Whether it has folders by job below those by day: a fleet's questions go to a few rows of all runs, or to many
    /// rows of one job.
    #[must_use]
    pub const fn is_by_job(self) -> bool {
        matches!(self, Self::Samples | Self::Batches)
    }

    /// Its columns, without a row.
    fn columns(self) -> Vec<Column> {
        let run = Run::default();
        match self {
            Self::Runs => lake_rows::runs(&[]),
            Self::Samples => rows::snapshots("", &run, &[]),
            Self::Batches => rows::batches("", &run, &[]),
            Self::Findings => lake_rows::findings("", None, &[]),
        }
    }
}

/// Rows of a lake's table.
pub struct Rows {
    columns: Vec<Column>,
}

impl Rows {
    /// The rows of runs.
    #[must_use]
    pub fn of_runs(runs: &[LakeRun]) -> Self {
        Self { columns: lake_rows::runs(runs) }
    }

    /// The samples of a run.
    #[must_use]
    pub fn of_samples(id: &str, run: &Run) -> Self {
        Self { columns: rows::snapshots(id, run, &run.snapshots) }
    }

    /// The batches of a run.
    #[must_use]
    pub fn of_batches(id: &str, run: &Run) -> Self {
        Self { columns: rows::batches(id, run, &run.batches) }
    }

    /// The findings of a run.
    #[must_use]
    pub fn of_findings(id: &str, job: Option<&str>, findings: &[FindingRow]) -> Self {
        Self { columns: lake_rows::findings(id, job, findings) }
    }

    /// Reads a file of a table: the columns of these names, all where none is named.
    ///
    /// # Errors
    /// Where the file cannot be read, is damaged, or is no file of this version of the lake's tables.
    pub fn read(path: &Path, dataset: Dataset, names: &[&str]) -> Result<Self, TableError> {
        let table = TableFile::open(path)?;
        if table.about(LAKE_KEY).ok() != Some(LAKE_VERSION) {
            return Err(TableError::Form(format!(
                "{LAKE_KEY} is not {LAKE_VERSION}: it was not written by `convert --lake` of this version"
            )));
        }
        let wanted = dataset.columns().into_iter().filter(|c| names.is_empty() || names.contains(&c.name));
        Ok(Self { columns: wanted.map(|column| column.read(&table)).collect::<Result<_, _>>()? })
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.columns.first().map_or(0, Column::rows)
    }

    /// Puts the rows of another file of the same table behind these.
    pub fn append(&mut self, other: Self) {
        self.columns.iter_mut().zip(other.columns).for_each(|(own, more)| own.append(more));
    }

    /// Some of the rows, in the given order.
    #[must_use]
    pub fn chosen(&self, rows: &[usize]) -> Self {
        Self { columns: self.columns.iter().map(|column| column.chosen(rows)).collect() }
    }

    /// A column's text in each row; empty where there is no such column.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<Option<&str>> {
        self.column(name).map(Column::texts_by_row).unwrap_or_default()
    }

    /// A column's numbers in each row; empty where there is no such column.
    #[must_use]
    pub fn doubles(&self, name: &str) -> Vec<Option<f64>> {
        let Some(column) = self.column(name) else { return Vec::new() };
        let Values::Double(values) = &column.values else { return Vec::new() };
        column.by_row(|place| Some(values[place]))
    }

    /// A column's whole numbers, or microseconds since 1970, in each row; empty where there is no such column.
    #[must_use]
    pub fn longs(&self, name: &str) -> Vec<Option<i64>> {
        let Some(column) = self.column(name) else { return Vec::new() };
        let Values::Long(values) = &column.values else { return Vec::new() };
        column.by_row(|place| Some(values[place]))
    }

    /// A column's answers, yes or no, in each row; empty where there is no such column.
    #[must_use]
    pub fn flags(&self, name: &str) -> Vec<Option<bool>> {
        let Some(column) = self.column(name) else { return Vec::new() };
        let Values::Bool(values) = &column.values else { return Vec::new() };
        column.by_row(|place| Some(values[place]))
    }

    fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The bytes of a file with these rows.
    ///
    /// # Errors
    /// Only where the library fails.
    pub fn into_file(self) -> Result<Vec<u8>, TableError> {
        let about = [(FORM_KEY, FORM.to_owned()), (LAKE_KEY, LAKE_VERSION.to_owned())];
        Ok(table(std::iter::once(self.columns), &about, &[])?)
    }
}
