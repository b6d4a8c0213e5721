//! A lake: the runs of many jobs and machines, as Parquet tables in one folder that any engine reads.
//!
//! `runs` and `findings` have folders by day, `samples` and `batches` by day and job: questions about a fleet go to
//! a row or a few of every run, and 500 jobs on 90 days would be 45,000 files of two rows. A run's files carry its
//! own name, are written beside their place and renamed, and `runs` comes last. So any number of writers append at
//! once, a run that is converted again takes its own place, and a run that stands in `runs` has its rows in the
//! others. There is no list of files to keep: a lake is what its folders hold.

mod add;
mod compact;
mod delete;
mod error;
mod layout;
mod run_row;
mod runs;

pub use add::{Addition, Lake};
pub use compact::{Compacted, compact};
pub use delete::{Deleted, delete_older};
pub use error::LakeError;
pub use run_row::lake_run;
pub use runs::{RunFilter, RunsFound, is_lake, read_runs};

use std::io;
use std::path::Path;

/// Writes a file: beside its place, then renamed.
pub type WriteFile = fn(&Path, &[u8]) -> io::Result<()>;
