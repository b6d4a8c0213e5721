//! Reads the memory files of other tools: one file a tool, one line each in the registry.
//!
//! A file is known by its content, never by its name alone: every reader is shown the beginning
//! of the text, and the surest one reads it. Text streams through in lines; of a series that is
//! longer than [`Limits`] allow, the lowest and the highest of each stretch are kept. Lines that
//! cannot be read are counted, and the first is named.

mod banner;
mod calendar;
mod clock;
mod collected;
mod columns;
mod con_duct;
mod csv;
mod cursor;
mod dask;
mod duckdb;
mod faults;
mod free;
mod gnu_time;
mod go_gc;
mod head;
mod heaptrack_print;
mod input;
mod jvm_gc;
mod limits;
mod lines;
mod massif;
mod memray;
mod mprof;
mod nextflow;
mod node_gc;
mod number;
mod pidstat;
mod printed_date;
mod prmon;
mod procpath;
mod prometheus;
mod ps;
mod psrecord;
mod psutil;
mod read;
mod reader;
mod refused;
mod registry;
mod sacct;
mod sadf;
mod sar;
mod scalene;
mod snakemake;
mod top;
mod trace;
mod traces;
mod vmstat;

pub use columns::{BadColumns, Columns};
pub use head::Head;
pub use limits::Limits;
pub use read::{read, read_columns};
pub use reader::{Caution, Certainty, Reader};
pub use refused::refuse;
pub use registry::{READERS, find};
