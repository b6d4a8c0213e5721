//! Why a chart cannot be drawn.

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
