//! What the targets share: settings, sizes and runs drawn from a fuzzer's bytes, and what holds of every run and answer.

mod draw;
mod finite;
mod run;
mod scratch;
mod sound;

pub use draw::{config, size};
pub use finite::assert_finite;
pub use run::run;
pub use scratch::Scratch;
pub use sound::assert_sound;
