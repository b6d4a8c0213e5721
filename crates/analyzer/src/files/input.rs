//! One file of a command line, and what reading it may take.

use std::path::Path;
use std::sync::LazyLock;
use std::thread;

use memtool_formats::Columns;
use memtool_profile_model::stream::OnSnapshots;
use memtool_profile_model::{
    AdaptiveConfig, Operations, ReadError, Run, SnapshotRows, pass_stream, read_run_from,
};

use super::foreign;
use super::open::FileBytes;
use super::options::FileOptions;
use super::skipped::Skipped;
use crate::table::{Wanted, fold_snapshots, read_table};

/// Memory that a snapshot takes while its run is analysed or replayed, with a batch of its own, of which as many may be kept: 190
/// bytes were measured for a snapshot in its columns, 430 to 740 with a batch (`chart` to `simulate`), on runs of 10^6 to 10^7.
const BYTES_A_SNAPSHOT: u64 = 740;

/// Of a run that is too long for its columns to be kept, this many times fewer snapshots are kept than columns hold: each
/// takes 112 bytes beside the 21 of its columns.
const FEWER_KEPT: usize = 8;

/// Parsing a line takes about three times as long as putting it in its place.
const MOST_HELPERS: usize = 3;

/// What a run that is read may take of the machine.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    /// Snapshots that may be kept.
    snapshots: usize,
    /// Snapshots of a stream whose columns may be kept.
    columns: usize,
    /// Processors that no other file keeps busy.
    helpers: usize,
}

impl Share {
    /// With the number of runs in memory at a time, and of threads that read.
    pub(super) fn of(options: &FileOptions, runs: usize, threads: usize) -> Self {
        let snapshots = options.max_memory.map(|bytes| bytes / BYTES_A_SNAPSHOT / runs.max(1) as u64);
        let snapshots = snapshots.and_then(|snapshots| usize::try_from(snapshots).ok());
        // One thread puts the lines of a run in order: more than a few others have to wait for it.
        let helpers = (processors() / threads.max(1)).saturating_sub(1).min(MOST_HELPERS);
        let snapshots = snapshots.unwrap_or(usize::MAX);
        Self { snapshots, columns: snapshots.min(options.thin_above.unwrap_or(usize::MAX)), helpers }
    }
}

/// A file that is to be read.
pub struct Input<'a> {
    path: &'a Path,
    share: Share,
    /// Serves one file after the other.
    buffer: &'a mut Vec<u8>,
    /// Its bytes once they were asked for: a pipe gives them once.
    bytes: Option<FileBytes<'a>>,
    /// A run that was read from it already, as one of several.
    held: Option<Run>,
}

impl<'a> Input<'a> {
    pub(super) fn new(path: &'a Path, share: Share, buffer: &'a mut Vec<u8>) -> Self {
        Self { path, share, buffer, bytes: None, held: None }
    }

    /// A file whose bytes are at hand.
    pub(super) fn in_memory(path: &'a Path, bytes: &'a [u8], share: Share, buffer: &'a mut Vec<u8>) -> Self {
        Self { bytes: Some(FileBytes::in_memory(bytes)), ..Self::new(path, share, buffer) }
    }

    /// Whether it is a table of memtool's own, by its name.
    pub(crate) fn is_table(&self) -> bool {
        !matches!(self.bytes, Some(FileBytes::Bytes(..))) && is_table(self.path)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &'a Path {
        self.path
    }

    /// Its runs, where another tool wrote it.
    pub(super) fn foreign(&mut self, columns: Option<&Columns>) -> Result<Option<Vec<Run>>, Skipped> {
        if self.is_table() {
            return Ok(None);
        }
        let (path, samples) = (self.path, self.share.snapshots);
        let runs = self.bytes().and_then(|bytes| foreign::runs(path, bytes, columns, samples));
        runs.map_err(|error| Skipped::new(path, &error))
    }

    /// The same file, of which a run was read.
    pub(super) fn holding(&mut self, run: Run) -> Input<'_> {
        Input { path: self.path, share: self.share, buffer: self.buffer, bytes: None, held: Some(run) }
    }

    /// Its bytes.
    fn bytes(&mut self) -> Result<&FileBytes<'a>, ReadError> {
        match &mut self.bytes {
            Some(bytes) => Ok(bytes),
            none => Ok(none.insert(FileBytes::of(self.path)?)),
        }
    }

    /// Reads it as a whole run.
    ///
    /// # Errors
    /// Where it cannot be read, with the line and the reason.
    pub fn read(&mut self) -> Result<Run, Skipped> {
        if let Some(run) = self.held.take() {
            return Ok(run);
        }
        let (path, Share { snapshots, helpers, .. }) = (self.path, self.share);
        if self.is_table() {
            return read_table(path, snapshots).map_err(|error| Skipped::new(path, &error));
        }
        let bytes = match self.bytes.take() {
            Some(bytes) => bytes,
            None => FileBytes::of(path).map_err(|error| Skipped::new(path, &error))?,
        };
        read_run_from(|| bytes.open(), self.buffer, snapshots, helpers)
            .map_err(|error| Skipped::new(path, &error))
    }

    /// Passes its snapshots on, some at a time, and gives the run without them; `None` for files that
    /// cannot be read in that way, whatever the reason: then [`read`](Self::read) says why, and keeps some of the
    /// snapshots where they are too many for the memory that columns may take.
    pub(crate) fn pass<S>(
        &mut self,
        begin: impl Fn(usize) -> S,
        take: impl Fn(&mut S, &AdaptiveConfig, &Operations, &SnapshotRows<'_>),
    ) -> Option<(Run, S)> {
        if self.held.is_some() {
            return None;
        }
        if self.is_table() {
            let start = |run: &Run, rows| (run.config.clone(), begin(rows));
            let read = fold_snapshots(
                self.path,
                self.share.snapshots,
                Wanted::Analysis,
                start,
                |(config, state), operations, some| take(state, config, operations, some),
            );
            return read.map(|(run, (_, state))| (run, state)).ok();
        }
        let (mut state, mut passed) = (begin(0), 0);
        let run = self.pass_stream(&mut |config, operations, some| {
            passed += some.len();
            take(&mut state, config, operations, some);
        });
        if run.is_none() && passed == self.share.columns {
            self.share.snapshots = self.share.snapshots.min(self.share.columns / FEWER_KEPT);
        }
        Some((run?, state))
    }

    /// As a stream, by its name.
    fn pass_stream(&self, sink: &mut OnSnapshots<'_>) -> Option<Run> {
        let name = self.path.file_name()?.to_str()?;
        if !name.trim_end_matches(".gz").trim_end_matches(".zst").ends_with(".ndjson") {
            return None;
        }
        let opened;
        let bytes = if let Some(bytes @ FileBytes::Bytes(..)) = &self.bytes {
            bytes
        } else {
            // A pipe gives its bytes once; and what turns out not to fit must be read again.
            std::fs::metadata(self.path).ok().filter(std::fs::Metadata::is_file)?;
            opened = FileBytes::of(self.path).ok()?;
            &opened
        };
        let mut sink = |config: &_, operations: &_, some: &SnapshotRows<'_>| sink(config, operations, some);
        let Share { columns, helpers, .. } = self.share;
        pass_stream(bytes.open().ok()?, &mut Vec::new(), columns, helpers, &mut sink).ok()?
    }
}

/// Whether a file is a table by its name.
pub(crate) fn is_table(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "parquet")
}

/// Asked of the system once: that takes as long as reading a small file.
pub(super) fn processors() -> usize {
    static PROCESSORS: LazyLock<usize> =
        LazyLock::new(|| thread::available_parallelism().map_or(1, usize::from));
    *PROCESSORS
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::stream::stream_text;
    use memtool_profile_model::{Mib, Offset, Snapshot, Warning};

    use super::*;

    #[test]
    fn of_a_stream_that_is_longer_than_its_columns_may_be_some_snapshots_are_kept() {
        let snapshot = |second: i64| Snapshot {
            at: Offset::from_nanos(second * 1_000_000_000),
            rss: Some(Mib::new(f64::from(u32::try_from(second * 37 % 1000).unwrap_or_default()))),
            ..Snapshot::default()
        };
        let run = Run { snapshots: (0..2000).map(snapshot).collect(), ..Run::default() };
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("memory_stream.ndjson");
        std::fs::write(&path, stream_text(&run).expect("a stream")).expect("written");
        let read = |thin_above| {
            let options = FileOptions { thin_above, ..FileOptions::default() };
            let mut buffer = Vec::new();
            let mut input = Input::new(&path, Share::of(&options, 1, 1), &mut buffer);
            let passed = input.pass(|_| 0, |count, _, _, some| *count += some.len()).map(|(_, count)| count);
            (passed, input.read().expect("a run"))
        };
        let (passed, whole) = read(Some(2000));
        assert_eq!((passed, whole.snapshots.len()), (Some(2000), 2000));
        let (passed, some) = read(Some(1600));
        assert!(passed.is_none() && some.snapshots.len() <= 202, "{}", some.snapshots.len());
        assert!(some.warnings.iter().any(|warning| matches!(warning, Warning::KeptSome { of: 2000, .. })));
    }
}
