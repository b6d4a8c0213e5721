#![doc = include_str!("../README.md")]

pub mod chart;
pub mod compare;
mod course;
mod detect;
pub mod document;
mod files;
pub mod fit;
#[cfg(feature = "frames")]
pub mod fleet;
#[cfg(feature = "frames")]
pub mod frame;
pub mod gate;
pub mod lake;
pub mod memory_model;
mod phase;
mod rate;
mod report;
pub mod request;
mod series;
mod series_builder;
pub mod simulate;
mod size_column;
mod stats;
mod step_column;
pub mod summary;
pub mod table;
pub mod tune;

pub use detect::{
    Context, Details, Detection, Estimate, Evidence, Finding, FindingKind, Growth, LeakReport, LeakTier,
    LeakVerdict, ObservedBatch, ObservedCollection, ObservedLive, OperationGrowth, ReasonCode, Severity,
    detect,
};
pub use files::{
    Content, Discovered, FileOptions, Input, Loaded, Skipped, discover, load, load_all, load_with,
};
pub use phase::{Phases, phases};
pub use rate::{RateUnit, unit_of};
pub use report::{
    Analysis, ChartInput, ConversionError, EXPORTERS, Exported, ExportedFile, Exporter, FLEET_CHARTS,
    FindingCount, FleetChartKind, MachineRow, OperationUse, ParetoRow, PredictionFigures, PredictionRow,
    ProfileReport, RUN_CHARTS, Reading, ReportWarning, Reports, ReportsError, RunChartKind, SimulationReport,
    Spread, Summary, ThresholdReport, TimeShare, TuningReport, analyze, chart_input, charts_beside, profile,
    report, report_contents,
};
pub use series::Series;
pub use size_column::SizeColumn;
pub use step_column::StepColumn;
