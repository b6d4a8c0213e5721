//! Reading the memory of a process.
//!
//! A probe reads the memory of one process. Units: all sizes are MiB (bytes / 1,048,576), rounded
//! to 0.01, and the system's share is in percent with one decimal, exactly as the stream
//! writes them, so that a replay of the stream sees what the live policy saw. What a system
//! does not report is `None`, never 0.
//!
//! | figure | where from (Linux) | cost |
//! |---|---|---|
//! | `rss`, `vms`, `shared` | `/proc/PID/statm`, kept open | 1–2 µs |
//! | `available`, `system_percent` | the first 192 bytes of `/proc/meminfo`, kept open | 5–13 µs |
//! | `available` below a group's limit | the group's usage, and `memory.stat` where it matters | 1 µs, or 8 µs |
//! | `children_rss` | `/proc/loadavg`, one `statm` a child | 2 µs and 1 µs a child; after a process was started 15 µs a child |
//! | `file_backed`, `group`, `shared_memory` | `/proc/PID/status` and the group's files, once per second | 15 µs |
//! | `pss` | `/proc/PID/smaps_rollup`, once per second at most | 40–80 µs for a small process, 25 ms per GiB of small pages |
//! | `peak` of another process | `/proc/PID/status` of each process | 10 µs per process |
//!
//! A reading of a process without children or proportional memory allocates nothing. Elsewhere than on Linux the figures come from
//! the system's process list, at some hundred microseconds.
//!
//! What cannot be seen: memory that was swapped out or given to the kernel on the process's
//! behalf, GPU memory, and whatever came and went between two samples (see `HighWater` for
//! that). Kernels since 6.2 count pages per processor first: on machines with many cores
//! the RSS may be off by some MiB.

pub mod fake;
mod figures;
mod linux;
#[cfg(any(not(target_os = "linux"), test))]
mod portable;
mod pss;
mod reading;
mod retrying;
mod system;
mod tree;
mod watched_peak;

pub(crate) use figures::rounded;
pub use linux::LinuxProbe;
pub use reading::{Probe, ProbeOptions, Reading, WatchedPeak};
pub(crate) use retrying::RetryingProbe;
pub use system::system_probe;
pub(crate) use tree::Tree;
