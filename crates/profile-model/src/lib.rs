//! What a memory profile is: units, snapshots, batches, decisions, config; every file
//! format; the control policy.

mod assumed;
mod batch;
mod bounds;
mod config;
mod config_check;
mod decision;
mod error;
mod level;
mod measure;
pub mod number;
mod operation;
mod plain;
pub mod policy;
pub mod predict;
pub mod profile;
mod reserve;
mod run;
#[cfg_attr(not(feature = "yaml"), expect(dead_code, reason = "only the YAML form needs all of a setting"))]
mod setting;
mod snapshot;
mod sniff;
pub mod stream;
mod thinning;
mod time;
mod units;
mod window;
#[cfg(feature = "yaml")]
mod yaml;

pub use assumed::{Assumed, Basis};
pub use batch::{Batch, Collection, PeakSource};
pub use config::{AdaptiveConfig, AvailableLimits, BatchSizes, Hysteresis, MemoryThresholds, Predictive};
pub use config_check::Violation;
pub use decision::{Action, Decision, SizeRule};
pub use error::{ReadError, printable};
pub use level::{OptimizationLevel, PressureLevel};
pub use measure::{Measure, Origin, Precision, Task, TimeBase};
pub use operation::{OperationId, Operations};
pub use reserve::reserve_mb;
pub use run::{Format, Host, Process, Recommendation, Run, Warning};
pub use setting::Scalar;
pub use snapshot::{Snapshot, SnapshotKind};
pub use sniff::{Family, pass_stream, read_run, read_run_from, sniff};
pub use thinning::{Thinned, Totals};
pub use units::{Mib, Offset};
#[cfg(feature = "yaml")]
pub use yaml::{
    ChangedLine, ConfigChange, ConfigError, ConfigFile, ConfigNote, EditNote, Edited, ExtraKeys, Placement,
    TextFor, edit_config, read_config, write_config, write_config_keeping,
};
