//! Runs as Parquet tables, in long form: one row per snapshot, batch or finding.
//!
//! Each run has a file in each table, in a folder by day and job, as engines for fleets know it:
//! `snapshots/day=2026-11-23/job=workforce/NAME.parquet`. What a run has beside its rows (settings,
//! assumptions, warnings) stands in the file's own metadata, so that it reads back as it was.
//!
//! The `parquet` crate is used without arrow and polars' reader is not: columns are decoded straight
//! into vectors, by the thread that analyses the run.

mod cell;
mod checksum;
mod column;
mod column_rows;
mod dataset;
mod file;
mod lake_rows;
mod partition;
mod read;
mod rows;
mod snapshots;
mod write;

pub use dataset::{Dataset, Rows};
pub use lake_rows::LakeRun;
pub use partition::Partition;
pub(crate) use partition::is_snapshots;
pub(crate) use partition::{NO_VALUE, escaped};
pub(crate) use read::fold_snapshots;
pub use read::{read_table, stored_report};
pub use rows::FindingRow;
pub(crate) use snapshots::Wanted;
pub use write::{batches_table, findings_table, snapshots_table};

/// Key of a run's JSON in a file's metadata.
const RUN_KEY: &str = "memtool.run";
/// Key of the form of the tables.
const FORM_KEY: &str = "memtool.table";
/// The form that is written and read.
const FORM: &str = "2";
/// Key of the report that was made of the run.
const REPORT_KEY: &str = "memtool.report";
/// Key of the version of the rules that made it.
const RULES_KEY: &str = "memtool.rules";
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Key of the sums of all columns, group by group.
const SUMS_KEY: &str = "memtool.sums";
/// Key of the number of batches that the run's other table has.
const BATCHES_KEY: &str = "memtool.batches";

/// A table that cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The file cannot be opened or read.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The file is damaged, or not what it should be.
    #[error("not a table of snapshots: {0}")]
    Form(String),
    /// It does not fit into the memory that was given.
    #[error(
        "its {rows} snapshots take more memory than was given, which holds {most}: read the file that it was made of, of \
         which some can be kept, or raise --memory-budget"
    )]
    Large {
        /// Snapshots that it has.
        rows: usize,
        /// Snapshots that may be kept.
        most: usize,
    },
    /// A value is not one that can be.
    #[error("{place}: expected {expected}, found {found}")]
    Value {
        /// Column and row.
        place: String,
        /// What was expected.
        expected: &'static str,
        /// What was found.
        found: String,
    },
}

impl From<parquet::errors::ParquetError> for TableError {
    fn from(error: parquet::errors::ParquetError) -> Self {
        Self::Form(error.to_string())
    }
}

impl From<serde_json::Error> for TableError {
    fn from(error: serde_json::Error) -> Self {
        Self::Form(format!("{RUN_KEY}: {error}"))
    }
}
