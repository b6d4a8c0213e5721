//! What commands print: shapes of their own, apart from the inner types.

mod analysis;
mod analyze;
mod averages;
mod beside;
mod chart_columns;
mod chart_input;
mod charts;
mod columns;
mod contents;
mod context;
mod export;
mod operation_use;
mod profile_report;
mod report_warning;
mod rules_version;
mod run_label;
mod same_task;
mod simulation;
mod source;
mod tuning;

pub use analysis::{Analysis, FindingCount, ProfileReport, Spread, Summary, ThresholdReport, TimeShare};
pub use analyze::{Reading, analyze};
pub use beside::charts_beside;
pub(crate) use chart_columns::ChartColumns;
pub use chart_input::{ChartInput, chart_input};
pub use charts::{FLEET_CHARTS, FleetChartKind, RUN_CHARTS, RunChartKind};
pub use contents::report_contents;
pub(crate) use export::finding_row;
pub use export::{ConversionError, EXPORTERS, Exported, ExportedFile, Exporter};
pub use operation_use::OperationUse;
pub use profile_report::profile;
pub use report_warning::ReportWarning;
pub(crate) use run_label::run_label;
pub use simulation::{PredictionFigures, PredictionRow, SimulationReport};
pub use source::report;
pub use tuning::{MachineRow, ParetoRow, TuningReport};
