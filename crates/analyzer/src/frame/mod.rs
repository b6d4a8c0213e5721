//! Dataframes. Only this module uses polars.

mod fleet;

pub use fleet::{COLUMNS, FleetBy, FleetFilter, FleetFrame, GroupFigures, GroupRuns, HOURS};

/// A frame that could not be built or queried.
pub type FrameError = polars::error::PolarsError;
