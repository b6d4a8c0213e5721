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
    /// Shared memory in the resident size; `statm` does not part it from mapped files.
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
    fn pss(&mut self) -> Option<u64> {
        let pids: Vec<u32> = self.pids().collect();
        self.pss.as_mut()?.read(&self.proc, &pids)
    }

    fn pids(&self) -> impl Iterator<Item = u32> {
        [self.pid].into_iter().chain(self.tree.iter().flat_map(Tree::pids))
    }

    /// Reads the details where they are due; returns whether they were.
    fn refresh_details(&mut self) -> bool {
        if self.details.is_some_and(|details| details.when.elapsed() < RECENT) {
            return false;
        }
        let shmem = self.status_bytes(self.pid, b"RssShmem:");
        let group = self.group.as_ref().and_then(Cgroup::usage).map(Mib::rounded);
        let shared_memory = self.shared_memory(shmem);
        self.details = Some(Details { when: Instant::now(), shmem, group, shared_memory });
        true
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
        let (bytes, exact) = self.watched.as_mut()?.update(&marked);
        (bytes > 0).then(|| WatchedPeak { rss: rounded(bytes), exact })
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
        let refreshed = self.refresh_details();
        let shmem = self.details.and_then(|details| details.shmem);
        self.cached = Some(system);
        let free = system.free.map(|free| free.saturating_sub(held.saturating_sub(system.held)));
        Ok(Reading {
            rss: Some(rounded(resident)),
            vms: Some(rounded(mapped)),
            shared: Some(rounded(own.shared * self.page)),
            children_rss: children.map(rounded),
            pss: self.pss().map(rounded),
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
mod tests {
    use std::fs;
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    use super::*;
    use crate::limits::LimitSource;
    use crate::probe::portable::PortableProbe;
    use crate::probe::pss::pss_of;
    use crate::probe::reading::ProbeOptions;

    /// A child that is ended with the test.
    struct Ended(Child);

    impl Ended {
        fn start(program: &str, arguments: &[&str]) -> Self {
            let mut command = Command::new(program);
            command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null());
            Self(command.spawn().expect("started"))
        }
    }

    impl Drop for Ended {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    /// Repeats until the condition holds, for a time that no machine needs at most.
    fn until<T>(mut read: impl FnMut() -> T, holds: impl Fn(&T) -> bool) -> T {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let seen = read();
            if holds(&seen) || Instant::now() > end {
                return seen;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn mib(size: Option<Mib>) -> f64 {
        size.expect("a size").get()
    }

    #[test]
    fn it_agrees_with_the_systems_process_list() {
        let mut ours = LinuxProbe::of_self().expect("a probe");
        let mut theirs = PortableProbe::open(ProbeOptions::default()).expect("a probe");
        let (ours, theirs) = (ours.read().expect("a reading"), theirs.read().expect("a reading"));
        // Other tests run beside this one and allocate as they go.
        let near = |a, b, by: f64| (mib(a) - mib(b)).abs() <= by;
        assert!(near(ours.rss, theirs.rss, 200.0), "{ours:?} {theirs:?}");
        assert!(near(ours.vms, theirs.vms, 400.0), "{ours:?} {theirs:?}");
        assert!(near(ours.available, theirs.available, 2000.0), "{ours:?} {theirs:?}");
        let percents = ours.system_percent.zip(theirs.system_percent).expect("both");
        assert!((percents.0 - percents.1).abs() <= 10.0, "{percents:?}");
        assert_eq!(mib(ours.rss), mib(ours.rss).mul_add(100.0, 0.0).round() / 100.0);
    }

    #[test]
    fn a_cached_reading_subtracts_own_growth() {
        let mut probe = LinuxProbe::of_self().expect("a probe");
        let pair = || {
            let before = probe.read().expect("a reading");
            let seen = probe.cached.map(|system| system.when);
            let held = vec![1_u8; 64 << 20];
            let after = probe.read_cached().expect("a reading");
            (before, held, after, seen == probe.cached.map(|system| system.when))
        };
        // On a busy machine more than a second may lie between the two.
        let (before, held, after, recent) = until(pair, |(.., recent)| *recent);
        assert!(recent, "system-wide figures were read afresh");
        let grown = after.rss.expect("seen").get() - before.rss.expect("seen").get();
        let taken = before.available.expect("seen").get() - after.available.expect("seen").get();
        assert!(held.iter().all(|byte| *byte == 1) && grown > 60.0, "{grown}");
        assert!((grown - taken).abs() < 0.03, "{grown} MiB more, {taken} MiB less");
    }

    #[test]
    fn another_process_reads_as_in_the_process_list() {
        let child = Ended::start("sleep", &["60"]);
        let pid = child.0.id();
        let mut theirs =
            PortableProbe::open(ProbeOptions { pid: Some(pid), ..Default::default() }).expect("a probe");
        let mut ours = LinuxProbe::of_pid(pid).expect("a probe");
        let (ours, theirs) = until(
            || (ours.read().expect("a reading"), theirs.read().expect("a reading")),
            // Right after its start it has no file's page yet.
            |(ours, theirs)| {
                ours.rss == theirs.rss && ours.vms == theirs.vms && ours.shared > Some(Mib::ZERO)
            },
        );
        assert_eq!((ours.rss, ours.vms), (theirs.rss, theirs.vms));
        assert!(ours.shared <= ours.rss && ours.shared > Some(Mib::ZERO));
    }

    #[test]
    fn children_are_not_read_unless_asked_for() {
        let reading = LinuxProbe::of_self().expect("a probe").read().expect("a reading");
        assert_eq!((reading.children_rss, reading.pss), (None, None));
    }

    #[test]
    fn a_child_and_a_grandchild_are_seen_and_their_end_too() {
        let mut parent = Ended::start("sh", &["-c", "sleep 60 & read line; kill $!; wait; read line"]);
        let pid = parent.0.id();
        let mut alone = LinuxProbe::of_pid(pid).expect("a probe");
        let mut tree = LinuxProbe::of_pid(pid).expect("a probe").with_children(true);
        let seen = until(|| tree.read().expect("a reading"), |seen| seen.children_rss > Some(Mib::ZERO));
        assert!(seen.children_rss > Some(Mib::ZERO), "{seen:?}");
        assert!(alone.read().expect("a reading").children_rss.is_none());
        let mut above = Tree::new(Path::new("/proc"), std::process::id());
        let ours = until(
            || {
                above.resident();
                above.pids().collect::<Vec<_>>()
            },
            |pids| pids.contains(&pid),
        );
        let grandchild = tree.tree.as_ref().and_then(|tree| tree.pids().next()).expect("a grandchild");
        assert!(ours.contains(&pid) && ours.contains(&grandchild), "{ours:?}");
        let again = || tree.read().expect("a reading").children_rss;
        std::io::Write::write_all(parent.0.stdin.as_mut().expect("piped"), b"\n").expect("written");
        assert_eq!(until(again, |rss| *rss == Some(Mib::ZERO)), Some(Mib::ZERO));
    }

    #[test]
    fn a_process_that_has_ended_is_not_found() {
        let mut child = Ended::start("cat", &[]);
        let pid = child.0.id();
        let mut probe = LinuxProbe::of_pid(pid).expect("a probe");
        child.0.kill().expect("ended");
        // First it waits for its parent to notice, then it is gone.
        let kind = |probe: &mut LinuxProbe| probe.read().map_err(|error| (error.kind(), error.to_string()));
        let ended = Err((io::ErrorKind::NotFound, format!("there is no process {pid}, or it has ended")));
        assert_eq!(until(|| kind(&mut probe), |seen| *seen == ended), ended);
        child.0.wait().expect("waited for");
        assert_eq!(kind(&mut probe), ended);
        assert_eq!(LinuxProbe::of_pid(pid).map(drop).map_err(|e| e.kind()), Err(io::ErrorKind::NotFound));
    }

    #[test]
    fn proportional_memory_covers_the_children() {
        let parent = Ended::start("sh", &["-c", "cat | cat"]);
        let pid = parent.0.id();
        let mut probe = LinuxProbe::of_pid(pid).expect("a probe").with_children(true).with_pss(true);
        let read = || probe.read().expect("a reading");
        let beyond_its_own = |seen: &Reading| seen.pss > pss_of(Path::new("/proc"), pid).map(rounded);
        let seen = until(read, beyond_its_own);
        assert!(beyond_its_own(&seen), "{seen:?}");
        let mut alone = LinuxProbe::of_pid(pid).expect("a probe").with_pss(true);
        assert!(alone.read().expect("a reading").pss < seen.pss);
        assert_eq!(pss_of(Path::new("/proc"), u32::MAX), Some(0));
    }

    #[test]
    fn in_a_forked_child_it_reads_the_child() {
        let parent = Ended::start("sleep", &["60"]);
        let limit = Limit { limit: Mib::new(1.0), source: LimitSource::Config };
        let probe = LinuxProbe::of_pid(parent.0.id()).expect("a probe");
        let mut probe = probe.with_children(true).with_pss(true).with_limit(limit);
        // As it would be after a fork: opened by another process that was then itself.
        probe.of_self = true;
        let complete = |seen: &Reading| seen.children_rss > Some(Mib::ZERO) && seen.pss > Some(Mib::ZERO);
        let seen = until(|| probe.read().expect("a reading"), complete);
        assert_eq!(probe.pid, std::process::id());
        assert!(complete(&seen), "{seen:?}");
        assert_eq!(seen.available, Some(Mib::ZERO));
    }

    /// A made-up `/proc` with one process of 100 pages mapped, 50 resident, 20 shared.
    fn made_up(meminfo: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("7")).expect("made");
        fs::write(folder.path().join("7/statm"), "25600 12800 5120 5 0 123 0\n").expect("written");
        fs::write(folder.path().join("meminfo"), meminfo).expect("written");
        folder
    }

    const MEMINFO: &str = "MemTotal:  1024000 kB\nMemFree:  9 kB\nMemAvailable:  512000 kB\nBuffers: 1 kB\n";

    #[test]
    fn the_texts_become_mebibytes() {
        let proc = made_up(MEMINFO);
        let mut probe = LinuxProbe::open(proc.path(), 7, false).expect("a probe");
        probe.page = 4096;
        let reading = probe.read().expect("a reading");
        assert_eq!([reading.rss, reading.vms, reading.shared].map(mib), [50.0, 100.0, 20.0]);
        assert_eq!((mib(reading.available), reading.system_percent), (500.0, Some(50.0)));
    }

    #[test]
    fn what_a_system_does_not_report_is_none_not_zero() {
        for text in ["", "MemTotal:  1024000 kB\nMemFree:  9 kB\n", "MemAvailable: x kB\n"] {
            let proc = made_up(text);
            let mut probe = LinuxProbe::open(proc.path(), 7, false).expect("a probe");
            let reading = probe.read().expect("a reading");
            assert_eq!((reading.available, reading.system_percent), (None, None), "{text}");
        }
    }

    fn group(folder: &Path, limit_mb: u64, usage_mb: u64) -> Cgroup {
        let group = folder.join("mount/job");
        fs::create_dir_all(&group).expect("made");
        let file = |name: &str, text: String| fs::write(group.join(name), text).expect("written");
        file("../cgroup.controllers", "memory\n".to_owned());
        file("memory.max", format!("{}\n", limit_mb << 20));
        file("memory.current", format!("{}\n", usage_mb << 20));
        file("memory.stat", format!("inactive_file {}\n", 10 << 20));
        fs::write(folder.join("membership"), "0::/job\n").expect("written");
        Cgroup::find(&folder.join("membership"), &folder.join("mount")).expect("a limit")
    }

    #[test]
    fn available_keeps_to_the_group_and_the_percent_to_the_system() {
        for (limit, usage, left) in
            [(300, 210, 100.0), (300, 400, 0.0), (2000, 210, 500.0), (700, 210, 500.0)]
        {
            let proc = made_up(MEMINFO);
            let probe = LinuxProbe::open(proc.path(), 7, false).expect("a probe");
            let reading = probe.with_group(group(proc.path(), limit, usage)).read().expect("a reading");
            assert_eq!(
                (mib(reading.available), reading.system_percent),
                (left, Some(50.0)),
                "{limit} {usage}"
            );
        }
    }

    #[test]
    fn available_keeps_to_the_limit_of_the_process_itself() {
        let sources = [
            (LimitSource::Config, 150.0),
            (LimitSource::AddressSpace, 100.0),
            (LimitSource::Physical, 500.0),
        ];
        for (source, left) in sources {
            let proc = made_up(MEMINFO);
            let mut probe = LinuxProbe::open(proc.path(), 7, false).expect("a probe");
            probe.page = 4096;
            let reading =
                probe.with_limit(Limit { limit: Mib::new(200.0), source }).read().expect("a reading");
            assert_eq!(mib(reading.available), left, "{source:?}");
        }
    }

    #[test]
    fn garbage_in_statm_is_an_error() {
        let proc = made_up(MEMINFO);
        let mut probe = LinuxProbe::open(proc.path(), 7, false).expect("a probe");
        fs::write(proc.path().join("7/statm"), "what\n").expect("written");
        assert_eq!(probe.rss().map_err(|e| e.kind()), Err(io::ErrorKind::InvalidData));
    }
}
