//! Charts of one run and of many, as PNG or SVG bytes.
//!
//! Input is plain data in seconds and MiB, output is bytes: the caller writes them to a temporary file and renames it.
//! The same input gives the same bytes, on any machine: the font is bundled. Text from files is drawn as text only.
//!
//! A chart is first laid out as a list of marks in pixels (`scene`) and then drawn (`paint`, the one file that
//! names plotters).

mod axis;
mod batch;
mod decimate;
mod font;
mod label;
mod lane;
mod legend;
mod level;
mod memory;
mod overview;
mod paint;
mod palette;
mod run;
mod scene;

pub use overview::{Overview, OverviewRun};
pub use run::{Predicted, RunChart, Thresholds, Trend};

/// The kind of image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A bitmap.
    Png,
    /// Vector graphics; text stays text.
    Svg,
}

/// Why a chart cannot be drawn.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ChartError {
    /// There is no finite value to draw.
    #[error("nothing to draw: no sample has both a time and a value")]
    NoSamples,
    /// Times and values differ in number.
    #[error("cannot draw {name}: {times} times but {values} values")]
    UnequalLengths {
        /// Which line.
        name: &'static str,
        /// How many times there are.
        times: usize,
        /// How many values there are.
        values: usize,
    },
    /// The drawing library failed.
    #[error("cannot draw the chart: {0}")]
    Drawing(String),
    /// The image could not be encoded.
    #[error("cannot encode the chart as PNG: {0}")]
    Encoding(String),
}

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
