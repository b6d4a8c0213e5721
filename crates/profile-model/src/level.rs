//! The two scales of the policy. Their words clash, so they are two types.

use serde::{Deserialize, Serialize};

/// How full memory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PressureLevel {
    /// Below every threshold.
    Low,
    /// At or above the moderate threshold.
    Moderate,
    /// At or above the high threshold.
    High,
    /// At or above the critical threshold.
    Critical,
}

impl PressureLevel {
    /// All levels, from the emptiest to the fullest memory.
    pub const ALL: [Self; 4] = [Self::Low, Self::Moderate, Self::High, Self::Critical];

    /// The word used in files and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Moderate => "moderate",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// How large a batch is allowed: the opposite sense of [`PressureLevel`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OptimizationLevel {
    /// The smallest batches, to survive.
    Fallback,
    /// Small batches.
    Low,
    /// The level a run starts at.
    #[default]
    Medium,
    /// The largest batches.
    High,
}

impl OptimizationLevel {
    /// The word used in files and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fallback => "fallback",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}
