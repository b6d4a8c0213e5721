//! From paths to runs.

mod content;
mod discover;
mod foreign;
mod input;
mod load;
mod open;
mod options;
mod skipped;

pub use content::Content;
pub use discover::{Discovered, discover};
pub use input::Input;
pub(crate) use input::is_table;
pub(crate) use load::load_contents;
pub use load::{Loaded, load, load_all, load_with};
pub use options::FileOptions;
pub use skipped::Skipped;
