//! What commands print: shapes of their own, apart from the inner types.

mod analysis;
mod analyze;

pub use analysis::{
    Analysis, FindingCount, ProfileReport, SkippedReport, Summary, ThresholdReport, TimeShare,
};
pub use analyze::{analyze, profile};
