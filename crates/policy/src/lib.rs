//! The control policy: a pure state machine that acts live and in replay.
//!
//! `(config, state, observation) → (state, step)`. The recorder runs it on live samples, the
//! simulator replays it, so that the two cannot drift apart. With the default settings it is
//! the compatible form: the rules of the existing manager as they stand. Two settings change
//! them, each off at zero:
//!
//! - **hysteresis**: a stricter level is taken at once; a less strict one only after it was
//!   possible with the margin's memory in use as well, without a break, for the dwell time;
//! - **GC cool-down**: above the trigger the policy collects again only once memory grew by
//!   the given share of what the last collection freed, of 5 % of the trigger at least. So a
//!   collection that freed nothing is not tried again at every sample.

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
