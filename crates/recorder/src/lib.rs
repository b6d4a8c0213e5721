//! Records the memory of a job from within it, and keeps the job alive.
//!
//! ```no_run
//! use memtool_recorder::Recorder;
//!
//! let recorder = Recorder::builder().job("workforce").start()?;
//! let mut left = 10_000;
//! while left > 0 {
//!     let batch = recorder.next_batch("hiring", left);
//!     // … work on batch.items() items …
//!     left -= batch.items();
//! }
//! recorder.stop();
//! # Ok::<(), memtool_recorder::StartError>(())
//! ```
//!
//! One thread looks at memory once an interval, lets the policy of
//! [`memtool_policy`] act on it, and writes every line of the stream. What the
//! job's own threads do is short and never waits for a disk. A probe, callback or disk that
//! fails is counted and told through `tracing` (target `memtool`); the job goes on.

mod background;
mod batch;
mod builder;
mod cgroup;
mod clock;
mod cpu_time;
mod errands;
mod events;
mod export;
mod eye;
mod family_peaks;
mod floors;
mod guarded;
mod high_water;
mod history;
mod inner;
mod journal;
mod kept_file;
mod limit;
mod look;
mod metrics;
mod models;
mod open_batches;
mod outbox;
mod peak_counter;
mod pressure_stall;
mod probe;
mod proc_text;
mod quiet;
mod recommend;
mod recorder;
mod sink;
mod state;
mod statistics;
mod stream_file;
mod textfile;
mod thinning;

pub use batch::Batch;
pub use builder::{Builder, StartError};
pub use cgroup::Cgroup;
pub use clock::{Clock, ClockJump, ClockWatch, FakeClock, SystemClock};
pub use cpu_time::cpu_seconds;
pub use export::ExportError;
pub use high_water::{HighWater, PeakAccess};
pub use history::MemorySnapshot;
pub use limit::{HostFacts, Limit, LimitSource, find_limit, host};
pub use look::SizeChange;
pub use memtool_profile_model as model;
pub use peak_counter::PeakCounter;
pub use pressure_stall::{PressureStall, PressureStallFile, memory_pressure};
pub use probe::{LinuxProbe, Probe, ProbeOptions, Reading, fake, system_probe};
pub use recorder::Recorder;
pub use sink::{Sink, Written};
pub use statistics::{Current, Recording, Statistics, Trends};
pub use stream_file::StreamFile;
