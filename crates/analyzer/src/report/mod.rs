//! What commands print: shapes of their own, apart from the inner types.

mod analysis;
mod analyze;
mod picture;

pub use analysis::{
    Analysis, FindingCount, ProfileReport, SkippedReport, Summary, ThresholdReport, TimeShare,
};
pub use analyze::{analyze, profile};
pub use picture::{Picture, picture};
