//! The paths of a lake's files.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;

use super::error::LakeError;
use crate::table::{Dataset, NO_VALUE, escaped};

/// How the name of a file begins that holds the rows of several runs.
const COMPACTED: &str = "compacted-";
const DAY: &str = "day=";

/// The day of a run's start, as its folder is called; a run without a date has none.
pub(super) fn day_folder(started: Option<Timestamp>) -> String {
    let day = started.map(|started| started.strftime("%Y-%m-%d").to_string());
    format!("{DAY}{}", day.as_deref().unwrap_or(NO_VALUE))
}

/// The folder of a run's rows in a table.
pub(super) fn folder(lake: &Path, dataset: Dataset, day: &str, job: Option<&str>) -> PathBuf {
    let folder = lake.join(dataset.name()).join(day);
    if !dataset.is_by_job() {
        return folder;
    }
    let job = job.filter(|job| !job.is_empty());
    folder.join(format!("job={}", job.map_or_else(|| NO_VALUE.to_owned(), escaped)))
}

/// The name of a run's file.
pub(super) fn file_of_run(id: &str) -> String {
    format!("{}.parquet", escaped(id))
}

/// The name of a file with the rows of several runs, by a hash of them.
pub(super) fn file_of_several(hash: u64) -> String {
    format!("{COMPACTED}{hash:016x}.parquet")
}

/// Whether a file holds the rows of several runs.
pub(super) fn is_compacted(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(COMPACTED))
}

/// The day of a folder; `None` for runs without a date, and for a folder that is none of a lake's.
pub(super) fn day_of(folder: &Path) -> Option<Date> {
    folder.file_name()?.to_str()?.strip_prefix(DAY)?.parse().ok()
}

/// The folders by day of a table, in order; none where the table has no folder.
///
/// # Errors
/// If the folder cannot be listed.
pub(super) fn days(lake: &Path, dataset: Dataset) -> Result<Vec<PathBuf>, LakeError> {
    entries(&lake.join(dataset.name()), |path| path.is_dir())
}

/// The folders that hold the files of one day's rows.
///
/// # Errors
/// If the folder cannot be listed.
pub(super) fn leaves(day: &Path, dataset: Dataset) -> Result<Vec<PathBuf>, LakeError> {
    if dataset.is_by_job() { entries(day, |path| path.is_dir()) } else { Ok(vec![day.to_owned()]) }
}

/// The files of a folder, those of several runs first.
///
/// # Errors
/// If the folder cannot be listed.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>, LakeError> {
    let mut files = entries(folder, |path| path.extension() == Some(OsStr::new("parquet")))?;
    files.sort_by_key(|path| !is_compacted(path));
    Ok(files)
}

/// Some of what a folder holds, by name; nothing where there is no such folder: another program may have removed it.
fn entries(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>, LakeError> {
    let listed = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed.map_err(LakeError::io(folder))?,
    };
    let mut found = Vec::new();
    for entry in listed {
        let path = entry.map_err(LakeError::io(folder))?.path();
        if wanted(&path) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_has_its_day_and_where_rows_are_many_its_job() {
        let started = Some("2026-11-23T23:59:59Z".parse().expect("a time"));
        let day = day_folder(started);
        let place = |dataset| folder(Path::new("l"), dataset, &day, Some("a/b"));
        assert_eq!(place(Dataset::Runs), Path::new("l/runs/day=2026-11-23"));
        assert_eq!(place(Dataset::Samples), Path::new("l/samples/day=2026-11-23/job=a%2Fb"));
        assert_eq!(day_of(&place(Dataset::Runs)), Some("2026-11-23".parse().expect("a day")));
        assert_eq!(day_of(Path::new("l/runs").join(day_folder(None)).as_path()), None);
    }

    #[test]
    fn files_of_several_runs_come_first() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["20260101.parquet", "compacted-0.parquet", "a.parquet", ".tmp1"] {
            fs::write(folder.path().join(name), "").expect("written");
        }
        let names: Vec<_> = files(folder.path())
            .expect("listed")
            .iter()
            .filter_map(|path| path.file_name()?.to_str().map(str::to_owned))
            .collect();
        assert_eq!(names, ["compacted-0.parquet", "20260101.parquet", "a.parquet"]);
    }
}
