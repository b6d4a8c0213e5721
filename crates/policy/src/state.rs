//! The state of the policy between two samples.

use memtool_profile_model::{Counters, OptimizationLevel};

use crate::cooldown::LastCollection;
use crate::dwell::Dwell;

/// The state of the policy between two samples.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PolicyState {
    /// The level in force.
    pub level: OptimizationLevel,
    /// Whether fallback began, and neither critical pressure nor the fallback size has ended since.
    pub fallback_active: bool,
    /// Running totals.
    pub counters: Counters,
    /// How long less strict levels have been possible.
    pub dwell: Dwell,
    /// The last collection that the policy requested.
    pub last_collection: Option<LastCollection>,
}
