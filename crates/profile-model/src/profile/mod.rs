//! Profile JSON, both eras: `memory_profile_<YYYYmmdd_HHMMSS>.json`.

mod assume;
pub mod document;
mod read;
mod write;

pub(crate) use read::put_in_order;
pub use read::{read_document, read_profile};
pub use write::{Closing, write_profile};
