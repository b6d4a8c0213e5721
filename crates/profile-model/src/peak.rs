//! The highest resident memory of a run, one figure for every output.

use serde::{Deserialize, Serialize};

use crate::batch::PeakSource;
use crate::units::Mib;

/// The highest resident memory of a run and where it was read.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Peak {
    /// The highest resident memory.
    pub rss: Mib,
    /// Where it was read; `None` where the file does not say.
    pub source: Option<PeakSource>,
}

impl Peak {
    /// The larger of two; of equal ones the exact one.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        let rank = |peak: &Self| (peak.rss.get(), peak.is_exact());
        if rank(&other) > rank(&self) { other } else { self }
    }

    /// Whether the kernel's own mark was read: otherwise the peak was *at least* this.
    #[must_use]
    pub const fn is_exact(&self) -> bool {
        matches!(self.source, Some(PeakSource::HighWaterMark | PeakSource::CgroupPeak))
    }
}
