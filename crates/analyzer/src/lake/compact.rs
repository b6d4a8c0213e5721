//! Puts the rows of many small files together.
//!
//! The files of one folder become one, up to a number of rows, in order of job and run. It is written before those
//! that it is made of are removed, and its name is a hash of its rows: two programs that compact the same files write
//! the same one. Whoever reads in between sees runs twice; `memtool fleet` takes each once, and so does the next
//! compaction after one that was broken off.

use std::collections::{HashMap, HashSet};
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use twox_hash::XxHash64;

use super::WriteFile;
use super::add::remove;
use super::error::LakeError;
use super::layout;
use super::runs::is_lake;
use crate::table::{Dataset, Rows};

/// Rows that one file holds at most, beside those of its last run: engines read files of this size in one go, and 50
/// MB of memory hold their columns.
const MOST_ROWS: usize = 1 << 18;

/// What was put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compacted {
    /// Files before, of all folders.
    pub files_before: usize,
    /// Files now.
    pub files_now: usize,
    /// Their bytes before.
    pub bytes_before: u64,
    /// Their bytes now.
    pub bytes_now: u64,
    /// Files that cannot be read, which stay.
    pub unreadable: usize,
}

/// Compacts a lake; `report` is given what cannot be read.
///
/// # Errors
/// Where there is no lake, or something cannot be written or removed.
pub fn compact(
    lake: &Path,
    write: WriteFile,
    mut report: impl FnMut(&LakeError),
) -> Result<Compacted, LakeError> {
    if !is_lake(lake) {
        return Err(LakeError::NoLake(lake.to_owned()));
    }
    let mut total = Compacted::default();
    for dataset in Dataset::ALL {
        for day in layout::days(lake, dataset)? {
            for folder in layout::leaves(&day, dataset)? {
                let mut leaf = Leaf { dataset, folder: &folder, write, total: &mut total };
                leaf.compact(&mut report)?;
            }
        }
    }
    Ok(total)
}

/// A file as it was when it was read.
struct Part {
    path: PathBuf,
    length: u64,
    modified: Option<SystemTime>,
}

impl Part {
    fn new(path: PathBuf, about: &Metadata) -> Self {
        Self { path, length: about.len(), modified: about.modified().ok() }
    }

    /// Removes it, unless its run was written anew meanwhile.
    fn remove(self) -> Result<(), LakeError> {
        let unchanged =
            |about: Metadata| about.len() == self.length && about.modified().ok() == self.modified;
        if fs::metadata(&self.path).is_ok_and(unchanged) { remove(&self.path) } else { Ok(()) }
    }
}

/// One folder of files.
struct Leaf<'a> {
    dataset: Dataset,
    folder: &'a Path,
    write: WriteFile,
    total: &'a mut Compacted,
}

impl Leaf<'_> {
    fn compact(&mut self, report: &mut impl FnMut(&LakeError)) -> Result<(), LakeError> {
        let files = layout::files(self.folder)?;
        let alone = files.len() < 2;
        let mut together = Together::default();
        for path in files {
            let Ok(about) = fs::metadata(&path) else { continue };
            self.total.files_before += 1;
            self.total.bytes_before += about.len();
            if alone {
                self.keep(&about);
                continue;
            }
            match Rows::read(&path, self.dataset, &[]).map_err(LakeError::table(&path)) {
                Ok(rows) => together.add(Part::new(path, &about), rows),
                Err(error) => {
                    report(&error);
                    self.total.unreadable += 1;
                    self.keep(&about);
                }
            }
            if together.count() >= MOST_ROWS {
                self.finish(std::mem::take(&mut together))?;
            }
        }
        self.finish(together)
    }

    fn keep(&mut self, about: &Metadata) {
        self.total.files_now += 1;
        self.total.bytes_now += about.len();
    }

    /// Writes the rows of some files as one, and removes those files.
    fn finish(&mut self, together: Together) -> Result<(), LakeError> {
        let order = together.order();
        let Together { parts, rows: Some(rows), .. } = together else { return Ok(()) };
        let bytes = rows.chosen(&order).into_file().map_err(LakeError::table(self.folder))?;
        let path = self.folder.join(layout::file_of_several(XxHash64::oneshot(0, &bytes)));
        self.total.files_now += 1;
        self.total.bytes_now += bytes.len() as u64;
        if !path.exists() {
            (self.write)(&path, &bytes).map_err(LakeError::io(&path))?;
        }
        parts.into_iter().filter(|part| part.path != path).try_for_each(Part::remove)
    }
}

/// Files whose rows become one file's.
#[derive(Default)]
struct Together {
    parts: Vec<Part>,
    /// The first row of each.
    starts: HashSet<usize>,
    rows: Option<Rows>,
}

impl Together {
    fn count(&self) -> usize {
        self.rows.as_ref().map_or(0, Rows::count)
    }

    fn add(&mut self, part: Part, more: Rows) {
        self.parts.push(part);
        self.starts.insert(self.count());
        match &mut self.rows {
            Some(rows) => rows.append(more),
            None => self.rows = Some(more),
        }
    }

    /// The rows in order of job and run; of a run that stands in two files those of the later one, which is its own
    /// before one of several.
    fn order(&self) -> Vec<usize> {
        let Some(rows) = &self.rows else { return Vec::new() };
        let (runs, jobs) = (rows.texts("run"), rows.texts("job"));
        let (mut file, mut last, mut files) = (0, HashMap::new(), Vec::with_capacity(runs.len()));
        for (row, run) in runs.iter().enumerate() {
            if self.starts.contains(&row) {
                file = row;
            }
            last.insert(*run, file);
            files.push(file);
        }
        let mut kept: Vec<usize> =
            (0..runs.len()).filter(|row| last.get(&runs[*row]) == Some(&files[*row])).collect();
        kept.sort_by_key(|row| (jobs.get(*row).copied().flatten(), runs[*row], *row));
        kept
    }
}
