//! What a detector says, with the evidence for it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FindingKind {
    /// Memory grows without an end in sight.
    MemoryLeak,
    /// Memory stays above the high threshold.
    SustainedHigh,
    /// Memory is collected and at once needed again.
    GcChurn,
    /// Collections free next to nothing.
    GcIneffective,
    /// The batch size goes up and down.
    BatchFlapping,
    /// The profile holds only the end of the run.
    HistoryCut,
    /// A batch's exact peak lies above every sample.
    HiddenPeak,
    /// Samples are too far apart for the batches.
    CoarseSampling,
    /// A batch size was allowed and no batch used it.
    UnusedBatchSize,
    /// Memory that the job could use and does not.
    IdleHeadroom,
    /// Child processes hold most of the memory.
    ChildrenMemory,
    /// One operation set the run's peak.
    PeakByOperation,
    /// Available memory sets the pressure, not the job's own.
    PressureByOthers,
}

impl FindingKind {
    /// Every kind, in order.
    pub const ALL: [Self; 13] = [
        Self::MemoryLeak,
        Self::SustainedHigh,
        Self::GcChurn,
        Self::GcIneffective,
        Self::BatchFlapping,
        Self::HistoryCut,
        Self::HiddenPeak,
        Self::CoarseSampling,
        Self::UnusedBatchSize,
        Self::IdleHeadroom,
        Self::ChildrenMemory,
        Self::PeakByOperation,
        Self::PressureByOthers,
    ];

    /// The name in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MemoryLeak => "memory_leak",
            Self::SustainedHigh => "sustained_high",
            Self::GcChurn => "gc_churn",
            Self::GcIneffective => "gc_ineffective",
            Self::BatchFlapping => "batch_flapping",
            Self::HistoryCut => "history_cut",
            Self::HiddenPeak => "hidden_peak",
            Self::CoarseSampling => "coarse_sampling",
            Self::UnusedBatchSize => "unused_batch_size",
            Self::IdleHeadroom => "idle_headroom",
            Self::ChildrenMemory => "children_memory",
            Self::PeakByOperation => "peak_by_operation",
            Self::PressureByOthers => "pressure_by_others",
        }
    }
}

/// How pressing a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Act now.
    High,
    /// Plan for it.
    Medium,
    /// Good to know.
    Low,
}

/// Something wrong, and why we say so.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct Finding {
    /// What is wrong.
    pub kind: FindingKind,
    /// How pressing it is.
    pub severity: Severity,
    /// How sure we are, 0 to 1, as measured on labelled runs (docs/detectors.md).
    pub confidence: f64,
    /// What it rests on.
    pub evidence: Evidence,
    /// What to do.
    pub action: String,
    /// What that would save; withheld where the data cannot carry it.
    pub estimated_savings_mb: Option<Estimate>,
    /// Why savings are withheld.
    pub savings_withheld: Option<&'static str>,
}

/// What a finding rests on.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct Evidence {
    /// The rule that fired.
    pub rule: &'static str,
    /// From and to, in seconds from the run's start.
    pub window_s: (f64, f64),
    /// Snapshots in it.
    pub samples: usize,
    /// What was measured.
    pub statistic: &'static str,
    /// Its value.
    pub value: f64,
    /// Its 95 % interval, where the rule has one.
    pub interval: Option<(f64, f64)>,
    /// The operation it points to, where it points to one.
    pub operation: Option<String>,
    /// Further figures by name.
    pub details: BTreeMap<&'static str, f64>,
}

/// A value with its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize)]
pub struct Estimate {
    /// Lower bound.
    pub low: f64,
    /// Middle.
    pub median: f64,
    /// Upper bound.
    pub high: f64,
}
