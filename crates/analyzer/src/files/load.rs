//! Many files in parallel, each given to a function and then let go.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use memtool_profile_model::{Run, read_run};
use rayon::prelude::*;

use super::discover::{Discovered, discover};
use super::open::read_into;
use super::skipped::Skipped;

/// What came of a list of paths.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded<T> {
    /// One value for each readable file, in order of path.
    pub values: Vec<T>,
    /// The files that could not be used.
    pub skipped: Vec<Skipped>,
    /// Files in folders that are no memory files.
    pub ignored: usize,
}

/// Reads every file behind the paths and gives each run to `each`.
///
/// Files are read in parallel; a run is dropped when `each` returns, so memory is bounded by
/// what `each` keeps. `progress` hears how many files are done, and of how many.
pub fn load<T: Send>(
    paths: &[PathBuf],
    progress: impl Fn(usize, usize) + Sync,
    each: impl Fn(&Path, Run) -> T + Sync,
) -> Loaded<T> {
    thread_local! {
        static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    let Discovered { files, ignored, mut skipped } = discover(paths);
    let done = std::sync::atomic::AtomicUsize::new(0);
    let read = |path: &PathBuf| {
        let run = BUFFER.with_borrow_mut(|bytes| {
            read_into(path, bytes).map_err(|error| Skipped::new(path.clone(), &error))?;
            read_run(bytes).map_err(|error| Skipped::new(path.clone(), &error))
        });
        let value = run.map(|run| each(path, run));
        progress(done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1, files.len());
        value
    };
    let results: Vec<Result<T, Skipped>> = files.par_iter().map(read).collect();
    let mut values = Vec::with_capacity(results.len());
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(bad) => skipped.push(bad),
        }
    }
    skipped.sort_by(|a, b| a.path.cmp(&b.path));
    Loaded { values, skipped, ignored }
}
