//! The last snapshots, as many as the config says.

use std::collections::VecDeque;
use std::sync::Arc;

use memtool_profile_model::{Mib, Offset, PressureLevel, SnapshotKind};

/// One look at memory, as hooks and callers get it; what the system cannot give is `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct MemorySnapshot {
    /// When, from the recorder's start.
    pub at: Offset,
    /// Resident memory, with children where they are counted.
    pub rss: Mib,
    /// The part of it that child processes hold.
    pub children_rss: Option<Mib>,
    /// Virtual memory.
    pub vms: Option<Mib>,
    /// The part of resident memory that files and shared memory back.
    pub shared: Option<Mib>,
    /// Proportional share of resident memory, where it was asked for.
    pub pss: Option<Mib>,
    /// Memory in use of the whole system, in percent.
    pub system_percent: Option<f64>,
    /// Memory still available to the job.
    pub available: Option<Mib>,
    /// Pressure.
    pub pressure_level: PressureLevel,
    /// Collections so far, as the host counts them.
    pub gc_collections: Option<u64>,
    /// The batch size that was in force when it was taken.
    pub batch_size: u32,
    /// The label it was asked for with.
    pub operation: Option<Arc<str>>,
    /// Why it was taken.
    pub kind: SnapshotKind,
}

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
