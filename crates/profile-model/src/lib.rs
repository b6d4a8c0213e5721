//! What a memory profile is: units, snapshots, batches, decisions, config; every file
//! format; the control policy.

mod config;
mod config_check;
mod level;
mod setting;
mod units;
mod yaml;

pub use config::{AdaptiveConfig, AvailableLimits, BatchSizes, MemoryThresholds};
pub use config_check::Violation;
pub use level::{OptimizationLevel, PressureLevel};
pub use setting::Scalar;
pub use units::{Mib, Offset};
pub use yaml::{
    ChangedLine, ConfigChange, ConfigError, ConfigFile, ConfigNote, EditNote, Edited, ExtraKeys, Placement,
    TextFor, edit_config, read_config, write_config, write_config_keeping,
};
