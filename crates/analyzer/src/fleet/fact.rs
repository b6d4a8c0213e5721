//! A fact about a group of runs that needs attention.

use serde::Serialize;

/// The kinds of facts, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// Runs were killed for want of memory.
    Killed,
    /// Peaks come close to the limit.
    NearLimit,
    /// Runs leak.
    Leaks,
    /// Peaks became higher.
    Grew,
    /// The limit is far above every peak.
    Waste,
}

/// A fact about a group of runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fact {
    /// Its kind.
    pub kind: FactKind,
    /// In words.
    pub text: String,
}
