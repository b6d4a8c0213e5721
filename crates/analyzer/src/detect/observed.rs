//! One batch, one collection and one moment of live bytes, as the detectors see them.

/// One finished batch of a run, in seconds from its first snapshot and MiB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ObservedBatch {
    /// Its operation, as an index into the operations' names.
    pub operation: Option<u32>,
    /// Its start.
    pub start_s: f64,
    /// Its end.
    pub end_s: f64,
    /// The size that was allowed.
    pub size: u32,
    /// The items it had.
    pub items: u64,
    /// RSS at its start.
    pub before_mb: Option<f64>,
    /// Largest RSS inside it.
    pub peak_mb: Option<f64>,
    /// Whether the kernel measured that peak, so that nothing was missed.
    pub exact: bool,
    /// Whether another batch was open inside it, so that its memory is not its own.
    pub overlapping: bool,
    /// What the job said at its end that it keeps on purpose.
    pub retained_mb: Option<f64>,
    /// RSS after its objects were freed.
    pub after_mb: Option<f64>,
}

/// One recorded collection, in seconds from the first snapshot and MiB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ObservedCollection {
    /// When it ended.
    pub at_s: f64,
    /// Whether the policy requested it.
    pub forced: bool,
    /// How long it took, in seconds.
    pub seconds: Option<f64>,
    /// RSS before.
    pub before_mb: Option<f64>,
    /// RSS after.
    pub after_mb: Option<f64>,
    /// What the heap had committed then, where a runtime's log tells.
    pub committed_mb: Option<f64>,
    /// Whether it looked at the young part of a heap only: what it left may be garbage then.
    pub young: bool,
    /// Objects in cycles that it freed.
    pub objects: Option<u64>,
}

/// Live bytes at one moment, in seconds from the first sample and MiB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ObservedLive {
    /// When.
    pub at_s: f64,
    /// Whether it is the end of a batch.
    pub batch_end: bool,
    /// What the C allocator has handed out, and the job's meters count.
    pub used_mb: Option<f64>,
    /// What it keeps free.
    pub free_mb: Option<f64>,
    /// CPython's small objects, a count.
    pub py_blocks: Option<f64>,
}

impl ObservedBatch {
    /// The share of what the batch took that came back with its end; `None` where it took
    /// nothing to speak of.
    #[must_use]
    pub fn returned(&self) -> Option<f64> {
        let (before, peak, after) = (self.before_mb?, self.peak_mb?, self.after_mb?);
        let took = peak - before;
        (took >= 5.0).then(|| (peak - after) / took)
    }
}
