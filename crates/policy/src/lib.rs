#![doc = include_str!("../README.md")]

mod allowance;
mod cooldown;
mod dwell;
pub mod predict;
mod reserve;
mod state;
mod step;
#[cfg(test)]
mod tests;

pub use cooldown::LastCollection;
pub use dwell::Dwell;
pub use reserve::reserve_mb;
pub use state::PolicyState;
pub use step::{Step, collected, step};
