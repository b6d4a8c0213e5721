//! One sample of memory as the host sees it.

use std::sync::Arc;

use memtool_profile_model::{Mib, Offset, PressureLevel, SnapshotKind};

/// One sample of memory, as hooks and callers get it; what the system cannot give is `None`.
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
    /// Proportional share of resident memory, where it was read for this sample.
    pub pss: Option<Mib>,
    /// What the control group charges, where it was read for this sample.
    pub group: Option<Mib>,
    /// The kernel's mark of another process, where it rose since the sample before.
    pub peak: Option<Mib>,
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
    /// The label given by the caller.
    pub operation: Option<Arc<str>>,
    /// Why it was taken.
    pub kind: SnapshotKind,
}
