//! files ─▶ frame ─▶ detect ─▶ respond ─▶ simulate ─▶ tune ─▶ report

pub mod files;
pub mod frame;
mod phase;

pub use phase::{Phases, phases};
