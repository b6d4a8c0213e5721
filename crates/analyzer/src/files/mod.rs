//! From paths to runs.

mod discover;
mod load;
mod open;
mod skipped;

pub use discover::{Discovered, discover};
pub use load::{Loaded, load};
pub(crate) use load::{is_table, load_or};
pub use skipped::Skipped;
