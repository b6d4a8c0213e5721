//! Peaks between samples: the kernel's high-water marks, and the batches they belong to.

mod counter;
mod high_water;
mod open_batches;
mod own_peaks;
mod tree_peaks;

pub(crate) use counter::PeakCounter;
pub use high_water::{HighWater, PeakAccess};
pub(crate) use open_batches::{Beginning, MARK_SLACK_MB, OpenBatches};
pub(crate) use own_peaks::OwnPeaks;
pub(crate) use tree_peaks::TreePeaks;
