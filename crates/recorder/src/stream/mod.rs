//! The stream: which records go in, the queue they wait in, and the file they go to.

mod destination;
mod file;
mod output;
mod sink;
mod size_cap;
pub(crate) mod size_limit;
mod write_queue;
mod writer;

pub(crate) use destination::{Destination, Opened};
pub use file::StreamFile;
pub(crate) use output::Output;
pub use sink::{Sink, Written};
pub(crate) use write_queue::{WakeReason, WriteQueue};
pub(crate) use writer::StreamWriter;
