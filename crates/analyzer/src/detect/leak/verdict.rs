//! What the tests of a baseline come to.

use super::reason::{Reason, ReasonCode};
use super::report::{Growth, LeakVerdict};
use crate::stats::{Line, Trend};

/// Growth without an end in sight, as fitted.
pub(in crate::detect) struct GrowthFit {
    pub(in crate::detect) line: Line,
    pub(in crate::detect) trend: Trend,
    pub(in crate::detect) growth: Growth,
    /// How far a growing shape is ahead of the best other one, in BIC.
    pub(in crate::detect) lead: f64,
    pub(in crate::detect) total_mb: f64,
    /// Whether its last third goes on by itself.
    pub(super) to_the_end: bool,
    /// Whether only the last part of the run grows, and the whole would pass for level.
    pub(super) of_part: bool,
}

/// What a baseline's tests come to.
pub(super) enum Judgement {
    Not(LeakVerdict, Reason),
    Growing(GrowthFit),
}

impl Judgement {
    pub(super) fn none(code: ReasonCode, words: String) -> Self {
        Self::Not(LeakVerdict::None, Reason::new(code, words))
    }

    pub(super) fn inconclusive(code: ReasonCode, words: String) -> Self {
        Self::Not(LeakVerdict::Inconclusive, Reason::new(code, words))
    }

    pub(super) fn saturating(code: ReasonCode, words: String) -> Self {
        Self::Not(LeakVerdict::Saturating, Reason::new(code, words))
    }
}
