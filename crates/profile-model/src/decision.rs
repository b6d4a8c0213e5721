//! What the policy did and why.

use serde::{Deserialize, Serialize};

use crate::level::{OptimizationLevel, PressureLevel};
use crate::operation::OperationId;
use crate::pressure::Cause;
use crate::ranges;
use crate::units::{Mib, Offset};

/// One act of the policy, with the observation that caused it.
///
/// The threshold that a change of level crossed follows from the pressure and its cause: the
/// one where that pressure begins.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Collected garbage.
    Collect,
    /// Allowed batches of another size.
    ChangeLevel {
        /// From which level to which, and whether it was held back.
        change: LevelChange,
        /// The size allowed before.
        old_size: u32,
        /// The size allowed now.
        new_size: u32,
    },
    /// Chose a batch size by the peak that it is expected to reach.
    Predict {
        /// The operation that it holds for.
        operation: Option<OperationId>,
        /// The size chosen before.
        old_size: u32,
        /// The size chosen now.
        new_size: u32,
        /// The peak expected at the new size; `None` while nothing is known.
        predicted_peak: Option<Mib>,
        /// What the peak had to stay under; `None` where no limit is known.
        ceiling: Option<Mib>,
        /// Why this size.
        rule: SizeRule,
    },
}

/// A change of the optimization level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelChange {
    /// The level before.
    pub from: OptimizationLevel,
    /// The level after.
    pub to: OptimizationLevel,
    /// Since when pressure alone would have allowed larger batches, where hysteresis held a
    /// less strict level back; `None` for a change that came at once.
    pub held_since: Option<Offset>,
}

/// Why a predicted size was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SizeRule {
    /// Nothing is known of the operation: it starts small.
    Unknown,
    /// Little is known: the size grows while that is safe.
    Growing,
    /// The largest size whose peak is safe by the fitted line.
    Fitted,
    /// A larger size would be safe and gain nothing.
    Efficient,
    /// Memory is short: the size had to shrink.
    Shrunk,
}

/// The tag of an [`Action`] in a stream; the operation stands beside it by its name.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub(crate) enum ActionRecord {
    Collect,
    ChangeLevel {
        from: OptimizationLevel,
        to: OptimizationLevel,
        old_batch_size: u32,
        new_batch_size: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        held_since_ns: Option<Offset>,
    },
    Predict {
        old_batch_size: u32,
        new_batch_size: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        predicted_peak_mb: Option<Mib>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ceiling_mb: Option<Mib>,
        rule: SizeRule,
    },
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
                held_since_ns: change.held_since,
            },
            Action::Predict { operation: _, old_size, new_size, predicted_peak, ceiling, rule } => {
                Self::Predict {
                    old_batch_size: old_size,
                    new_batch_size: new_size,
                    predicted_peak_mb: predicted_peak.and_then(ranges::writable),
                    ceiling_mb: ceiling.and_then(ranges::writable),
                    rule,
                }
            }
        }
    }
}

impl ActionRecord {
    pub(crate) fn action(self, operation: Option<OperationId>) -> Action {
        match self {
            Self::Collect => Action::Collect,
            Self::ChangeLevel { from, to, old_batch_size, new_batch_size, held_since_ns } => {
                Action::ChangeLevel {
                    change: LevelChange { from, to, held_since: held_since_ns },
                    old_size: old_batch_size,
                    new_size: new_batch_size,
                }
            }
            Self::Predict { old_batch_size, new_batch_size, predicted_peak_mb, ceiling_mb, rule } => {
                Action::Predict {
                    operation,
                    old_size: old_batch_size,
                    new_size: new_batch_size,
                    predicted_peak: predicted_peak_mb,
                    // Earlier recorders wrote less than nothing where less was left than the reserve.
                    ceiling: ceiling_mb.map(|ceiling| Mib::new(ceiling.get().max(0.0))),
                    rule,
                }
            }
        }
    }
}
