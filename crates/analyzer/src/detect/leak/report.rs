//! What is known of a run's leak.

use serde::{Deserialize, Serialize};

use super::operations::OperationGrowth;
use super::reason::{Reason, ReasonCode};

/// What is known about a leak.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct LeakReport {
    /// The verdict.
    pub verdict: LeakVerdict,
    /// How sure a leak is.
    pub tier: Option<LeakTier>,
    /// Growth of the baseline, where there is growth.
    pub slope_mb_per_min: Option<Growth>,
    /// The same growth a batch, where batches are recorded.
    pub slope_mb_per_batch: Option<Growth>,
    /// The same growth a thousand items.
    pub slope_mb_per_1000_items: Option<Growth>,
    /// What the batches of each operation leave behind in a leak, the most first.
    pub by_operation: Vec<OperationGrowth>,
    /// Time until the limit at this growth, where the limit is known and growth is sure.
    pub hours_to_limit: Option<Growth>,
    /// The test that decided it.
    pub reason_code: ReasonCode,
    /// Why, as that code and words.
    pub reason: String,
}

/// Whether memory leaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LeakVerdict {
    /// It grows without an end in sight.
    Leak,
    /// It grew, and the growth ends or slows down.
    Saturating,
    /// It does not grow.
    None,
    /// The data cannot say.
    Inconclusive,
}

impl LeakVerdict {
    /// The word in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Leak => "leak",
            Self::Saturating => "saturating",
            Self::None => "none",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// How sure a leak is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LeakTier {
    /// Every test is clear.
    Confirmed,
    /// It looks like one, in a short run or by a narrow lead.
    Suspected,
}

impl LeakTier {
    /// The word in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Suspected => "suspected",
        }
    }
}

/// An estimate with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize)]
pub struct Growth {
    /// The estimate.
    pub estimate: f64,
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

impl Growth {
    /// Growth a minute as growth a unit of work, at so many units a minute.
    pub(super) fn per(self, units_per_minute: f64) -> Option<Self> {
        (units_per_minute > 0.0 && units_per_minute.is_finite()).then(|| Self {
            estimate: self.estimate / units_per_minute,
            low: self.low / units_per_minute,
            high: self.high / units_per_minute,
        })
    }
}

impl LeakReport {
    /// The words of the reason, behind its code.
    #[must_use]
    pub fn words(&self) -> &str {
        self.reason.split_once(": ").map_or(&self.reason, |(_, words)| words)
    }

    pub(super) fn without_growth(verdict: LeakVerdict, reason: &Reason) -> Self {
        Self {
            verdict,
            tier: None,
            slope_mb_per_min: None,
            slope_mb_per_batch: None,
            slope_mb_per_1000_items: None,
            by_operation: Vec::new(),
            hours_to_limit: None,
            reason_code: reason.code,
            reason: reason.to_string(),
        }
    }
}
