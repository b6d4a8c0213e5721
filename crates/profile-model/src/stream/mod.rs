//! The recorder's stream: `memory_stream_<utc>_<pid>.ndjson`, one JSON object a line.

mod check;
mod read;
pub mod v1;
mod write;

/// The version that is written.
pub use v1 as current;

pub use read::read_stream;
pub use write::write_record;
