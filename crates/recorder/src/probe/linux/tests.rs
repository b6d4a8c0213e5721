//! The probe beside the system's process list, and on a synthetic `/proc`.

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
        assert!(held.iter().all(|byte| *byte == 1));
        let grown = mib(after.rss) - mib(before.rss);
        let taken = mib(before.available) - mib(after.available);
        (grown, taken, seen == probe.cached.map(|system| system.when))
    };
    // On a busy machine more than a second may lie between the two, and other tests free memory meanwhile.
    let (grown, taken, recent) = until(pair, |(grown, _, recent)| *recent && *grown > 60.0);
    assert!(recent, "system-wide figures were read afresh");
    assert!(grown > 60.0, "{grown}");
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
        |(ours, theirs)| ours.rss == theirs.rss && ours.vms == theirs.vms && ours.shared > Some(Mib::ZERO),
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
    let alone = || LinuxProbe::of_pid(pid).expect("a probe").with_pss(true).read().expect("a reading").pss;
    // Both at one time: a shell that has just started still grows.
    let read = || (probe.read().expect("a reading").pss, alone());
    let (together, own) = until(read, |(together, own)| together > own);
    assert!(together > own && own.is_some(), "{together:?}, {own:?}");
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

/// A synthetic `/proc` with one process of 100 pages mapped, 50 resident, 20 shared.
fn synthetic_proc(meminfo: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("7")).expect("made");
    fs::write(folder.path().join("7/statm"), "25600 12800 5120 5 0 123 0\n").expect("written");
    fs::write(folder.path().join("meminfo"), meminfo).expect("written");
    folder
}

const MEMINFO: &str = "MemTotal:  1024000 kB\nMemFree:  9 kB\nMemAvailable:  512000 kB\nBuffers: 1 kB\n";

#[test]
fn the_texts_become_mebibytes() {
    let proc = synthetic_proc(MEMINFO);
    let mut probe = LinuxProbe::open(proc.path(), 7, false).expect("a probe");
    probe.page = 4096;
    let reading = probe.read().expect("a reading");
    assert_eq!([reading.rss, reading.vms, reading.shared].map(mib), [50.0, 100.0, 20.0]);
    assert_eq!((mib(reading.available), reading.system_percent), (500.0, Some(50.0)));
}

#[test]
fn shared_memory_is_read_again_only_where_the_shared_pages_moved() {
    let proc = synthetic_proc(MEMINFO);
    let status = |kib: u32| fs::write(proc.path().join("7/status"), format!("RssShmem:\t{kib} kB\n"));
    status(4096).expect("written");
    let mut probe = LinuxProbe::open(proc.path(), 7, false).expect("a probe");
    probe.page = 4096;
    let mut file_backed = || {
        let old = Instant::now().checked_sub(RECENT).expect("up for a second");
        probe.details = probe.details.map(|details| Details { when: old, ..details });
        mib(probe.read().expect("a reading").file_backed)
    };
    assert_eq!(file_backed(), 16.0);
    status(8192).expect("written");
    assert_eq!(file_backed(), 16.0, "20 MiB are shared as before");
    fs::write(proc.path().join("7/statm"), "25600 12800 6144 5 0 123 0\n").expect("written");
    assert_eq!(file_backed(), 16.0, "24 MiB are, and 8 of them are no file's");
    status(12_288).expect("written");
    fs::write(proc.path().join("7/statm"), "25600 12800 5120 5 0 123 0\n").expect("written");
    assert_eq!(file_backed(), 8.0);
}

#[test]
fn what_a_system_does_not_report_is_none_not_zero() {
    for text in ["", "MemTotal:  1024000 kB\nMemFree:  9 kB\n", "MemAvailable: x kB\n"] {
        let proc = synthetic_proc(text);
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
    for (limit, usage, left) in [(300, 210, 100.0), (300, 400, 0.0), (2000, 210, 500.0), (700, 210, 500.0)] {
        let proc = synthetic_proc(MEMINFO);
        let probe = LinuxProbe::open(proc.path(), 7, false).expect("a probe");
        let reading = probe.with_group(group(proc.path(), limit, usage)).read().expect("a reading");
        assert_eq!((mib(reading.available), reading.system_percent), (left, Some(50.0)), "{limit} {usage}");
    }
}

#[test]
fn available_keeps_to_the_limit_of_the_process_itself() {
    let sources =
        [(LimitSource::Config, 150.0), (LimitSource::AddressSpace, 100.0), (LimitSource::Physical, 500.0)];
    for (source, left) in sources {
        let proc = synthetic_proc(MEMINFO);
        let mut probe = LinuxProbe::open(proc.path(), 7, false).expect("a probe");
        probe.page = 4096;
        let reading = probe.with_limit(Limit { limit: Mib::new(200.0), source }).read().expect("a reading");
        assert_eq!(mib(reading.available), left, "{source:?}");
    }
}

#[test]
fn garbage_in_statm_is_an_error() {
    let proc = synthetic_proc(MEMINFO);
    let mut probe = LinuxProbe::open(proc.path(), 7, false).expect("a probe");
    fs::write(proc.path().join("7/statm"), "what\n").expect("written");
    assert_eq!(probe.rss().map_err(|e| e.kind()), Err(io::ErrorKind::InvalidData));
}
