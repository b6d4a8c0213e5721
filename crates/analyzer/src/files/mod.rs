//! From paths to runs.

mod discover;
mod load;
mod open;
mod skipped;

pub use discover::{Discovered, discover};
pub(crate) use load::is_table;
pub use load::{Loaded, load, load_all, load_or};
pub use skipped::Skipped;
