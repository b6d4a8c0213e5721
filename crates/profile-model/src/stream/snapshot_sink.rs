//! Where the snapshots of a stream go: into the run, or on to whoever asked for them.

use crate::config::AdaptiveConfig;
use crate::downsample::Downsampler;
use crate::error::ReadError;
use crate::operation::Operations;
use crate::profile::in_order;
use crate::run::Run;
use crate::snapshot_columns::SnapshotRows;
use crate::units::Offset;
use crate::warning::Warning;

/// Takes the snapshots of a stream, some at a time, with the settings and the labels so far of its run.
pub type OnSnapshots<'a> = dyn FnMut(&AdaptiveConfig, &Operations, &SnapshotRows<'_>) + 'a;

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

    fn push(&mut self, config: &AdaptiveConfig, operations: &Operations, rows: SnapshotRows<'_>) {
        let fitting = if self.lost { 0 } else { self.fitting(rows.at) };
        let some = rows.rows(0..fitting);
        self.readable += some.rss.iter().filter(|rss| rss.is_some()).count();
        self.repeated += usize::from(self.last.is_some() && self.last == some.at.first().copied());
        self.repeated += some.at.windows(2).filter(|pair| pair[0] == pair[1]).count();
        self.last = some.at.last().copied().or(self.last);
        (self.sink)(config, operations, &some);
        self.all += fitting;
        self.lost |= fitting < rows.len();
    }

    /// How many times come before the first that is one too many or out of order.
    fn fitting(&self, at: &[Offset]) -> usize {
        let at = &at[..at.len().min(self.most - self.all)];
        if self.last.zip(at.first()).is_some_and(|(last, first)| *first < last) {
            return 0;
        }
        at.windows(2).position(|pair| pair[1] < pair[0]).map_or(at.len(), |place| place + 1)
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
    pub(super) fn push(&mut self, run: &Run, rows: SnapshotRows<'_>) {
        match self {
            Self::Kept(kept) => kept.extend(&rows),
            Self::Passed(passed) => passed.push(&run.config, &run.operations, rows),
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
