//! Processes samples and batches, behind one lock and without running the host's code.

pub(crate) mod batch_sizing;
pub(crate) mod batches;
pub(crate) mod callbacks;
pub(crate) mod closing;
pub(crate) mod delivery;
pub(crate) mod events;
pub(crate) mod history;
pub(crate) mod host_calls;
pub(crate) mod job_memory;
pub(crate) mod live_readings;
pub(crate) mod operation_models;
pub(crate) mod outside_work;
pub(crate) mod run_peak;
pub(crate) mod sample;
pub(crate) mod sampler;
pub(crate) mod shared;
pub(crate) mod state;
