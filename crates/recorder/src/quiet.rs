//! Looks that show nothing new, kept as they were until somebody wants to know.
//!
//! At ten looks a second most of what a look costs is code and data that fell out of the
//! processor's caches since the last one. The policy acts on every look at once; where it finds
//! nothing to do, the rest (floors, history, the stream's line) waits until the next look that
//! is not quiet, a call of the job's, or the next round of writing, and is then done for all
//! in one go, in their order.

use memtool_profile_model::{Mib, Offset};

use crate::probe::Reading;
use crate::state::State;

/// A look that showed nothing new.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quiet {
    pub(crate) at: Offset,
    pub(crate) rss: Mib,
    pub(crate) reading: Reading,
    pub(crate) batch_size: u32,
    pub(crate) gc_collections: Option<u64>,
}

impl State {
    /// Does what was left of quiet looks. Whoever gets at the state finds this done.
    pub(crate) fn settle(&mut self) {
        if self.quiet.is_empty() {
            return;
        }
        let mut quiet = std::mem::take(&mut self.quiet);
        for look in quiet.drain(..) {
            self.gc_collections = look.gc_collections.or(self.gc_collections);
            let snapshot = self.snapshot(look.at, look.rss, &look.reading, None, look.batch_size);
            self.thinned = self.journal.snapshot(&snapshot, self.eye.is_outside()).or(self.thinned);
            self.history.push(snapshot);
        }
        // With its room, for the looks to come.
        self.quiet = quiet;
    }
}
