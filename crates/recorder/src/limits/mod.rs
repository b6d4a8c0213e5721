//! The memory a job may use, what sets that limit, and how short memory is.

pub(crate) mod cgroup;
mod host;
mod job_limits;
mod peers;
mod pressure_stall;
mod source;
mod total_memory;

pub use cgroup::Cgroup;
pub use host::{HostFacts, find_limit, host};
pub(crate) use job_limits::JobLimits;
pub(crate) use peers::{Peers, SAMPLING_THREAD};
pub use pressure_stall::{PressureStall, PressureStallFile, memory_pressure};
pub use source::{Limit, LimitSource};
