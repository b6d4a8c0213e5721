//! What a probe reads.

use std::io;

use memtool_profile_model::Mib;

use crate::limits::Limit;

/// One reading of memory.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Reading {
    /// Resident memory of the process itself, without its children.
    pub rss: Option<Mib>,
    /// Its address space.
    pub vms: Option<Mib>,
    /// The part of `rss` that belongs to files and shared memory.
    pub shared: Option<Mib>,
    /// Resident memory of all descendants together; `None` where they are not sampled. Pages
    /// that a child shares with its parent are counted in both.
    pub children_rss: Option<Mib>,
    /// Proportional memory of all processes that are read, shared pages divided among their users;
    /// `None` unless asked for, where it was read less than a second ago, and where one of the
    /// processes may not be read.
    pub pss: Option<Mib>,
    /// The part of `rss` that mapped files back: the kernel can drop it. Shared memory is not in it.
    pub file_backed: Option<Mib>,
    /// What the control group whose limit binds charges to all its processes, less clean file
    /// cache; read once per second.
    pub group: Option<Mib>,
    /// Shared memory and tmpfs that the job fills: of its group where one limits it, else what one of its processes maps;
    /// read once per second.
    pub shared_memory: Option<Mib>,
    /// The peak of another process and its children so far.
    pub peak: Option<WatchedPeak>,
    /// What can still be had without swapping, or below the limit if that is less.
    pub available: Option<Mib>,
    /// Used share of the machine's physical memory, with one decimal.
    pub system_percent: Option<f64>,
}

/// The highest resident memory of a process that is watched, and its children, so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WatchedPeak {
    /// The highest resident memory.
    pub rss: Mib,
    /// Whether it is the kernel's own mark; a lower bound otherwise.
    pub exact: bool,
    /// The highest mark of one of the processes: with shared pages counted once, all of them together held as much.
    pub of_one: Mib,
}

/// Reads the memory of a process.
pub trait Probe: Send {
    /// Reads all figures afresh.
    ///
    /// # Errors
    /// If the process's own figures cannot be read; of kind `NotFound` when it has ended.
    fn read(&mut self) -> io::Result<Reading>;

    /// Reads as [`Probe::read`] does, but may reuse system-wide figures that are less than a second
    /// old, less what the process has grown by since: for a thread that samples many times per
    /// second.
    ///
    /// # Errors
    /// As for [`Probe::read`].
    fn read_cached(&mut self) -> io::Result<Reading> {
        self.read()
    }

    /// Only the process's own resident memory, the cheapest reading.
    ///
    /// # Errors
    /// As for [`Probe::read`].
    fn rss(&mut self) -> io::Result<Mib>;
}

/// What a probe samples at.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ProbeOptions {
    /// The process; `None` is this one.
    pub pid: Option<u32>,
    /// Whether its descendants are read too.
    pub include_children: bool,
    /// Whether proportional memory is read.
    pub pss: bool,
    /// The limit that `available` keeps to.
    pub limit: Option<Limit>,
}
