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
    /// About 100 MB.
    fn default() -> Self {
        Self { samples: 1 << 19, runs: 100_000 }
    }
}
