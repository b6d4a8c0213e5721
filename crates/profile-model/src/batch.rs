//! One unit of the job's work.

use serde::{Deserialize, Serialize};

use crate::operation::OperationId;
use crate::units::{Mib, Offset};

/// Where a batch's peak was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeakSource {
    /// The kernel's high-water mark, reset at the batch's start: exact.
    HighWaterMark,
    /// The control group's peak counter: exact, all processes.
    CgroupPeak,
    /// The largest sample inside the batch: a lower bound.
    Sampled,
}

/// One unit of the job's work.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Batch {
    /// The job's label.
    pub operation: Option<OperationId>,
    /// The size that was allowed.
    pub size: u32,
    /// The items it really had.
    pub items: u64,
    /// Its start.
    pub start: Offset,
    /// Its end; `None` if the run ended inside it.
    pub end: Option<Offset>,
    /// Resident memory at its start.
    pub rss_start: Option<Mib>,
    /// Largest resident memory inside it.
    pub rss_peak: Option<Mib>,
    /// Where the peak was read.
    pub peak_source: Option<PeakSource>,
    /// Resident memory after its objects were freed.
    pub rss_end: Option<Mib>,
    /// What the job said at its end that it keeps on purpose.
    pub retained: Option<Mib>,
    /// Whether another batch was open at some time inside it: its peak is not its own then.
    pub overlapping: bool,
    /// Processor time that the process used inside it, in seconds.
    pub cpu_seconds: Option<f64>,
}

/// One garbage collection.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Collection {
    /// When it ended.
    pub at: Offset,
    /// Whether the policy requested it.
    pub forced: bool,
    /// How long it took, in seconds.
    pub seconds: Option<f64>,
    /// Resident memory before.
    pub rss_before: Option<Mib>,
    /// Resident memory after.
    pub rss_after: Option<Mib>,
    /// Memory that the heap had committed after it, if a runtime's log has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committed: Option<Mib>,
    /// Whether it looked at the young part of a heap only: what it left may be garbage then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub young: bool,
    /// Objects freed.
    pub objects: Option<u64>,
}
