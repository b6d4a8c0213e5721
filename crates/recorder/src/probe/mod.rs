//! Looking at memory.
//!
//! A probe takes one look at a process. Units: all sizes are MiB (bytes / 1,048,576), rounded
//! to 0.01, and the system's share is in percent with one decimal, exactly as the stream
//! writes them, so that a replay of the stream sees what the live policy saw. What a system
//! cannot give is `None`, never 0.
//!
//! | figure | where from (Linux) | cost |
//! |---|---|---|
//! | `rss`, `vms`, `shared` | `/proc/PID/statm`, kept open | 1–2 µs |
//! | `available`, `system_percent` | the first 192 bytes of `/proc/meminfo`, kept open | 5–13 µs |
//! | `available` below a group's limit | the group's usage, and `memory.stat` where it matters | 1 µs, or 8 µs |
//! | `children_rss` | `/proc/loadavg`, one `statm` a child | 2 µs and 1 µs a child; after a process was started 15 µs a child |
//! | `pss` | `/proc/PID/smaps_rollup` | 40–80 µs for a small process, 25 ms a GiB of small pages |
//!
//! A look at a process without children or proportional memory allocates nothing. Elsewhere than on Linux the figures come from
//! the system's process list, at some hundred microseconds.
//!
//! What cannot be seen: memory that was swapped out or given to the kernel on the process's
//! behalf, GPU memory, and whatever came and went between two looks (see `HighWater` for
//! that). Kernels since 6.2 count pages per processor first: on machines with many cores
//! the RSS may be off by some MiB.

pub mod fake;
mod linux;
#[cfg(any(not(target_os = "linux"), test))]
mod portable;
mod tree;

use std::io;

use memtool_profile_model::Mib;

pub use linux::LinuxProbe;
pub(crate) use tree::Tree;

use crate::limit::Limit;

/// One look at memory.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Reading {
    /// Resident memory of the process itself, without its children.
    pub rss: Option<Mib>,
    /// Its address space.
    pub vms: Option<Mib>,
    /// The part of `rss` that belongs to files and shared memory.
    pub shared: Option<Mib>,
    /// Resident memory of all descendants together; `None` where they are not looked at. Pages
    /// that a child shares with its parent are counted in both.
    pub children_rss: Option<Mib>,
    /// Proportional memory of all that is looked at, shared pages divided among their users;
    /// `None` unless asked for, and where one of the processes may not be looked into.
    pub pss: Option<Mib>,
    /// What can still be had without swapping, or below the limit if that is less.
    pub available: Option<Mib>,
    /// Used share of the machine's physical memory, with one decimal.
    pub system_percent: Option<f64>,
}

/// Takes looks at memory.
pub trait Probe: Send {
    /// A full look.
    ///
    /// # Errors
    /// If the process's own figures cannot be read; of kind `NotFound` when it has ended.
    fn read(&mut self) -> io::Result<Reading>;

    /// A look that may take the system's figures from another one less than a second ago, less
    /// what the process has grown by since: for a thread that looks many times a second, and so
    /// for the process that the probe was made in.
    ///
    /// # Errors
    /// As for [`Probe::read`].
    fn glance(&mut self) -> io::Result<Reading> {
        self.read()
    }

    /// Only the process's own resident memory, the cheapest look there is.
    ///
    /// # Errors
    /// As for [`Probe::read`].
    fn rss(&mut self) -> io::Result<Mib>;
}

/// What a probe looks at.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ProbeOptions {
    /// The process; `None` is this one.
    pub pid: Option<u32>,
    /// Whether its descendants are looked at.
    pub include_children: bool,
    /// Whether proportional memory is looked at.
    pub pss: bool,
    /// The limit that `available` keeps to.
    pub limit: Option<Limit>,
}

/// The probe for this platform.
///
/// # Errors
/// If there is no such process or it may not be looked at.
#[cfg(target_os = "linux")]
pub fn system_probe(options: ProbeOptions) -> io::Result<Box<dyn Probe>> {
    let probe = match options.pid {
        Some(pid) => LinuxProbe::of_pid(pid)?,
        None => LinuxProbe::of_self()?,
    };
    let probe = probe.with_children(options.include_children).with_pss(options.pss);
    Ok(Box::new(match options.limit {
        Some(limit) => probe.with_limit(limit),
        None => probe,
    }))
}

/// The probe for this platform.
///
/// # Errors
/// If there is no such process or it may not be looked at.
#[cfg(not(target_os = "linux"))]
pub fn system_probe(options: ProbeOptions) -> io::Result<Box<dyn Probe>> {
    Ok(Box::new(portable::PortableProbe::open(options)?))
}

/// Physical memory.
#[cfg(target_os = "linux")]
pub(crate) fn total_memory() -> Option<Mib> {
    linux::total_memory()
}

/// Physical memory.
#[cfg(not(target_os = "linux"))]
pub(crate) fn total_memory() -> Option<Mib> {
    portable::total_memory()
}

/// A size rounded to 0.01 MiB.
pub(crate) fn rounded(bytes: u64) -> Mib {
    Mib::new((Mib::from_bytes(bytes).get() * 100.0).round() / 100.0)
}

/// The used share of physical memory in percent with one decimal, as psutil tells it.
#[expect(clippy::cast_precision_loss, reason = "exact below 2^53 bytes, eight pebibytes")]
pub(crate) fn used_percent(total: u64, available: u64) -> Option<f64> {
    let used = total.checked_sub(available)?;
    (total > 0).then(|| (used as f64 / total as f64 * 1000.0).round() / 10.0)
}

/// What is left below a limit, in bytes: under an address space limit by what is mapped, under
/// the config's by what is resident. What physical memory and groups leave is not a matter of
/// this process alone and is `None` here.
pub(crate) fn left_below(limit: Limit, resident: u64, mapped: u64) -> Option<u64> {
    use crate::limit::LimitSource;
    let used = match limit.source {
        LimitSource::AddressSpace => mapped,
        LimitSource::Config => resident,
        LimitSource::Physical | LimitSource::CgroupV1 | LimitSource::CgroupV2 => return None,
    };
    Some(bytes(limit.limit).saturating_sub(used))
}

/// A size in whole bytes; what is no size is 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast keeps to the range of u64"
)]
fn bytes(size: Mib) -> u64 {
    (size.get() * 1_048_576.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::LimitSource;

    #[test]
    fn sizes_are_rounded_as_the_stream_writes_them() {
        assert_eq!(rounded(1_048_576 + 5_300), Mib::new(1.01));
        assert_eq!(rounded(0), Mib::ZERO);
        assert_eq!(rounded(u64::MAX).get(), (u64::MAX as f64 / 1_048_576.0).round());
    }

    #[test]
    fn the_share_has_one_decimal_and_needs_a_total() {
        assert_eq!(used_percent(1000, 333), Some(66.7));
        assert_eq!(used_percent(0, 0), None);
        assert_eq!(used_percent(1, 2), None);
    }

    #[test]
    fn only_the_processs_own_limits_are_told_from_its_own_use() {
        let left = |source| left_below(Limit { limit: Mib::new(3.0), source }, 1 << 20, 2 << 20);
        assert_eq!(left(LimitSource::Config), Some(2 << 20));
        assert_eq!(left(LimitSource::AddressSpace), Some(1 << 20));
        assert_eq!(left(LimitSource::CgroupV2), None);
        assert_eq!(
            left_below(Limit { limit: Mib::new(3.0), source: LimitSource::Config }, 9 << 20, 0),
            Some(0)
        );
    }

    #[test]
    fn the_systems_probe_sees_this_process() {
        let mut probe = system_probe(ProbeOptions::default()).expect("a probe");
        let reading = probe.read().expect("a reading");
        assert!(reading.rss > Some(Mib::ZERO) && reading.vms > reading.rss);
        assert!(probe.rss().expect("resident") > Mib::ZERO);
        assert!(system_probe(ProbeOptions { pid: Some(u32::MAX), ..Default::default() }).is_err());
    }
}
