//! Where the snapshots of a stream go: into the run, or on to whoever asked for them.

use crate::config::AdaptiveConfig;
use crate::downsample::Downsampler;
use crate::error::ReadError;
use crate::operation::Operations;
use crate::profile::in_order;
use crate::run::Run;
use crate::snapshot::Snapshot;
use crate::units::Offset;
use crate::warning::Warning;

/// Takes the snapshots of a stream, some at a time, with the settings and the labels so far of its run.
pub type OnSnapshots<'a> = dyn FnMut(&AdaptiveConfig, &Operations, &[Snapshot]) + 'a;

/// What becomes of snapshots.
pub(crate) enum SnapshotSink<'a> {
    /// They are kept, all or some.
    Kept(Downsampler),
    /// They are passed on and let go.
    Passed(Passed<'a>),
}

/// Snapshots that are passed on. They cannot be sorted any more, nor some of them chosen: where
/// that is needed, the stream is lost and must be read again.
pub(crate) struct Passed<'a> {
    sink: &'a mut OnSnapshots<'a>,
    most: usize,
    all: usize,
    readable: usize,
    repeated: usize,
    last: Option<Offset>,
    lost: bool,
}

impl<'a> Passed<'a> {
    /// At most so many.
    pub(crate) fn new(sink: &'a mut OnSnapshots<'a>, most: usize) -> Self {
        Self { sink, most, all: 0, readable: 0, repeated: 0, last: None, lost: false }
    }

    fn push(&mut self, config: &AdaptiveConfig, operations: &Operations, snapshots: &[Snapshot]) {
        let fitting = if self.lost { 0 } else { self.count(snapshots) };
        (self.sink)(config, operations, &snapshots[..fitting]);
        self.all += fitting;
        self.lost |= fitting < snapshots.len();
    }

    /// Counts snapshots up to the first that is one too many or out of order; tells how many.
    fn count(&mut self, some: &[Snapshot]) -> usize {
        let room = some.len().min(self.most - self.all);
        for (place, snapshot) in some[..room].iter().enumerate() {
            if self.last.is_some_and(|last| snapshot.at < last) {
                return place;
            }
            self.readable += usize::from(snapshot.rss.is_some());
            self.repeated += usize::from(self.last == Some(snapshot.at));
            self.last = Some(snapshot.at);
        }
        room
    }

    fn finish(self, run: &mut Run) -> Result<(), ReadError> {
        if self.readable == 0 {
            return Err(ReadError::NoSamples("stream"));
        }
        let missing = self.all - self.readable;
        let found = [
            (self.repeated > 0).then_some(Warning::RepeatedTime(self.repeated)),
            (missing > 0).then_some(Warning::MissingRss(missing)),
        ];
        run.warnings.extend(found.into_iter().flatten());
        Ok(())
    }
}

impl SnapshotSink<'_> {
    /// Takes the snapshots of the next lines.
    pub(super) fn push(&mut self, run: &Run, snapshots: &[Snapshot]) {
        match self {
            Self::Kept(kept) => snapshots.iter().for_each(|snapshot| kept.push(*snapshot)),
            Self::Passed(passed) => passed.push(&run.config, &run.operations, snapshots),
        }
    }

    /// How many snapshots there may be.
    pub(super) const fn most(&self) -> usize {
        match self {
            Self::Kept(kept) => kept.most(),
            Self::Passed(passed) => passed.most,
        }
    }

    /// Whether there is a snapshot with memory so far.
    pub(super) fn has_memory(&self) -> bool {
        match self {
            Self::Kept(kept) => kept.kept().iter().any(|snapshot| snapshot.rss.is_some()),
            Self::Passed(passed) => passed.readable > 0,
        }
    }

    /// Whether nothing that was passed on is of use.
    pub(super) const fn is_lost(&self) -> bool {
        match self {
            Self::Kept(_) => false,
            Self::Passed(passed) => passed.lost,
        }
    }

    /// Puts into a run what is kept, and what is to be said of all snapshots.
    pub(super) fn finish(self, run: &mut Run) -> Result<(), ReadError> {
        match self {
            Self::Kept(kept) => {
                (run.snapshots, run.totals) = in_order(kept, "stream", &mut run.warnings)?;
                Ok(())
            }
            Self::Passed(passed) => passed.finish(run),
        }
    }
}
