//! Predicts a recorded job under another config, or with one fixed batch size.
//!
//! A closed loop over the *remaining work*: batches of the new sizes are laid over the positions of the
//! work that the runs recorded, each reaches the peak that the memory model gives there, and the size of
//! the next one is what the policy's own state machine allows at that moment (`replay`, `batch_controller`). What
//! is not known — level and slope of memory within their covariance, which hypothesis, the cost of a batch,
//! when samples are taken, what others use, what collections free — is drawn anew for each of some
//! hundred replays (`plan`); the quantiles over the replays are the prediction.
//!
//! Limits: what the heap keeps after other sizes is not foreseen; adaptive runs depend on timing, so that
//! their prediction is a distribution; a killed run says nothing of the work it did not reach.

mod base_runs;
mod batch_controller;
mod calibration;
mod kill_probability;
mod peak_correction;
mod plan;
mod prediction;
mod prediction_warning;
mod replay;
mod scenario;
mod simulator;
mod summary;
#[cfg(test)]
mod tests;
mod ticks;
mod warnings;

pub use prediction::{LevelShare, Prediction};
pub use prediction_warning::PredictionWarning;
pub use scenario::{Scenario, SimulateOptions};
pub use simulator::{Simulator, simulate, simulated_path};
