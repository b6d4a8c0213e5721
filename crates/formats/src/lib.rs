//! Reads the memory files of other tools: one file a tool, one line each in the registry.
//!
//! A file is known by its content, never by its name alone: every reader is shown the beginning
//! of the text, and the surest one reads it. Text streams through in lines; of a series that is
//! longer than [`Limits`] allow, the lowest and the highest of each stretch are kept. Lines that
//! cannot be read are counted, and the first is named.

#![allow(dead_code, reason = "the readers to come use all of it")]

mod clock;
mod con_duct;
mod faults;
mod gnu_time;
mod head;
mod input;
mod lines;
mod mprof;
mod number;
mod psrecord;
mod reader;
mod registry;
mod trace;
mod traces;

pub use head::Head;
pub use reader::{Caution, Certainty, Limits, Reader, read};
pub use registry::{READERS, find};
