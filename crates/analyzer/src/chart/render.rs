//! From a chart's data to the bytes of an image.

use super::error::ChartError;
use super::fit::FitChart;
use super::format::Format;
use super::overview::Overview;
use super::paint;
use super::run::RunChart;

/// Draws the chart of one run: 1600 by 900 pixels.
///
/// # Errors
/// When there is no finite sample, or times and values differ in number.
pub fn render_run(chart: &RunChart<'_>, format: Format) -> Result<Vec<u8>, ChartError> {
    paint::paint(&chart.layout()?, format)
}

/// Draws the chart across runs: 1600 pixels wide, as high as it needs.
///
/// # Errors
/// When there is no run with a finite peak.
pub fn render_overview(overview: &Overview, format: Format) -> Result<Vec<u8>, ChartError> {
    paint::paint(&overview.layout()?, format)
}

/// Draws the probability of passing a limit against how many run at once: 1600 by 900 pixels.
/// # Errors
/// When there is no point to draw.
pub fn render_fit(chart: &FitChart, format: Format) -> Result<Vec<u8>, ChartError> {
    paint::paint(&chart.layout()?, format)
}
