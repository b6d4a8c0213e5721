//! Profile JSON, both eras: `memory_profile_<YYYYmmdd_HHMMSS>.json`.

mod assume;
pub mod document;
mod fault;
mod layout;
mod read;
mod row_block;
mod sample;
mod scan;
mod write;

pub(crate) use fault::find_fault;
pub(crate) use read::{in_order, scan_profile};
pub use read::{read_document, read_profile};
pub(crate) use scan::Stop;
pub use write::{Closing, write_profile};
