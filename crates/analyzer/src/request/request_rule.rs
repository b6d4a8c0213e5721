//! A rule for sizes.

use super::history::History;

/// What is known of the next run.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Next {
    /// Size of its input in bytes.
    pub input_bytes: Option<f64>,
    /// The share of runs that may fail for memory.
    pub risk: f64,
}

/// A rule that says how much memory the next run needs.
#[derive(Debug, Clone, Copy)]
pub struct RequestRule {
    /// Its name in output.
    pub name: &'static str,
    /// The memory in MiB; `None` where it cannot say.
    pub size_mb: fn(&History, &Next) -> Option<f64>,
}
