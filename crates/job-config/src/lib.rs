#![doc = include_str!("../README.md")]

mod change;
mod comment;
mod edit;
mod error;
mod extra;
mod insert;
mod literal;
mod loader;
mod locate;
mod manifest;
mod note;
mod parse;
mod placement;
mod read;
mod second;
mod suggest;
mod write;

pub use change::{ChangedLine, ConfigChange, EditNote};
pub use edit::{Edited, edit_config};
pub use error::ConfigError;
pub use extra::ExtraKeys;
pub use loader::{LOADER_RANGES, LoaderRange, loader_range, loader_violations};
pub use manifest::{EditedManifest, MemoryForm, edit_manifest};
pub use note::{ConfigNote, TextFor};
pub use placement::Placement;
pub use read::{ConfigFile, read_config};
pub use write::{write_config, write_config_keeping};

/// Property tests that draw the same cases at every run.
#[cfg(test)]
fn seeded() -> proptest::test_runner::Config {
    let rng_seed = proptest::test_runner::RngSeed::Fixed(20_261_123);
    proptest::test_runner::Config { cases: 256, rng_seed, failure_persistence: None, ..Default::default() }
}
