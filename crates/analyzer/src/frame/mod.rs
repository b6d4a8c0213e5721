//! Dataframes. The only place that knows polars.

mod fleet;
mod runs;

pub use fleet::{COLUMNS, FleetBy, FleetFilter, FleetFrame, GroupFigures, GroupRuns, HOURS};
pub use runs::{RunRow, Spread, runs, spread};

/// A frame that could not be built or queried.
pub type FrameError = polars::error::PolarsError;
