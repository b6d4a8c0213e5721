//! Commands that run at once on one machine, each admitted when its memory fits beside those that run.
//!
//! Programs that know nothing of each other (below `make -j`, `xargs -P`, GNU parallel) meet in a folder: each unit that
//! runs or waits has a file there, alive as long as its owner holds a lock; who may start next is decided under the
//! folder's lock. What a unit needed is written into the folder's journal, from which later ones are foreseen.

mod admission;
mod command_key;
mod demand;
mod estimate;
mod job_file;
mod journal;
mod registry;
mod unit;

pub(crate) use admission::Limits;
pub(crate) use job_file::run_jobs;
pub(crate) use registry::{Registry, default_folder};
pub(crate) use unit::{UnitPlan, run_unit};

/// Marks a command inside a unit: its memory counts there, and it does not wait.
pub(crate) const INSIDE: &str = "MEMTOOL_SLOTS";
