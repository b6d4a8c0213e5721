//! A look at memory: why it is taken, and what follows from it.

use memtool_profile_model::Mib;

use crate::history::MemorySnapshot;

/// Why a look is taken.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Look<'a> {
    /// The interval is over.
    Regular,
    /// The job asks, with a label perhaps.
    Asked(Option<&'a str>),
}

/// What is left to do after a look, outside the lock.
#[derive(Debug, Default)]
pub(crate) struct Todo {
    pub(crate) snapshot: Option<MemorySnapshot>,
    pub(crate) collect: bool,
    pub(crate) change: Option<SizeChange>,
    pub(crate) became_critical: bool,
    pub(crate) probe_failed: bool,
    /// Whether hooks are to be called with the snapshot.
    pub(crate) profiling: bool,
    /// Records become this much rarer from here on.
    pub(crate) thinned: Option<u32>,
}

/// A change of the batch size that the level brought.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SizeChange {
    /// Items allowed before.
    pub from: u32,
    /// Items allowed now.
    pub to: u32,
    /// Resident memory that was seen.
    pub rss: Mib,
}
