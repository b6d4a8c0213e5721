//! The input and the result of a prediction: the room, and the size chosen for it.

use memtool_profile_model::{Mib, SizeRule};

/// The memory there is at the moment of asking.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Room {
    /// Resident memory now.
    pub rss: Mib,
    /// What is left below the limit, of the system or of the container.
    pub available: Option<Mib>,
    /// The limit.
    pub limit: Option<Mib>,
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sizing {
    /// Items that the next batch may have.
    pub size: u32,
    /// The upper estimate of its peak, once a batch was seen.
    pub predicted_peak: Option<Mib>,
    /// The resident memory that the prediction may reach, where the room is known.
    pub ceiling: Option<Mib>,
    /// Why this size.
    pub rule: SizeRule,
    /// Collect garbage before the batch: memory is short and some of it may be garbage.
    pub collect_first: bool,
}
