//! Memory by phase: a schedule of a few steps, for a limit that is resized while a job runs, or for splitting it.
//!
//! Runs of one kind are laid over each other on one time axis, and the steps follow the highest that any of them was in
//! each part of it. Like a size, a schedule is chosen by replaying candidates over the group's own history.

mod envelope;
mod replay;
mod steps;

pub use replay::{Schedule, ScheduleBacktest, ScheduleRun, ScheduledGroup, schedules};
pub use steps::Step;
