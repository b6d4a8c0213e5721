//! files ─▶ frame ─▶ detect ─▶ respond ─▶ simulate ─▶ tune ─▶ report

pub mod chart;
mod detect;
mod files;
pub mod frame;
mod phase;
mod report;
mod series;
mod stats;

pub use detect::{
    Context, Detection, Estimate, Evidence, Finding, FindingKind, Growth, LeakReport, LeakTier, LeakVerdict,
    Severity, detect,
};
pub use files::{Loaded, Skipped, load};
pub use phase::{Phases, phases};
pub use report::{
    Analysis, FindingCount, Picture, ProfileReport, SkippedReport, Summary, ThresholdReport, TimeShare,
    analyze, picture, profile,
};
pub use series::Series;
