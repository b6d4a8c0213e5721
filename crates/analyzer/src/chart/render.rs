//! From a chart's data to the bytes of an image.

use super::error::ChartError;
use super::format::Format;
use super::paint;
use super::scene::Scene;

/// What can be drawn: one file a chart, named in the module's list.
pub trait Chart {
    /// The chart as marks in pixels.
    ///
    /// # Errors
    /// When there is nothing to draw.
    fn layout(&self) -> Result<Scene, ChartError>;
}

/// Draws a chart.
///
/// # Errors
/// When there is nothing to draw, such as no finite sample.
pub fn render(chart: &impl Chart, format: Format) -> Result<Vec<u8>, ChartError> {
    paint::paint(&chart.layout()?, format)
}
