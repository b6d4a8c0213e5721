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
//! [`memtool_profile_model::policy`] act on it, and writes every line of the stream. What the
//! job's own threads do is short and never waits for a disk. A probe, callback or disk that
//! fails is counted and told through `tracing` (target `memtool`); the job goes on.

mod background;
mod batch;
mod builder;
mod events;
mod export;
mod floors;
mod guarded;
mod history;
mod inner;
mod metrics;
mod open_batches;
mod outbox;
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
pub use export::ExportError;
pub use history::MemorySnapshot;
pub use memtool_profile_model as model;
pub use recorder::Recorder;
pub use sink::{Sink, Written};
pub use statistics::{Current, Recording, Statistics, Trends};
pub use stream_file::StreamFile;
