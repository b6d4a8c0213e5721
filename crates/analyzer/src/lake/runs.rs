//! Reads the runs of a lake.

use std::path::Path;

use jiff::civil::Date;

use super::error::LakeError;
use super::layout;
use crate::table::{Dataset, Rows};

/// Which days of a lake are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunFilter {
    /// The first day.
    pub since: Option<Date>,
    /// The last day.
    pub until: Option<Date>,
}

impl RunFilter {
    /// Whether runs of a day are read; those without a date only if no day is given.
    pub(crate) fn takes(&self, day: Option<Date>) -> bool {
        match day {
            Some(day) => {
                self.since.is_none_or(|since| day >= since) && self.until.is_none_or(|until| day <= until)
            }
            None => self.since.is_none() && self.until.is_none(),
        }
    }
}

/// Whether a folder is a lake.
#[must_use]
pub fn is_lake(folder: &Path) -> bool {
    folder.join(Dataset::Runs.name()).is_dir()
}

/// Runs of a lake, and how many files they are in.
#[derive(Default)]
pub struct RunsFound {
    /// The runs, in the order of days and files; `None` where there are none.
    pub rows: Option<Rows>,
    /// Files that were read.
    pub files: usize,
}

/// Some columns of the runs of a lake. `report` is given what cannot be read.
///
/// # Errors
/// Where there is no lake, or a folder of it cannot be listed.
pub fn read_runs(
    lake: &Path,
    filter: RunFilter,
    columns: &[&str],
    mut report: impl FnMut(&LakeError),
) -> Result<RunsFound, LakeError> {
    if !is_lake(lake) {
        return Err(LakeError::NoLake(lake.to_owned()));
    }
    let mut found = RunsFound::default();
    for day in layout::days(lake, Dataset::Runs)?.iter().filter(|day| filter.takes(layout::day_of(day))) {
        for file in layout::files(day)? {
            found.files += 1;
            match (Rows::read(&file, Dataset::Runs, columns), &mut found.rows) {
                (Ok(more), Some(rows)) => rows.append(more),
                (Ok(more), none) => *none = Some(more),
                (Err(error), _) => report(&LakeError::table(&file)(error)),
            }
        }
    }
    Ok(found)
}
