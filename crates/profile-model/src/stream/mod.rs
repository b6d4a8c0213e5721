//! The recorder's stream: `memory_stream_<utc>_<pid>.ndjson`, one JSON object a line.

mod block;
mod check;
mod levels;
mod line;
mod line_shape;
mod read;
mod run_builder;
mod snapshot_field;
mod snapshot_line;
mod snapshot_sink;
pub mod v1;
mod whole;
mod write;

/// The version that is written.
pub use v1 as current;

pub use line::parse_line;
pub use read::read_stream;
pub(crate) use read::{pass_lines, read_bytes, read_lines};
pub use snapshot_sink::OnSnapshots;
pub use whole::stream_text;
pub use write::{append_line, write_record};
