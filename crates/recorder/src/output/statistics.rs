//! Current figures and totals, with the names of the existing manager.

use memtool_profile_model::profile::document::Trends;
use memtool_profile_model::{Counters, Mib, OptimizationLevel, PressureLevel};
use serde::Serialize;

use super::advice;
use crate::engine::shared::Shared;
use crate::engine::state::State;

/// The figures of now and the totals so far.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statistics {
    /// The last snapshot, and what is in force.
    pub current: Option<Current>,
    /// Over the last 20 snapshots.
    pub trends: Option<Trends>,
    /// Totals of the policy.
    pub stats: Counters,
    /// Recommendations so far.
    pub recommendations_count: usize,
    /// Totals of the recording itself.
    pub recording: Recording,
}

/// The last snapshot, and what is in force.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Current {
    /// Resident memory.
    pub memory_mb: Mib,
    /// Memory still available.
    pub available_mb: Option<Mib>,
    /// Pressure.
    pub pressure_level: PressureLevel,
    /// Items a batch may have.
    pub batch_size: u32,
    /// The level the batch size goes by.
    pub optimization_level: OptimizationLevel,
    /// Whether the fallback size is in force.
    pub fallback_active: bool,
}

/// Totals of the recording itself.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Recording {
    /// Samples of memory.
    pub samples: u64,
    /// Batches that ended.
    pub batches: u64,
    /// Their items.
    pub items: u64,
    /// Largest resident memory seen, between samples too where the kernel reports it.
    pub peak_rss_mb: Option<Mib>,
    /// The memory the job may use.
    pub limit_mb: Option<Mib>,
    /// Whether peaks of batches come from the kernel's high-water mark.
    pub exact_peaks: bool,
    /// Samples that gave no figure.
    pub probe_failures: u64,
    /// Callbacks of the host that panicked.
    pub hook_failures: u64,
    /// Records that could not be written.
    pub lost_records: u64,
    /// Records left out for the size cap.
    pub thinned_records: u64,
}

impl Statistics {
    pub(crate) fn now(shared: &Shared) -> Self {
        let mut state = shared.state();
        advice::remember(&mut state, shared.clock.wall());
        Self::of(&state)
    }

    fn of(state: &State) -> Self {
        let totals = state.totals;
        Self {
            current: state.history.last().map(|last| Current {
                memory_mb: last.rss,
                available_mb: last.available,
                pressure_level: last.pressure_level,
                batch_size: state.size,
                optimization_level: state.level(),
                fallback_active: state.level() == OptimizationLevel::Fallback,
            }),
            trends: Trends::of(state.history.iter().rev().map(|snapshot| Some(snapshot.rss))),
            stats: state.policy.counters,
            recommendations_count: state.recommendations.len(),
            recording: Recording {
                samples: totals.samples,
                batches: totals.batches,
                items: totals.items,
                peak_rss_mb: totals.peak.largest,
                limit_mb: state.limit(),
                exact_peaks: state.open.is_exact(),
                probe_failures: totals.probe_failures,
                hook_failures: totals.hook_failures,
                lost_records: totals.lost_records,
                thinned_records: state.stream.left_out(),
            },
        }
    }
}
