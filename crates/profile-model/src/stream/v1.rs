//! Version 1 of the recorder's stream, record by record.
//!
//! Each line is one complete JSON object with a `type`. Times are nanoseconds since the
//! run's start (`t_ns`), sizes MiB. A figure that the system could not give is left out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::batch::PeakSource;
use crate::config::AdaptiveConfig;
use crate::counters::Counters;
use crate::decision::ActionRecord;
use crate::fate::Fate;
use crate::level::PressureLevel;
use crate::measure::Origin;
use crate::pressure::Cause;
use crate::run::{Host, Process};
use crate::units::{Mib, Offset};

/// The number in the header's `version`.
pub const VERSION: u64 = 1;

/// One line of a stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "one header a stream; a record is used and let go")]
pub enum Record {
    /// The first line.
    Header(Header),
    /// One sample of memory.
    Snapshot(SnapshotRecord),
    /// A batch begins.
    BatchStart(BatchStart),
    /// A batch ends.
    BatchEnd(BatchEnd),
    /// A garbage collection.
    Gc(GcRecord),
    /// An act of the policy.
    Decision(DecisionRecord),
    /// The job's label changes.
    Operation(OperationRecord),
    /// A cache that the job declares.
    Cache(CacheRecord),
    /// Libraries whose memory behaves in a way of its own.
    Libraries(LibrariesRecord),
    /// A word of the recorder about itself.
    Note(Note),
    /// The last line of a run that closed its stream.
    Footer(Footer),
}

/// What the run is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Format version.
    pub version: u64,
    /// Unique name of the run.
    pub run_id: String,
    /// Wall-clock time of offset 0, RFC 3339.
    pub started: String,
    /// The machine.
    #[serde(default)]
    pub host: Host,
    /// The process.
    #[serde(default)]
    pub process: Process,
    /// The settings, all of them.
    pub config: AdaptiveConfig,
    /// Which tool took the figures, in a stream that another tool's file was converted to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Box<Origin>>,
}

/// One sample of memory.
///
/// What follows from other lines is left out, to keep a line short; `SnapshotRecord::default()`
/// has no figure at all.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SnapshotRecord {
    /// When.
    pub t_ns: Offset,
    /// Resident memory, children included where they count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rss_mb: Option<Mib>,
    /// The part of it that child processes hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub children_rss_mb: Option<Mib>,
    /// The part of it that is mapped files and shared memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_mb: Option<Mib>,
    /// Proportional set size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pss_mb: Option<Mib>,
    /// Virtual memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vms_mb: Option<Mib>,
    /// System memory in use, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<f64>,
    /// Available memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available_mb: Option<Mib>,
    /// Pressure; left out where the header's settings give it from the memory of this line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pressure_level: Option<PressureLevel>,
    /// Collections so far; left out where it is as in the snapshot before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gc_collections: Option<u64>,
    /// Batch size in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_size: Option<u32>,
    /// The job's label, or `post_gc`, or `statistics`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The highest resident memory since the snapshot before, by the kernel's mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_rss_mb: Option<Mib>,
    /// What the control group charges to all its processes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_mb: Option<Mib>,
    /// Live bytes.
    #[serde(flatten)]
    pub live: LiveRecord,
}

/// Live bytes in a line: what the allocators have handed out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LiveRecord {
    /// What the C allocator has handed out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heap_used_mb: Option<Mib>,
    /// What the C allocator keeps free for later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heap_free_mb: Option<Mib>,
    /// Blocks of small objects that CPython has handed out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub py_blocks: Option<u64>,
    /// Figures that the job gave names, in MiB.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub meters: BTreeMap<String, Mib>,
}

/// A batch begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BatchStart {
    /// When.
    pub t_ns: Offset,
    /// Number of the batch, unique in the run.
    pub batch: u64,
    /// The job's label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The size that was allowed.
    pub batch_size: u32,
    /// The items it has.
    pub items: u64,
    /// Resident memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rss_mb: Option<Mib>,
    /// Live bytes, before the first batch of a run.
    #[serde(flatten)]
    pub live: LiveRecord,
}

/// A batch ends.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct BatchEnd {
    /// When.
    pub t_ns: Offset,
    /// Number of the batch.
    pub batch: u64,
    /// Largest resident memory inside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_rss_mb: Option<Mib>,
    /// Where the peak was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_source: Option<PeakSource>,
    /// Resident memory after its objects were freed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rss_mb: Option<Mib>,
    /// What the job says it keeps on purpose by now: results, tables it will need again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retained_mb: Option<Mib>,
    /// Whether another batch was open at some time inside it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overlapping: bool,
    /// Processor time that the process used inside it.
    #[serde(rename = "cpu_s", default, skip_serializing_if = "Option::is_none")]
    pub seconds_cpu: Option<f64>,
    /// Live bytes after its objects were freed.
    #[serde(flatten)]
    pub live: LiveRecord,
}

/// A garbage collection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GcRecord {
    /// When it ended.
    pub t_ns: Offset,
    /// Whether the policy asked for it.
    pub forced: bool,
    /// How long it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Resident memory before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rss_before_mb: Option<Mib>,
    /// Resident memory after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rss_after_mb: Option<Mib>,
    /// Objects freed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<u64>,
}

/// An act of the policy, with what it saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecisionRecord {
    /// When.
    pub t_ns: Offset,
    #[serde(flatten)]
    pub(crate) action: ActionRecord,
    /// The operation that a predicted size holds for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Resident memory seen.
    pub rss_mb: Mib,
    /// Available memory seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available_mb: Option<Mib>,
    /// The pressure it made.
    pub pressure_level: PressureLevel,
    /// The rule that set the pressure.
    pub cause: Cause,
}

/// The job's label changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OperationRecord {
    /// When.
    pub t_ns: Offset,
    /// The new label; empty where the job does nothing in particular.
    pub name: String,
}

/// A cache that the job declares: memory that it fills and keeps on purpose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CacheRecord {
    /// When.
    pub t_ns: Offset,
    /// Its name.
    pub name: String,
    /// What it holds at most; `None` where nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_mb: Option<Mib>,
}

/// Libraries that are loaded and whose memory behaves in a way of its own: allocators, pools.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LibrariesRecord {
    /// When.
    pub t_ns: Offset,
    /// Their names, such as `duckdb` or `jemalloc`.
    pub names: Vec<String>,
}

/// A word of the recorder about itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Note {
    /// When.
    pub t_ns: Offset,
    /// What it says.
    pub text: String,
    /// From here on one in so many samples is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thinning: Option<u32>,
    /// Records that could not be written so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_records: Option<u64>,
    /// Whether the run ended before its first sample: the one that follows is the system's account of its largest
    /// process.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unsampled: bool,
}

/// Totals at a clean end.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Footer {
    /// When.
    pub t_ns: Offset,
    /// Totals of the policy.
    pub counters: Counters,
    /// Records that could not be written.
    #[serde(default)]
    pub lost_records: u64,
    /// Records left out on purpose, the file being near its largest size.
    #[serde(default)]
    pub thinned_records: u64,
    /// Samples of memory, written or not.
    #[serde(default)]
    pub samples: u64,
    /// Samples that failed.
    #[serde(default)]
    pub probe_failures: u64,
    /// Calls into the job's own hooks that failed.
    #[serde(default)]
    pub hook_failures: u64,
    /// Largest resident memory, exact where the system tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_rss_mb: Option<Mib>,
    /// Where that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_source: Option<PeakSource>,
    /// Largest resident memory of one process, where `peak_rss_mb` is a sum over several that share pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_of_one_mb: Option<Mib>,
    /// How the process ended, where the recorder stands outside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fate: Option<Fate>,
}
