//! From paths to runs.

mod discover;
mod load;
mod open;
mod skipped;

pub use discover::{Discovered, discover};
pub use load::{Loaded, Share, load, load_all, load_or};
pub(crate) use load::{is_table, pass};
pub use skipped::Skipped;
