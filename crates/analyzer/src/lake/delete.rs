//! Deletes old runs from a lake.

use std::fs;
use std::path::Path;

use jiff::civil::Date;

use super::add::remove;
use super::error::LakeError;
use super::layout;
use super::runs::is_lake;
use crate::table::Dataset;

/// What was deleted, or would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Deleted {
    /// Days.
    pub days: usize,
    /// Files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// Deletes the runs that started before a day; those without a date stay. `only_count` changes nothing.
///
/// # Errors
/// Where there is no lake, or something cannot be removed.
pub fn delete_older(lake: &Path, first_kept: Date, only_count: bool) -> Result<Deleted, LakeError> {
    if !is_lake(lake) {
        return Err(LakeError::NoLake(lake.to_owned()));
    }
    let mut deleted = Deleted::default();
    // A run that no longer stands in `runs` is gone, even if this breaks off.
    for dataset in Dataset::ALL.into_iter().rev() {
        for day in layout::days(lake, dataset)? {
            if layout::day_of(&day).is_none_or(|day| day >= first_kept) {
                continue;
            }
            deleted.days += usize::from(dataset == Dataset::Runs);
            for folder in layout::leaves(&day, dataset)? {
                delete_files(&folder, only_count, &mut deleted)?;
            }
            if !only_count {
                // What others put there stays.
                let _ = fs::remove_dir(&day);
            }
        }
    }
    Ok(deleted)
}

fn delete_files(folder: &Path, only_count: bool, deleted: &mut Deleted) -> Result<(), LakeError> {
    for file in layout::files(folder)? {
        deleted.files += 1;
        deleted.bytes += fs::metadata(&file).map_or(0, |about| about.len());
        if !only_count {
            remove(&file)?;
        }
    }
    if !only_count {
        let _ = fs::remove_dir(folder);
    }
    Ok(())
}
