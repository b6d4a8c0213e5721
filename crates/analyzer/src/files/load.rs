//! Reads many files in parallel, each passed to a function and then dropped.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use memtool_formats::Columns;
use memtool_profile_model::Run;

use super::content::Content;
use super::discover::{Discovered, discover};
use super::input::{Input, Share, processors};
use super::options::FileOptions;
use super::skipped::Skipped;

/// What came of a list of paths.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded<T> {
    /// One value for each run, in order of path and of place in its file.
    pub values: Vec<T>,
    /// The files that could not be used.
    pub skipped: Vec<Skipped>,
    /// Files in folders that are no memory files.
    pub ignored: usize,
}

/// Reads every file behind the paths and gives each run to `each`.
///
/// Files are read in parallel; a run is dropped when `each` returns, so memory is bounded by
/// what `each` keeps. Of a run that does not fit into the memory given only some snapshots are
/// kept: see [`Run::totals`]. `progress` hears how many files are done, and of how many.
pub fn load<T: Send>(
    paths: &[PathBuf],
    options: impl Into<FileOptions>,
    progress: impl Fn(usize, usize) + Sync,
    each: impl Fn(&Path, Run) -> T + Sync,
) -> Loaded<T> {
    load_with(paths, options, progress, |input| Ok(each(input.path(), input.read()?)))
}

/// Reads every file behind the paths and keeps all runs, which share the memory given.
pub fn load_all(
    paths: &[PathBuf],
    options: impl Into<FileOptions>,
    progress: impl Fn(usize, usize) + Sync,
) -> Loaded<(PathBuf, Run)> {
    let (found, options) = (discover(paths), options.into());
    let share = Share::of(&options, found.files.len(), threads(&found.files));
    load_found(found, share, options.columns.as_ref(), progress, |input| {
        Ok((input.path().to_owned(), input.read()?))
    })
}

/// As [`load`], but `open` decides how each file is read.
pub fn load_with<T: Send>(
    paths: &[PathBuf],
    options: impl Into<FileOptions>,
    progress: impl Fn(usize, usize) + Sync,
    open: impl Fn(&mut Input<'_>) -> Result<T, Skipped> + Sync,
) -> Loaded<T> {
    let (found, options) = (discover(paths), options.into());
    let threads = threads(&found.files);
    let share = Share::of(&options, threads, threads);
    load_found(found, share, options.columns.as_ref(), progress, open)
}

fn load_found<T: Send>(
    found: Discovered,
    share: Share,
    columns: Option<&Columns>,
    progress: impl Fn(usize, usize) + Sync,
    open: impl Fn(&mut Input<'_>) -> Result<T, Skipped> + Sync,
) -> Loaded<T> {
    let Discovered { files, ignored, mut skipped } = found;
    let done = AtomicUsize::new(0);
    let results = in_parallel(&files, threads(&files), |path, buffer| {
        let results = opened(Input::new(path, share, buffer), columns, &open);
        progress(done.fetch_add(1, Ordering::Relaxed) + 1, files.len());
        results
    });
    let mut values = Vec::with_capacity(results.len());
    for result in results.into_iter().flatten() {
        match result {
            Ok(value) => values.push(value),
            Err(bad) => skipped.push(bad),
        }
    }
    skipped.sort_by(|a, b| a.path.cmp(&b.path));
    Loaded { values, skipped, ignored }
}

/// Passes each run of the files to `open`, on this many threads; returns the outcome of each file, in their order.
pub(crate) fn load_contents<T: Send>(
    contents: &[Content<'_>],
    threads: Option<NonZeroUsize>,
    options: &FileOptions,
    open: impl Fn(&mut Input<'_>) -> Result<T, Skipped> + Sync,
) -> Vec<Vec<Result<T, Skipped>>> {
    let threads = threads.map_or_else(processors, NonZeroUsize::get).min(contents.len());
    let share = Share::of(options, threads, threads);
    in_parallel(contents, threads, |content, buffer| match content.input(share, buffer) {
        Ok(input) => opened(input, options.columns.as_ref(), &open),
        Err(refused) => vec![Err(refused)],
    })
}

/// Gives each run of a file to `open`.
fn opened<T>(
    mut input: Input<'_>,
    columns: Option<&Columns>,
    open: &impl Fn(&mut Input<'_>) -> Result<T, Skipped>,
) -> Vec<Result<T, Skipped>> {
    match input.foreign(columns) {
        Ok(None) => vec![open(&mut input)],
        Ok(Some(runs)) => runs.into_iter().map(|run| open(&mut input.holding(run))).collect(),
        Err(skipped) => vec![Err(skipped)],
    }
}

fn threads(files: &[PathBuf]) -> usize {
    processors().min(files.len())
}

/// Runs `work` on every file, on this many threads; the results are in the order of the files.
///
/// Plain threads that take the next file, not a work-stealing pool: `work` may wait for
/// polars' own pool, and a thief that waits starts another file on top of its stack.
fn in_parallel<F: Sync, T: Send>(
    files: &[F],
    threads: usize,
    work: impl Fn(&F, &mut Vec<u8>) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut buffer = Vec::new();
        let mut own = Vec::new();
        while let Some(index) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|i| *i < files.len()) {
            own.push((index, work(&files[index], &mut buffer)));
        }
        own
    };
    let mut all: Vec<(usize, T)> = thread::scope(|scope| {
        // This thread works too: for one file none is started.
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(worker)).collect();
        let mut all = worker();
        for other in others {
            all.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        all
    });
    all.sort_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, value)| value).collect()
}
