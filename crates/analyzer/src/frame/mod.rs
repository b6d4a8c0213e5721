//! Dataframes. The only place that knows polars.

mod runs;

pub use runs::{RunRow, Spread, runs, spread};

/// A frame that could not be built or queried.
pub type FrameError = polars::error::PolarsError;
