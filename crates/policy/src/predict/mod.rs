//! Batch sizes from predicted peaks: a pure, deterministic state machine in constant memory.
//!
//! Threshold rules look at memory *between* batches, yet a kill happens *inside* one. So the
//! next batch gets its size from two things learned of the batches so far, per operation: what a
//! batch of a size needs (`peak`) and how fast its items are done (`pace`). The size is the
//! best trade of time against memory whose predicted peak stays below the safe share of the
//! limit (`choose`); a fast size that is small wins over an equally fast one that is large.

mod after_fall;
mod carried;
mod choose;
mod collection_pause;
mod curve;
mod finished;
mod line;
mod model;
mod pace;
mod peak;
mod plane;
mod sizing;
#[cfg(test)]
mod synthetic_jobs;

pub use finished::Finished;
pub use model::BatchModel;
pub use sizing::{Room, Sizing};
