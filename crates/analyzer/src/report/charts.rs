//! The charts that `memtool chart` draws: one line each.

use super::chart_input::ChartInput;
use crate::chart::{ChartError, Format, Overview, OverviewRun, render};

/// A chart of each run.
#[derive(Debug, Clone, Copy)]
pub struct RunChartKind {
    /// What stands behind the run's name in the file's.
    pub suffix: &'static str,
    /// Draws it.
    pub draw: fn(&ChartInput, Format) -> Result<Vec<u8>, ChartError>,
}

/// A chart across runs.
#[derive(Debug, Clone, Copy)]
pub struct FleetChartKind {
    /// The file's name.
    pub name: &'static str,
    /// Draws it.
    pub draw: fn(&[OverviewRun], Format) -> Result<Vec<u8>, ChartError>,
}

/// The charts of each run.
pub const RUN_CHARTS: &[RunChartKind] =
    &[RunChartKind { suffix: "", draw: |input, format| render(&input.chart(), format) }];

/// The charts across runs.
pub const FLEET_CHARTS: &[FleetChartKind] =
    &[FleetChartKind { name: "overview", draw: |runs, format| render(&Overview::of_peaks(runs), format) }];
