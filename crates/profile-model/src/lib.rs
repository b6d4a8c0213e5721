//! What a memory profile is: units, snapshots, batches, decisions, config; every file
//! format; the control policy.

mod config;
mod level;
mod units;

pub use config::{AdaptiveConfig, AvailableLimits, BatchSizes, MemoryThresholds};
pub use level::{OptimizationLevel, PressureLevel};
pub use units::{Mib, Offset};
