//! `memtool.comparison/1`: what `compare --format json` prints.

use serde::Serialize;

use super::Comparison;
use crate::files::Skipped;

/// A comparison as JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparisonReport {
    /// Name and version of this shape.
    pub schema: &'static str,
    /// The comparison.
    #[serde(flatten)]
    pub comparison: Comparison,
    /// Files that could not be used.
    pub skipped: Vec<Skipped>,
}

impl ComparisonReport {
    /// A report of a comparison. A file that could not be used is missing data: what it would
    /// have shown is not known.
    #[must_use]
    pub fn new(mut comparison: Comparison, skipped: Vec<Skipped>) -> Self {
        for file in &skipped {
            comparison.miss(format!("{} could not be used: {}", file.path, file.error));
        }
        Self { schema: "memtool.comparison/1", comparison, skipped }
    }
}
