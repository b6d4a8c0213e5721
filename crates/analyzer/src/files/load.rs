//! Many files in parallel, each given to a function and then let go.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use memtool_profile_model::stream::Sink;
use memtool_profile_model::{ReadError, Run, pass_stream, read_run_from};

use super::discover::{Discovered, discover};
use super::open::Source;
use super::skipped::Skipped;
use crate::table::read_table;

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
/// what `each` keeps. Of a run that does not fit into `max_memory` bytes only some snapshots are
/// kept: see [`Run::totals`]. `progress` hears how many files are done, and of how many.
pub fn load<T: Send>(
    paths: &[PathBuf],
    max_memory: Option<u64>,
    progress: impl Fn(usize, usize) + Sync,
    each: impl Fn(&Path, Run) -> T + Sync,
) -> Loaded<T> {
    load_or(paths, max_memory, progress, |_, _| None, each)
}

/// Reads every file behind the paths and keeps all runs, which share `max_memory` bytes.
pub fn load_all(
    paths: &[PathBuf],
    max_memory: Option<u64>,
    progress: impl Fn(usize, usize) + Sync,
) -> Loaded<(PathBuf, Run)> {
    let found = discover(paths);
    let share = Share::of(max_memory, found.files.len(), threads(&found.files));
    load_found(found, share, progress, |_, _| None, |path, run| (path.to_owned(), run))
}

/// Memory that a snapshot takes while its run is analysed: the snapshot, its place in the columns
/// of a series, and what detectors copy of these. 170 to 190 were measured on runs of 10^6 to 10^7.
const BYTES_A_SNAPSHOT: u64 = 200;

/// Parsing a line takes about three times as long as putting it in its place.
const MOST_HELPERS: usize = 3;

/// What a run that is read may take of the machine.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    /// Snapshots that may be kept.
    pub(crate) snapshots: usize,
    /// Processors that no other file keeps busy.
    helpers: usize,
}

impl Share {
    /// Where so many runs are in memory at a time, and so many threads read.
    fn of(max_memory: Option<u64>, runs: usize, threads: usize) -> Self {
        let snapshots = max_memory.map(|bytes| bytes / BYTES_A_SNAPSHOT / runs.max(1) as u64);
        let snapshots = snapshots.and_then(|snapshots| usize::try_from(snapshots).ok());
        // One thread puts the lines of a run in order: more than a few others have to wait for it.
        let helpers = (processors() / threads.max(1)).saturating_sub(1).min(MOST_HELPERS);
        Self { snapshots: snapshots.unwrap_or(usize::MAX), helpers }
    }
}

/// As [`load`], but of a file for which `known` has a value nothing else is read. It is told what
/// it may take.
pub fn load_or<T: Send>(
    paths: &[PathBuf],
    max_memory: Option<u64>,
    progress: impl Fn(usize, usize) + Sync,
    known: impl Fn(&Path, Share) -> Option<T> + Sync,
    each: impl Fn(&Path, Run) -> T + Sync,
) -> Loaded<T> {
    let found = discover(paths);
    let threads = threads(&found.files);
    load_found(found, Share::of(max_memory, threads, threads), progress, known, each)
}

fn load_found<T: Send>(
    found: Discovered,
    share: Share,
    progress: impl Fn(usize, usize) + Sync,
    known: impl Fn(&Path, Share) -> Option<T> + Sync,
    each: impl Fn(&Path, Run) -> T + Sync,
) -> Loaded<T> {
    let Discovered { files, ignored, mut skipped } = found;
    let done = AtomicUsize::new(0);
    let results = in_parallel(&files, |path, buffer| {
        let value =
            known(path, share).map_or_else(|| read(path, buffer, share).map(|run| each(path, run)), Ok);
        progress(done.fetch_add(1, Ordering::Relaxed) + 1, files.len());
        value
    });
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

fn read(path: &Path, buffer: &mut Vec<u8>, share: Share) -> Result<Run, Skipped> {
    if is_table(path) {
        return read_table(path, share.snapshots).map_err(|error| Skipped::new(path.to_owned(), &error));
    }
    let source = Source::of(path).map_err(ReadError::from);
    let run =
        source.and_then(|source| read_run_from(|| source.open(), buffer, share.snapshots, share.helpers));
    run.map_err(|error| Skipped::new(path.to_owned(), &error))
}

/// The shortest line that a recorder writes for a snapshot.
const SHORTEST_LINE: u64 = 40;

/// Reads a file as a stream, by its name, and passes its snapshots on; `None` where that will not
/// do, whatever the reason: then the file is to be read as any other.
pub(crate) fn pass(path: &Path, share: Share, sink: &mut Sink<'_>) -> Option<Run> {
    let name = path.file_name()?.to_str()?;
    if !name.trim_end_matches(".gz").trim_end_matches(".zst").ends_with(".ndjson") {
        return None;
    }
    // A pipe gives its bytes once; and what turns out not to fit must be read again.
    let about = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    let lines = usize::try_from(about.len() / SHORTEST_LINE).ok().filter(|lines| *lines <= share.snapshots);
    let source = lines.and_then(|_| Source::of(path).ok())?;
    let mut sink = |config: &_, operations: &_, snapshot: &_| sink(config, operations, snapshot);
    pass_stream(source.open().ok()?, &mut Vec::new(), share.snapshots, share.helpers, &mut sink).ok()?
}

/// Whether a file is a table by its name.
pub(crate) fn is_table(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "parquet")
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn threads(files: &[PathBuf]) -> usize {
    processors().min(files.len())
}

/// Runs `work` on every file, one thread a processor, and keeps the order of the files.
///
/// Plain threads that take the next file, not a work-stealing pool: `work` may wait for
/// polars' own pool, and a thief that waits starts another file on top of its stack.
fn in_parallel<T: Send>(files: &[PathBuf], work: impl Fn(&Path, &mut Vec<u8>) -> T + Sync) -> Vec<T> {
    let threads = threads(files);
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
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        let results = workers.into_iter().map(thread::ScopedJoinHandle::join);
        results.flat_map(|own| own.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    all.sort_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, value)| value).collect()
}
