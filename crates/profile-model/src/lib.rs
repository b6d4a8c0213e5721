#![doc = include_str!("../README.md")]

mod assumed;
mod batch;
mod config;
mod container;
mod counters;
mod decision;
mod downsample;
mod error;
mod fate;
mod json_token;
mod level;
mod live;
mod lookahead;
mod measure;
pub mod metrics;
pub mod number;
mod operation;
mod parallel;
mod peak;
mod pressure;
mod printable;
pub mod profile;
mod ranges;
mod run;
mod shared_pages;
mod snapshot;
mod snapshot_columns;
mod sniff;
mod spelling;
pub mod stream;
mod time;
mod units;
mod warning;

pub use assumed::{Assumed, Basis};
pub use batch::{Batch, Collection, PeakSource};
pub use config::{
    AdaptiveConfig, AvailableLimits, BatchSizes, Hysteresis, MemoryThresholds, Predictive, SECTIONS,
    SETTINGS, Scalar, Setting, Violation,
};
pub use container::{Container, Workload};
pub use counters::Counters;
pub use decision::{Action, Decision, LevelChange, SizeRule};
pub use downsample::{Downsampler, Totals};
pub use error::ReadError;
pub use fate::{Fate, FateSource};
pub use level::{OptimizationLevel, PressureLevel};
pub use live::{Live, LiveSample, MOST_METERS, Meter, SHARED_MEMORY};
pub use measure::{Measure, Origin, Precision, Task, TimeBase};
pub use operation::{OperationId, Operations};
pub use peak::Peak;
pub use pressure::{Cause, Observation, Pressure, pressure};
pub use printable::{escape_control, printable};
pub use run::{Cache, Format, Host, Process, Recommendation, Run};
pub use shared_pages::{SharedHistory, SharedPages, deducted};
pub use snapshot::{Snapshot, SnapshotKind, is_part_of};
pub use snapshot_columns::{SnapshotColumns, SnapshotRows};
pub use sniff::{Family, pass_stream, read_run, read_run_from, sniff};
pub use units::{Mib, Offset};
pub use warning::Warning;
