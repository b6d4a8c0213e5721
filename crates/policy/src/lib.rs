#![doc = include_str!("../README.md")]

mod advice;
mod allowance;
mod baseline;
mod cooldown;
mod dwell;
pub mod predict;
mod reserve;
mod state;
mod step;
#[cfg(test)]
mod tests;

pub use advice::{Advice, Observed, PressureTime, advice, futile};
pub use baseline::Baseline;
pub use cooldown::LastCollection;
pub use dwell::Dwell;
pub use reserve::reserve_mb;
pub use state::PolicyState;
pub use step::{Step, advance, collected, step};
