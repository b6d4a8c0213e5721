//! What the recorder can do on this machine.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use memtool_profile_model::Mib;
use memtool_recorder::{
    Cgroup, HighWater, HostFacts, PeakAccess, ProbeOptions, find_limit, memory_pressure, system_probe,
};
use serde::Serialize;

use crate::text::{hundredths, mib};

/// Samples whose cost is measured.
const SAMPLES: usize = 500;
/// Naps whose lateness is measured, and how long they are.
const NAPS: usize = 10;
const NAP: Duration = Duration::from_millis(10);
/// Samples until a child counts as invisible.
const CHILD_TRIES: usize = 20;

/// What the recorder can do on this machine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Machine {
    pub(crate) cores: Option<u32>,
    pub(crate) total_mb: Option<f64>,
    /// Where resident memory is read.
    pub(crate) rss_source: &'static str,
    /// What keeps memory from being read at all.
    pub(crate) rss_fault: Option<String>,
    pub(crate) available_mb: Option<f64>,
    pub(crate) limit_mb: Option<f64>,
    pub(crate) limit_source: Option<&'static str>,
    pub(crate) cgroup: &'static str,
    pub(crate) cgroup_limit_mb: Option<f64>,
    pub(crate) exact_peaks: bool,
    /// Why there are none.
    pub(crate) exact_peaks_fault: Option<String>,
    /// Share of the last ten seconds in which something waited for memory, in percent.
    pub(crate) memory_pressure_percent: Option<f64>,
    /// Whether memory of child processes is seen.
    pub(crate) children: bool,
    pub(crate) reports: String,
    /// Why recordings cannot be written there.
    pub(crate) reports_fault: Option<String>,
    /// The median cost of a sample, in microseconds.
    pub(crate) sample_us: Option<f64>,
    /// How late a thread wakes for its next sample, at worst, in milliseconds.
    pub(crate) late_ms: f64,
}

impl Machine {
    /// Examines this machine, and the folder where recordings would go.
    pub(crate) fn examine(reports: &Path) -> Self {
        let facts = HostFacts::of_self();
        let limit = find_limit(None, &facts);
        let sampled = sample(ProbeOptions { limit, ..ProbeOptions::default() });
        let (sample_us, available_mb, rss_fault) = match sampled {
            Ok((cost, available)) => (Some(cost), available.map(Mib::get), None),
            Err(error) => (None, None, Some(error.to_string())),
        };
        let exact_peaks_fault = peaks_fault();
        Self {
            cores: facts.cores,
            total_mb: facts.total.map(Mib::get),
            rss_source: if cfg!(target_os = "linux") { "/proc/self/statm" } else { "the process list" },
            rss_fault,
            available_mb,
            limit_mb: limit.map(|limit| limit.limit.get()),
            limit_source: limit.map(|limit| limit.source.as_str()),
            cgroup: cgroup(),
            cgroup_limit_mb: facts.cgroup.map(|limit| limit.limit.get()),
            exact_peaks: exact_peaks_fault.is_none(),
            exact_peaks_fault,
            memory_pressure_percent: memory_pressure().map(|stall| stall.some_avg10),
            children: sees_children(),
            reports: reports.display().to_string(),
            reports_fault: write_fault(reports),
            sample_us,
            late_ms: hundredths(late().as_secs_f64() * 1000.0),
        }
    }

    /// Whether a job can be recorded here: its memory can be read, and its recording written.
    pub(crate) const fn can_record(&self) -> bool {
        self.rss_fault.is_none() && self.reports_fault.is_none()
    }

    /// One line per fact: its name, its value, and whether recording has all it needs.
    pub(crate) fn lines(&self) -> Vec<(&'static str, String, bool)> {
        let fault = |fault: &Option<String>, good: String, bad: &str| match fault {
            Some(reason) => (format!("{bad}: {reason}"), false),
            None => (good, true),
        };
        let cost = self.sample_us.map_or_else(|| "unknown".to_owned(), |cost| format!("{cost:.1} µs"));
        let limit = self.limit_mb.zip(self.limit_source);
        let limit = limit.map(|(limit, source)| format!("{} MiB, {source}", mib(limit)));
        let group = self.cgroup_limit_mb.map_or_else(
            || if self.cgroup == "none" { String::new() } else { ", without a limit".to_owned() },
            |limit| format!(", limit {} MiB", mib(limit)),
        );
        let stall = self.memory_pressure_percent;
        let stalled = |share| format!("yes, {share:.1} % of the last 10 s waited for memory");
        let (rss, rss_good) = fault(&self.rss_fault, self.rss_source.to_owned(), "cannot be read");
        let (peaks, peaks_good) =
            fault(&self.exact_peaks_fault, "yes, the kernel's high-water mark".to_owned(), "no");
        let (reports, reports_good) =
            fault(&self.reports_fault, format!("{} can be written", self.reports), "cannot be written");
        let children = if self.children { "can be counted" } else { "cannot be counted" };
        vec![
            ("resident memory", rss, rss_good),
            ("memory limit", limit.clone().unwrap_or_else(|| "unknown".to_owned()), limit.is_some()),
            ("control group", format!("{}{group}", self.cgroup), true),
            ("exact peaks", peaks, peaks_good),
            ("memory pressure", stall.map_or_else(|| "not available".to_owned(), stalled), stall.is_some()),
            ("child processes", children.to_owned(), self.children),
            ("recordings", reports, reports_good),
            ("one sample", cost, self.sample_us.is_some()),
            ("clock", format!("monotonic; wakes at most {:.1} ms late", self.late_ms), true),
        ]
    }
}

/// The median cost of a sample in microseconds, and the available memory.
fn sample(options: ProbeOptions) -> std::io::Result<(f64, Option<Mib>)> {
    let mut probe = system_probe(options)?;
    let mut available = probe.read()?.available;
    let mut costs = Vec::with_capacity(SAMPLES);
    for _ in 0..SAMPLES {
        let began = Instant::now();
        available = probe.read()?.available;
        costs.push(began.elapsed());
    }
    costs.sort_unstable();
    Ok((hundredths(costs[SAMPLES / 2].as_secs_f64() * 1e6), available))
}

fn peaks_fault() -> Option<String> {
    match HighWater::open().map(|mark| mark.access()) {
        Some(PeakAccess::Exact) => None,
        Some(PeakAccess::ReadOnly(reason)) => Some(reason),
        None => Some("the system has no high-water mark of memory".to_owned()),
    }
}

/// The version that limits memory here, or that would.
fn cgroup() -> &'static str {
    let mount = Path::new("/sys/fs/cgroup");
    match Cgroup::of_self() {
        Some(group) => group.source().as_str(),
        None if mount.join("cgroup.controllers").exists() => "cgroup v2",
        None if mount.join("memory").is_dir() => "cgroup v1",
        None => "none",
    }
}

/// Whether a live child is seen: memtool itself, which monitors this process meanwhile.
fn sees_children() -> bool {
    let Ok(program) = std::env::current_exe() else { return false };
    let mut command = Command::new(program);
    command.args(["monitor", "--plain", "--interval", "60", "--pid"]).arg(std::process::id().to_string());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else { return false };
    // A child that has just begun may hold no memory yet.
    let seen = (0..CHILD_TRIES).any(|_| {
        thread::sleep(NAP);
        child_memory().is_some_and(|children| children > Mib::ZERO)
    });
    let _ = child.kill();
    let _ = child.wait();
    seen
}

/// The memory of this process's children, with a new probe: a probe lists processes now and then only.
fn child_memory() -> Option<Mib> {
    let options = ProbeOptions { include_children: true, ..ProbeOptions::default() };
    system_probe(options).and_then(|mut probe| probe.read()).ok()?.children_rss
}

/// Why nothing can be written to a folder that may not be there yet; none is made.
fn write_fault(folder: &Path) -> Option<String> {
    let whole = std::path::absolute(folder).ok()?;
    let there = whole.ancestors().find(|ancestor| ancestor.exists())?;
    tempfile::tempfile_in(there).err().map(|error| format!("{}: {error}", there.display()))
}

/// The worst of a few naps.
fn late() -> Duration {
    let late = (0..NAPS).map(|_| {
        let began = Instant::now();
        thread::sleep(NAP);
        began.elapsed().saturating_sub(NAP)
    });
    late.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_judged_without_being_made() {
        let folder = tempfile::tempdir().expect("a folder");
        let new = folder.path().join("a/b");
        assert_eq!(write_fault(&new), None);
        assert!(!folder.path().join("a").exists());
        std::fs::write(folder.path().join("file"), "").expect("written");
        assert!(write_fault(&folder.path().join("file/below")).is_some());
    }

    #[test]
    fn what_is_missing_is_shown_with_its_reason() {
        let mut machine = Machine::examine(Path::new("reports/memory"));
        let line = |machine: &Machine, name: &str| {
            machine.lines().into_iter().find(|line| line.0 == name).expect("a line")
        };
        assert!(line(&machine, "resident memory").2 && line(&machine, "memory limit").2);
        machine.exact_peaks_fault = Some("no such file".to_owned());
        assert_eq!(line(&machine, "exact peaks").1, "no: no such file");
        assert!(!line(&machine, "exact peaks").2);
    }
}
