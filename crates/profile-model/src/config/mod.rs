//! The settings of one job: what they are, the table of their keys, and what makes them sound.

mod adaptive;
mod check;
mod setting;

pub use adaptive::{AdaptiveConfig, AvailableLimits, BatchSizes, Hysteresis, MemoryThresholds, Predictive};
pub use check::Violation;
pub use setting::{SECTIONS, SETTINGS, Scalar, Setting};
