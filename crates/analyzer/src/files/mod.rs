//! From paths to runs.

mod discover;
mod load;
mod open;
mod skipped;

pub use load::{Loaded, load};
pub use skipped::Skipped;
