//! The probe on `/proc`.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use memtool_profile_model::Mib;

use super::figures::{left_below, rounded, used_percent};
use super::pss::PssReader;
use super::reading::{Probe, Reading, WatchedPeak};
use super::tree::Tree;
use super::watched_peak::{self, Marked};
use crate::limits::{Cgroup, Limit};
use crate::procfs::KernelFile;
use crate::procfs::text::{MEMINFO_BYTES, Meminfo, Statm, is_gone, meminfo, number_after, statm};

/// How long system-wide figures may be reused.
const RECENT: Duration = Duration::from_secs(1);

/// `/proc/PID/status` up to its sizes, unless the process is in hundreds of groups.
const STATUS_BYTES: usize = 4096;
/// Processes of a watched tree whose marks are read at each sample.
const MOST_MARKS: usize = 64;

/// System-wide figures, and the memory of the process when they were read; bytes.
#[derive(Debug, Clone, Copy)]
struct SystemMemory {
    when: Instant,
    total: Option<u64>,
    free: Option<u64>,
    held: u64,
}

/// Figures that are read once per second, in bytes.
#[derive(Debug, Clone, Copy)]
struct Details {
    when: Instant,
    /// Resident pages of files and shared memory, from `statm`.
    shared: u64,
    /// Shared memory among them, in bytes.
    shmem: Option<u64>,
    /// What the group charges, less clean file cache.
    group: Option<Mib>,
    /// Shared memory and tmpfs that the job fills.
    shared_memory: Option<Mib>,
}

/// Reads a process through `/proc`, with its files kept open.
///
/// After a fork, a probe of this process reads the child in the child.
#[derive(Debug)]
pub struct LinuxProbe {
    proc: PathBuf,
    pid: u32,
    of_self: bool,
    page: u64,
    statm: KernelFile,
    meminfo: Option<KernelFile>,
    tree: Option<Tree>,
    pss: Option<PssReader>,
    limit: Option<Limit>,
    group: Option<Cgroup>,
    cached: Option<SystemMemory>,
    /// What is read once per second.
    details: Option<Details>,
    /// The peak so far of another process.
    watched: Option<watched_peak::WatchedPeak>,
}

impl LinuxProbe {
    /// A probe of this process.
    ///
    /// # Errors
    /// If `/proc` is not there.
    pub fn of_self() -> io::Result<Self> {
        Self::open(Path::new("/proc"), std::process::id(), true)
    }

    /// A probe of another process. Resident memory of any process can be seen; its
    /// proportional memory only by the same user or root.
    ///
    /// # Errors
    /// Of kind `NotFound` if there is no such process, or it is hidden from this user.
    pub fn of_pid(pid: u32) -> io::Result<Self> {
        Self::open(Path::new("/proc"), pid, false)
    }

    pub(super) fn open(proc: &Path, pid: u32, of_self: bool) -> io::Result<Self> {
        let statm = KernelFile::open(&proc.join(pid.to_string()).join("statm"));
        let mut probe = Self {
            proc: proc.to_owned(),
            pid,
            of_self,
            page: page_size(),
            statm: statm.map_err(|error| describe(&error, pid))?,
            meminfo: KernelFile::open(&proc.join("meminfo")).ok(),
            tree: None,
            pss: None,
            limit: None,
            group: None,
            cached: None,
            details: None,
            watched: (!of_self).then(Default::default),
        };
        probe.rss()?;
        Ok(probe)
    }

    /// Whether all descendants are read too.
    #[must_use]
    pub fn with_children(mut self, include: bool) -> Self {
        self.tree = include.then(|| Tree::new(&self.proc, self.pid));
        self
    }

    /// Whether proportional memory is read too, of all processes that are read.
    #[must_use]
    pub fn with_pss(mut self, include: bool) -> Self {
        self.pss = include.then(PssReader::default);
        self
    }

    /// Keeps `available` to what is left below a limit:
    ///
    /// - the process's control group, if one limits its memory, whichever limit is given here:
    ///   the group may be full of its neighbours long before the smallest limit is reached;
    /// - an address space limit, less what is mapped;
    /// - the config's limit, less what is resident, children included where they are read.
    ///
    /// Under the machine's physical limit it stays what the system reports.
    #[must_use]
    pub fn with_limit(mut self, limit: Limit) -> Self {
        self.limit = Some(limit);
        self.group = if self.of_self { Cgroup::of_self() } else { Cgroup::of_pid(self.pid) };
        self
    }

    /// Keeps `available` to what is left in a control group found by the caller, as where groups
    /// are mounted at an unusual place.
    #[must_use]
    pub fn with_group(mut self, group: Cgroup) -> Self {
        self.group = Some(group);
        self
    }

    /// In a forked child the open files are still the parent's.
    fn follow_fork(&mut self) -> io::Result<()> {
        if !self.of_self || self.pid == std::process::id() {
            return Ok(());
        }
        let child = Self::open(&self.proc, std::process::id(), true)?;
        let child = child.with_children(self.tree.is_some()).with_pss(self.pss.is_some());
        *self = match self.limit {
            Some(limit) => child.with_limit(limit),
            None => child,
        };
        Ok(())
    }

    /// The process's own figures in pages.
    fn own(&self) -> io::Result<Statm> {
        let mut buffer = [0; 128];
        let text = self.statm.read(&mut buffer).map_err(|error| describe(&error, self.pid))?;
        let strange = || io::Error::new(io::ErrorKind::InvalidData, "the statm file is not as expected");
        let own = statm(text).ok_or_else(strange)?;
        // What has ended, but was not yet waited for, has no memory left.
        if own.size == 0 { Err(ended(self.pid)) } else { Ok(own) }
    }

    fn system(&self, held: u64) -> SystemMemory {
        let mut buffer = [0; MEMINFO_BYTES];
        let text = self.meminfo.as_ref().and_then(|file| file.read(&mut buffer).ok());
        let Meminfo { total, available } = text.map(meminfo).unwrap_or_default();
        let bytes = |kib: Option<u64>| kib.map(|kib| kib * 1024);
        SystemMemory { when: Instant::now(), total: bytes(total), free: bytes(available), held }
    }

    /// What is left for the process, in bytes, by all that bounds it.
    fn available(&self, system: Option<u64>, resident: u64, mapped: u64) -> Option<u64> {
        let own = self.limit.and_then(|limit| left_below(limit, resident, mapped));
        let free = system.into_iter().chain(own).min();
        let group = self.group.as_ref().and_then(|group| group.left(free.unwrap_or(u64::MAX)));
        free.into_iter().chain(group).min()
    }

    /// Proportional bytes of all processes that are read, where they are due.
    fn pss(&mut self, children: u64) -> Option<u64> {
        let pids: Vec<u32> = self.pids().collect();
        self.pss.as_mut()?.read(&self.proc, &pids, children)
    }

    fn pids(&self) -> impl Iterator<Item = u32> {
        [self.pid].into_iter().chain(self.tree.iter().flat_map(Tree::pids))
    }

    /// Reads the details where they are due; returns whether they were.
    fn refresh_details(&mut self, shared: u64) -> bool {
        if self.details.is_some_and(|details| details.when.elapsed() < RECENT) {
            return false;
        }
        let shmem = self.shmem(shared);
        let group = self.group.as_ref().and_then(Cgroup::usage).map(Mib::rounded);
        let shared_memory = self.shared_memory(shmem);
        self.details = Some(Details { when: Instant::now(), shared, shmem, group, shared_memory });
        true
    }

    /// Shared memory in the resident size. `statm` does not part it from mapped files, so `status` is read too, a
    /// second file and a longer one: only where their sum moved, which it does not in an idle job.
    fn shmem(&self, shared: u64) -> Option<u64> {
        match self.details {
            Some(last) if last.shared == shared => last.shmem,
            _ => self.status_bytes(self.pid, b"RssShmem:"),
        }
    }

    /// Of the group, or the most that one of the processes maps; `own` is the process's own part, in bytes.
    fn shared_memory(&self, own: Option<u64>) -> Option<Mib> {
        let of_group = self.group.as_ref().and_then(Cgroup::shared_memory);
        let pids = self.tree.iter().flat_map(Tree::pids).take(MOST_MARKS);
        let mapped = pids.filter_map(|pid| self.status_bytes(pid, b"RssShmem:")).chain(own).max();
        let known = of_group.into_iter().chain(mapped.map(Mib::from_bytes));
        known.max_by(|a, b| a.get().total_cmp(&b.get())).map(Mib::rounded)
    }

    fn status_bytes(&self, pid: u32, key: &[u8]) -> Option<u64> {
        let file = KernelFile::open(&self.proc.join(pid.to_string()).join("status")).ok()?;
        let mut buffer = [0; STATUS_BYTES];
        number_after(file.read(&mut buffer).ok()?, key)?.checked_mul(1024)
    }

    /// The peak so far of another process and its children.
    fn watched_peak(&mut self) -> Option<WatchedPeak> {
        self.watched.as_ref()?;
        let pids: Vec<u32> = self.pids().take(MOST_MARKS).collect();
        let marked: Vec<Marked> = pids.into_iter().filter_map(|pid| self.marked(pid)).collect();
        let watched = self.watched.as_mut()?;
        let (bytes, exact) = watched.update(&marked);
        (bytes > 0).then(|| WatchedPeak { rss: rounded(bytes), exact, of_one: rounded(watched.of_one()) })
    }

    fn marked(&self, pid: u32) -> Option<Marked> {
        let file = KernelFile::open(&self.proc.join(pid.to_string()).join("status")).ok()?;
        let mut buffer = [0; STATUS_BYTES];
        let text = file.read(&mut buffer).ok()?;
        let bytes = |key: &[u8]| number_after(text, key)?.checked_mul(1024);
        // Memory that was swapped out is in neither figure.
        Some(Marked {
            pid,
            resident: bytes(b"VmRSS:")?,
            mark: bytes(b"VmHWM:")?,
            swapped: bytes(b"VmSwap:").unwrap_or(0),
        })
    }
}

impl Probe for LinuxProbe {
    fn read(&mut self) -> io::Result<Reading> {
        self.follow_fork()?;
        self.cached = None;
        self.read_cached()
    }

    // No check for a fork: the sampling thread does not live on in a forked child.
    fn read_cached(&mut self) -> io::Result<Reading> {
        let own = self.own()?;
        let children = self.tree.as_mut().and_then(Tree::resident).map(|pages| pages * self.page);
        let (resident, mapped) = (own.resident * self.page, own.size * self.page);
        let held = resident + children.unwrap_or(0);
        let recent = self.cached.filter(|seen| seen.when.elapsed() < RECENT);
        let system = recent.unwrap_or_else(|| self.system(held));
        let refreshed = self.refresh_details(own.shared);
        let shmem = self.details.and_then(|details| details.shmem);
        self.cached = Some(system);
        let free = system.free.map(|free| free.saturating_sub(held.saturating_sub(system.held)));
        Ok(Reading {
            rss: Some(rounded(resident)),
            vms: Some(rounded(mapped)),
            shared: Some(rounded(own.shared * self.page)),
            children_rss: children.map(rounded),
            pss: self.pss(children.unwrap_or(0)).map(rounded),
            file_backed: shmem.map(|shmem| rounded((own.shared * self.page).saturating_sub(shmem))),
            group: self.details.filter(|_| refreshed).and_then(|details| details.group),
            shared_memory: self.details.filter(|_| refreshed).and_then(|details| details.shared_memory),
            peak: self.watched_peak(),
            available: self.available(free, held, mapped).map(rounded),
            system_percent: system.total.zip(free).and_then(|(total, free)| used_percent(total, free)),
        })
    }

    fn rss(&mut self) -> io::Result<Mib> {
        self.follow_fork()?;
        Ok(rounded(self.own()?.resident * self.page))
    }
}

fn describe(error: &io::Error, pid: u32) -> io::Error {
    if is_gone(error) { ended(pid) } else { io::Error::new(error.kind(), format!("process {pid}: {error}")) }
}

fn ended(pid: u32) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("there is no process {pid}, or it has ended"))
}

#[cfg(unix)]
fn page_size() -> u64 {
    rustix::param::page_size() as u64
}

#[cfg(not(unix))]
fn page_size() -> u64 {
    4096
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
