//! Finds the files behind the paths of a command line.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use memtool_profile_model::sniff;
use walkdir::{DirEntry, WalkDir};

use super::content::TABLE;
use super::foreign::{is_foreign, is_named_own};
use super::open::{self, Packing, START_BYTES, STDIN};
use super::skipped::Skipped;
use crate::table;

/// The files that a list of paths stands for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Discovered {
    /// Files to read, sorted, each once.
    pub files: Vec<PathBuf>,
    /// Files in folders that neither their name nor their content calls a memory file.
    pub ignored: usize,
    /// Paths that lead nowhere.
    pub skipped: Vec<Skipped>,
}

/// Finds the files behind paths: a file is itself, a folder is searched, the rest is a glob.
#[must_use]
pub fn discover(paths: &[PathBuf]) -> Discovered {
    let mut found = Discovered::default();
    let mut files = BTreeSet::new();
    for path in paths {
        if path.is_dir() {
            search(path, &mut files, &mut found);
        } else if path.exists() || path == Path::new(STDIN) {
            files.insert(path.clone());
        } else {
            expand(path, &mut files, &mut found);
        }
    }
    found.files = files.into_iter().collect();
    found
}

fn search(folder: &Path, files: &mut BTreeSet<PathBuf>, found: &mut Discovered) {
    for entry in WalkDir::new(folder).sort_by_file_name() {
        match entry {
            Ok(entry) if !is_file(&entry) => {}
            Ok(entry) if is_candidate(entry.path()) => {
                files.insert(entry.into_path());
            }
            Ok(_) => found.ignored += 1,
            Err(error) => {
                let path = error.path().unwrap_or(folder);
                found.skipped.push(match error.io_error() {
                    Some(reason) => Skipped::new(path, reason),
                    None => Skipped::new(path, &error),
                });
            }
        }
    }
}

/// A file, or a link to one, or to nothing. Links to folders are not followed: they may lead in circles.
fn is_file(entry: &DirEntry) -> bool {
    let leads_to_file = || entry.path().metadata().map_or(true, |about| about.is_file());
    entry.file_type().is_file() || entry.path_is_symlink() && leads_to_file()
}

fn expand(pattern: &Path, files: &mut BTreeSet<PathBuf>, found: &mut Discovered) {
    let before = files.len();
    let matches = pattern.to_str().and_then(|text| glob::glob(text).ok());
    for path in matches.into_iter().flatten().flatten() {
        if path.is_dir() {
            search(&path, files, found);
        } else {
            files.insert(path);
        }
    }
    if files.len() == before {
        found.skipped.push(Skipped::new(pattern, &"no such file or folder, and no match as a pattern"));
    }
}

/// A file whose name says that it is a memory file must be read or reported; of the others,
/// those whose content says so.
fn is_candidate(path: &Path) -> bool {
    table::is_snapshots(path) || is_named_own(path) || looks_like_one(path)
}

/// JSON that cannot be read may be one: it is a candidate, so that reading it tells why.
fn looks_like_one(path: &Path) -> bool {
    let mut start = Vec::new();
    if File::open(path).and_then(|file| file.take(START_BYTES as u64).read_to_end(&mut start)).is_err() {
        return path.extension().is_some_and(|ending| ending.to_string_lossy().ends_with("json"));
    }
    // Of tables the name tells.
    if start.starts_with(TABLE) {
        return false;
    }
    match open::packing(&start) {
        Packing::None => is_known(&start),
        packed => is_known(&open::unpack_start(packed, &start)),
    }
}

fn is_known(start: &[u8]) -> bool {
    sniff(start).is_some() || is_foreign(start)
}
