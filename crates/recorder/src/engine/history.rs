//! The last `history_size` snapshots.

use std::collections::VecDeque;

use crate::snapshot::MemorySnapshot;

/// A ring of snapshots.
#[derive(Debug)]
pub(crate) struct History {
    size: usize,
    ring: VecDeque<MemorySnapshot>,
}

impl History {
    pub(crate) fn new(size: u32) -> Self {
        Self { size: size.max(1) as usize, ring: VecDeque::new() }
    }

    pub(crate) fn push(&mut self, snapshot: MemorySnapshot) {
        while self.ring.len() >= self.size {
            self.ring.pop_front();
        }
        self.ring.push_back(snapshot);
    }

    pub(crate) fn resize(&mut self, size: u32) {
        self.size = size.max(1) as usize;
        let excess = self.ring.len().saturating_sub(self.size);
        self.ring.drain(..excess);
    }

    /// From the oldest to the newest.
    pub(crate) fn iter(
        &self,
    ) -> impl DoubleEndedIterator<Item = &MemorySnapshot> + ExactSizeIterator + Clone {
        self.ring.iter()
    }

    pub(crate) fn last(&self) -> Option<&MemorySnapshot> {
        self.ring.back()
    }
}
