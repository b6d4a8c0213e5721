#![doc = include_str!("../README.md")]

mod batch;
mod batch_memory;
mod builder;
mod clock;
mod cpu_time;
mod engine;
mod fixed_size;
mod identity;
mod limits;
mod live;
mod output;
mod peak;
mod probe;
mod procfs;
mod program;
mod recorder;
mod snapshot;
mod start;
mod stream;
mod threads;

pub use batch::Batch;
pub use batch_memory::BatchMemory;
pub use builder::Builder;
pub use clock::{Clock, ClockJump, ClockWatch, FakeClock, SystemClock};
pub use cpu_time::cpu_seconds;
pub use engine::closing::{Closing, ProcessEnd};
pub use engine::run_peak::RunPeak;
pub use engine::sample::SizeChange;
pub use fixed_size::BATCH_SIZE_VARIABLE;
pub use limits::{
    Cgroup, HostFacts, Limit, LimitSource, PressureStall, PressureStallFile, find_limit, host,
    memory_pressure,
};
pub use memtool_profile_model as model;
pub use output::export::ExportError;
pub use output::statistics::{Current, Recording, Statistics};
pub use peak::{HighWater, PeakAccess};
pub use probe::{LinuxProbe, Probe, ProbeOptions, Reading, WatchedPeak, fake, system_probe};
pub use program::program_name;
pub use recorder::Recorder;
pub use snapshot::MemorySnapshot;
pub use start::StartError;
pub use stream::{Sink, StreamFile, Written};
