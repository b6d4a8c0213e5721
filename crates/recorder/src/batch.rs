//! One batch of the job, from its start to its end.

use std::sync::Arc;

use crate::batch_memory::BatchMemory;
use crate::engine::shared::Shared;

/// Marks a batch: it began when this was made and ends when this is dropped.
///
/// What the batch allocated should be freed before, so that the memory it leaves behind is seen:
/// declare the guard first, and let it go last.
#[must_use = "a batch ends when its guard is dropped"]
pub struct Batch {
    /// Where it is recorded; `None` for one that is not.
    recorded: Option<(Arc<Shared>, u64)>,
    items: u64,
}

impl Batch {
    pub(crate) const fn new(recorded: Option<(Arc<Shared>, u64)>, items: u64) -> Self {
        Self { recorded, items }
    }

    /// The items it has.
    #[must_use]
    pub const fn items(&self) -> u64 {
        self.items
    }

    /// Ends it, as dropping does, and returns its memory; `None` for a batch that is not recorded.
    pub fn finish(mut self) -> Option<BatchMemory> {
        self.end()
    }

    fn end(&mut self) -> Option<BatchMemory> {
        let (shared, id) = self.recorded.take()?;
        if shared.is_forked_copy() {
            return None;
        }
        shared.end_batch(id)
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.end();
    }
}
