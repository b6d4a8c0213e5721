//! How much of a file is kept.

/// What a file may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Samples kept, of all runs in it.
    pub samples: usize,
    /// Runs kept: a table may have one in each row.
    pub runs: usize,
}

impl Default for Limits {
    /// About 13 MB of samples: more than a chart has pixels for, or a trend needs.
    fn default() -> Self {
        Self { samples: 1 << 16, runs: 100_000 }
    }
}
