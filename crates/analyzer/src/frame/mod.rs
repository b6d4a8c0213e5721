//! Dataframes. The only place that knows polars.

mod operations;
mod runs;
mod snapshots;

pub use operations::{OperationUse, by_operation};
pub use runs::{RunRow, Spread, runs, spread};
pub use snapshots::snapshots;

/// A frame that could not be built or queried.
pub type FrameError = polars::error::PolarsError;
