//! What commands print: shapes of their own, apart from the inner types.

mod analysis;
mod analyze;
mod convert;
mod picture;
mod simulation;
mod track;
mod tuning;

pub use analysis::{
    Analysis, FindingCount, ProfileReport, SkippedReport, Summary, ThresholdReport, TimeShare,
};
pub use analyze::{Reading, analyze, profile, report};
pub use convert::tables;
pub use picture::{Picture, picture, picture_of_table};
pub use simulation::{PredictionFigures, PredictionRow, SimulationReport};
pub use tuning::{MachineRow, ParetoRow, TuningReport};
