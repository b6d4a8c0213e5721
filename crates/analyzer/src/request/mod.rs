//! How much memory to request for the next run, from the peaks of runs before it.
//!
//! Every rule of `rules/` is replayed over the group's own history in order of time. Of those whose share of
//! failed runs, (f + 1) / (n + 20), is within the risk, the one that wasted least is taken; before any has
//! shown that, the largest peak with a margin that follows from the spread and the number of runs.

mod cost;
mod grouping;
mod history;
mod input_line;
mod killed;
mod record;
mod replay;
mod report;
mod request_rule;
mod retry;
mod rules;
mod schedule;

pub use cost::{Cost, unused_gb_h};
pub use grouping::GroupBy;
pub use history::History;
pub use killed::{MemoryKill, RunEnd, allowed_mb, held_mb};
pub use record::TaskRecord;
pub use replay::{Replay, Size};
pub use report::{
    Alternative, Containers, GroupRequest, Outcome, RequestOptions, RequestReport, SizeBacktest, request,
};
pub use request_rule::{Next, RequestRule};
pub use retry::{RetryReport, RetrySize, retry_sizes};
pub use rules::{COMPARED, RULES};
pub use schedule::{Schedule, ScheduleBacktest, ScheduleRun, ScheduledGroup, Step, schedules};
