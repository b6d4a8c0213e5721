//! Why a sample is taken, and what must follow it.

use memtool_profile_model::Mib;

use crate::snapshot::MemorySnapshot;

/// Why a sample is taken.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SampleTrigger<'a> {
    /// The interval is over.
    Interval,
    /// The job asks, with a label perhaps.
    Requested(Option<&'a str>),
}

/// What remains to be done after a sample, outside the lock.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    pub(crate) snapshot: Option<MemorySnapshot>,
    pub(crate) collect: bool,
    pub(crate) change: Option<SizeChange>,
    pub(crate) became_critical: bool,
    /// Whether the host's meters are to be read.
    pub(crate) read_meters: bool,
    pub(crate) probe_failed: bool,
    /// Whether hooks are to be called with the snapshot.
    pub(crate) profiling: bool,
    /// One in this many records is written from here on.
    pub(crate) thinned: Option<u32>,
}

/// A change of the batch size that a change of level caused.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SizeChange {
    /// Items allowed before.
    pub from: u32,
    /// Items allowed now.
    pub to: u32,
    /// Resident memory in that sample.
    pub rss: Mib,
}
