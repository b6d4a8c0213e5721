//! How files are read.

use memtool_formats::Columns;

/// How files are read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileOptions {
    /// Bytes of memory that runs may take; of a run that does not fit some snapshots are kept.
    pub max_memory: Option<u64>,
    /// Samples of a stream above which some are kept, though memory may hold more; only where its columns are all that is
    /// asked for.
    pub thin_above: Option<usize>,
    /// Which column is what in tables that no reader knows.
    pub columns: Option<Columns>,
}

impl From<Option<u64>> for FileOptions {
    fn from(max_memory: Option<u64>) -> Self {
        Self { max_memory, ..Self::default() }
    }
}
