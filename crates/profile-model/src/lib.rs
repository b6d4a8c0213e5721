//! What a memory profile is: units, snapshots, batches, decisions, the settings of its run;
//! memtool's own file formats.

mod assumed;
mod batch;
mod bounds;
mod config;
mod counters;
mod decision;
mod error;
mod level;
mod measure;
pub mod number;
mod operation;
mod plain;
mod pressure;
pub mod profile;
mod run;
mod snapshot;
mod sniff;
pub mod stream;
mod thinning;
mod time;
mod units;
mod window;

pub use assumed::{Assumed, Basis};
pub use batch::{Batch, Collection, PeakSource};
pub use config::{
    AdaptiveConfig, AvailableLimits, BatchSizes, Hysteresis, MemoryThresholds, Predictive, SECTIONS,
    SETTINGS, Scalar, Setting, Violation,
};
pub use counters::Counters;
pub use decision::{Action, Decision, LevelChange, SizeRule};
pub use error::{ReadError, printable};
pub use level::{OptimizationLevel, PressureLevel};
pub use measure::{Measure, Origin, Precision, Task, TimeBase};
pub use operation::{OperationId, Operations};
pub use pressure::{Cause, Observation, Pressure, pressure};
pub use run::{Format, Host, Process, Recommendation, Run, Warning};
pub use snapshot::{Snapshot, SnapshotKind};
pub use sniff::{Family, pass_stream, read_run, read_run_from, sniff};
pub use thinning::{Thinned, Totals};
pub use units::{Mib, Offset};
