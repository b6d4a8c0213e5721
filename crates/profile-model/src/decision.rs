//! What the policy did and why.

use serde::{Deserialize, Serialize};

use crate::level::{OptimizationLevel, PressureLevel};
use crate::policy::{Cause, LevelChange};
use crate::units::{Mib, Offset};

/// One act of the policy, with the observation that caused it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    /// When.
    pub at: Offset,
    /// What was done.
    pub action: Action,
    /// Resident memory that was seen.
    pub rss: Mib,
    /// Available memory that was seen.
    pub available: Option<Mib>,
    /// The pressure it made.
    pub pressure: PressureLevel,
    /// The rule that set the pressure.
    pub cause: Cause,
}

/// What the policy did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Collected garbage.
    Collect,
    /// Allowed batches of another size.
    ChangeLevel {
        /// From which level to which.
        change: LevelChange,
        /// The size allowed before.
        old_size: u32,
        /// The size allowed now.
        new_size: u32,
    },
}

/// Why a batch got the size that it got from a prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SizeRule {
    /// Nothing is known of the operation: start small.
    Unknown,
    /// Doubling while it is safe.
    Growing,
    /// The largest safe size by the fitted line.
    Fitted,
    /// A larger size gains nothing.
    Efficient,
    /// Memory is short.
    Shrunk,
}

/// The tag of an [`Action`] in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub(crate) enum ActionRecord {
    Collect,
    ChangeLevel { from: OptimizationLevel, to: OptimizationLevel, old_batch_size: u32, new_batch_size: u32 },
}

impl From<Action> for ActionRecord {
    fn from(action: Action) -> Self {
        match action {
            Action::Collect => Self::Collect,
            Action::ChangeLevel { change, old_size, new_size } => Self::ChangeLevel {
                from: change.from,
                to: change.to,
                old_batch_size: old_size,
                new_batch_size: new_size,
            },
        }
    }
}

impl From<ActionRecord> for Action {
    fn from(record: ActionRecord) -> Self {
        match record {
            ActionRecord::Collect => Self::Collect,
            ActionRecord::ChangeLevel { from, to, old_batch_size, new_batch_size } => Self::ChangeLevel {
                change: LevelChange { from, to },
                old_size: old_batch_size,
                new_size: new_batch_size,
            },
        }
    }
}
