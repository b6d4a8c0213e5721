//! files ─▶ frame ─▶ detect ─▶ respond ─▶ simulate ─▶ tune ─▶ report

pub mod chart;
pub mod compare;
mod detect;
mod files;
pub mod frame;
mod phase;
mod report;
pub mod respond;
mod series;
pub mod simulate;
mod stats;
pub mod table;
pub mod tune;

pub use detect::{
    BatchSeen, CollectionSeen, Context, Detection, Estimate, Evidence, Finding, FindingKind, Growth,
    LeakReport, LeakTier, LeakVerdict, OperationGrowth, Severity, detect,
};
pub use files::{Discovered, Loaded, Share, Skipped, discover, load, load_all, load_or};
pub use phase::{Phases, phases};
pub use report::{
    Analysis, FindingCount, MachineRow, ParetoRow, Picture, PredictionFigures, PredictionRow, ProfileReport,
    Reading, SimulationReport, SkippedReport, Summary, ThresholdReport, TimeShare, TuningReport, analyze,
    picture, picture_of_table, profile, report, tables,
};
pub use series::Series;
