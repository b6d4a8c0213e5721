//! One sample of memory.

use crate::level::PressureLevel;
use crate::operation::OperationId;
use crate::units::{Mib, Offset};

/// Why a snapshot was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SnapshotKind {
    /// By the interval or a forced check: the policy acted on it.
    #[default]
    Regular,
    /// Right after a forced collection: the policy did not act on it.
    PostGc,
    /// For the closing statistics: the policy did not act on it.
    Statistics,
}

impl SnapshotKind {
    const POST_GC: &'static str = "post_gc";
    const STATISTICS: &'static str = "statistics";

    /// The kind that an operation label in a profile stands for.
    #[must_use]
    pub fn of_label(label: Option<&str>) -> Self {
        match label {
            Some(Self::POST_GC) => Self::PostGc,
            Some(Self::STATISTICS) => Self::Statistics,
            _ => Self::Regular,
        }
    }

    /// The operation label that marks this kind in a profile.
    #[must_use]
    pub const fn label(self) -> Option<&'static str> {
        match self {
            Self::Regular => None,
            Self::PostGc => Some(Self::POST_GC),
            Self::Statistics => Some(Self::STATISTICS),
        }
    }
}

/// One sample of memory; what the system could not give is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Snapshot {
    /// When, from the run's start.
    pub at: Offset,
    /// Resident memory; `None` where the probe failed.
    pub rss: Option<Mib>,
    /// The part of resident memory that child processes hold.
    pub children_rss: Option<Mib>,
    /// The part of resident memory that is mapped files and shared memory.
    pub shared: Option<Mib>,
    /// Proportional set size: shared pages divided among the processes that map them.
    pub pss: Option<Mib>,
    /// Virtual memory.
    pub vms: Option<Mib>,
    /// Memory in use of the whole system, in percent.
    pub system_percent: Option<f64>,
    /// Memory still available.
    pub available: Option<Mib>,
    /// The pressure level written down with it.
    pub level: Option<PressureLevel>,
    /// Collections since the interpreter started, all generations.
    pub gc_collections: Option<u64>,
    /// Batch size in force before this snapshot's own adjustment.
    pub batch_size: Option<u32>,
    /// Why it was taken.
    pub kind: SnapshotKind,
    /// The job's label.
    pub operation: Option<OperationId>,
}

/// A part is read a moment after the whole, which may have shrunk meanwhile.
const PART_TOLERANCE: f64 = 1.5;

/// Whether a size (children, shared pages, proportional size) can be a part of a resident size that was read
/// with it.
#[must_use]
pub fn is_part_of(part: Mib, whole: Mib) -> bool {
    part.get() <= PART_TOLERANCE * whole.get() + 1.0
}
