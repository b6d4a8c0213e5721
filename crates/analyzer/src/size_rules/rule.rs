//! What a rule is given, and what it gives.

/// The peak of a past run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PastPeak {
    /// Peak memory in MiB.
    pub mb: f64,
    /// When the run began, in seconds since 1970.
    pub began: f64,
}

/// One rule.
#[derive(Debug)]
pub struct SizeRule {
    /// Its name in JSON.
    pub name: &'static str,
    /// Its name in tables.
    pub title: &'static str,
    /// The memory that it requests from a history in any order, in MiB; `None` without a peak.
    pub size_mb: fn(&[PastPeak]) -> Option<f64>,
}
