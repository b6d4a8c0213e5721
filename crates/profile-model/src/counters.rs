//! The counters of a policy over a run.

use serde::{Deserialize, Serialize};

/// Running totals, with the names of the existing manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Counters {
    /// Collections that the policy requested.
    pub total_gc_collections: u64,
    /// Times fallback began.
    pub automatic_fallbacks: u64,
    /// Times the optimization level changed.
    pub batch_size_adjustments: u64,
    /// Samples under high or critical pressure.
    pub memory_warnings: u64,
    /// Samples under critical pressure.
    pub critical_events: u64,
}
