//! The facts about a run that detectors need beside its columns.

use memtool_profile_model::{Measure, Precision};

use super::observed::{ObservedBatch, ObservedCollection, ObservedLive};

/// The facts about a run that detectors need beside its columns.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Context {
    /// Whether a policy was in force: the runs of other tools have no thresholds, and those below are never reached.
    pub has_policy: bool,
    /// Moderate pressure begins here, in MiB like all sizes here.
    pub moderate_mb: f64,
    /// High pressure begins here.
    pub high_mb: f64,
    /// Critical pressure begins here.
    pub critical_mb: f64,
    /// Collections begin here.
    pub gc_trigger_mb: f64,
    /// Where the machine or its limit ends, if that is known.
    pub limit_mb: Option<f64>,
    /// Snapshots that the file's ring holds; `None` for files without a ring.
    pub ring: Option<usize>,
    /// Snapshots of the run where only some of them are in the columns, or else 0.
    pub thinned_from: usize,
    /// Collections of the whole run, by the writer's count.
    pub total_collections: Option<u64>,
    /// Names of the phases that the columns refer to.
    pub phases: Vec<String>,
    /// Names of the operations that batches refer to.
    pub operations: Vec<String>,
    /// Finished batches in order of start, where the file records them.
    pub batches: Vec<ObservedBatch>,
    /// Where the batch began inside which the run ended, in seconds.
    pub open_batch_s: Option<f64>,
    /// Collections in order of time, where the file records them.
    pub collections: Vec<ObservedCollection>,
    /// Live bytes in order of time, where the file records them.
    pub live: Vec<ObservedLive>,
    /// Shared memory and tmpfs that the job filled, by seconds, where it was recorded.
    pub shared_memory_mb: Vec<(f64, f64)>,
    /// Whether meters of libraries with allocators of their own are among them.
    pub metered: bool,
    /// Changes of batch size of the whole run, by the writer's count.
    pub total_adjustments: Option<u64>,
    /// Whether sizes were predicted or set, and not those of levels: then a size that moves is no flapping.
    pub predictive: bool,
    /// What the runtime had committed for its heap, by seconds, where a log of it lies beside the run.
    pub heap_committed_mb: Vec<(f64, f64)>,
    /// What the figures measure.
    pub measure: Measure,
    /// How near the largest figure is to the true peak.
    pub precision: Precision,
    /// Whether the file has no clock: seconds are places in it then, and nothing has a rate.
    pub untimed: bool,
    /// Whether the limit was recorded, not worked out from what was available.
    pub limit_recorded: bool,
    /// The largest memory of the whole run in MiB by the kernel's mark or the file's own words; it may lie between all samples.
    pub stated_peak_mb: Option<f64>,
    /// Whether the records stop before the run did.
    pub cut_off: bool,
    /// Whether somebody's signal ended it, not want of memory.
    pub stopped: bool,
    /// Loaded libraries and declared caches whose pools fill to a bound, by name.
    pub pools: Vec<String>,
}

/// A pressure level that begins this high is never reached: files of other tools have no thresholds.
const NEVER_MB: f64 = 1e9;

impl Context {
    /// Whether pressure levels mean anything in this run.
    #[must_use]
    pub fn has_thresholds(&self) -> bool {
        self.moderate_mb < NEVER_MB
    }
}
