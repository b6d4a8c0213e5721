//! The memory of a batch, once it has ended.

use memtool_profile_model::Mib;

/// The memory of a batch that has ended, as far as it could be read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BatchMemory {
    /// Resident memory at its start.
    pub rss_start: Option<Mib>,
    /// Largest resident memory inside it.
    pub rss_peak: Option<Mib>,
    /// Whether that is the kernel's mark, and no other batch was open meanwhile.
    pub exact_peak: bool,
    /// Resident memory at its end.
    pub rss_end: Option<Mib>,
}
