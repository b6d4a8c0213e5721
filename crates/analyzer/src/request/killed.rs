//! Whether a run was killed for want of memory, and the evidence.

use memtool_profile_model::{FateSource, Mib, Run, Task};
use serde::Serialize;

/// A share of its limit at which a killed run is likely to have been killed for memory: peaks are sampled.
const NEAR_LIMIT: f64 = 0.8;
/// States of job frameworks that say so: Slurm's, Kubernetes' and `HTCondor`'s words.
const OUT_OF_MEMORY: [&str; 4] = ["OUT_OF_MEMORY", "OUT_OF_ME+", "OOMKilled", "OOM"];
/// Slurm's exit signal for a step that its group's limit killed.
const SLURM_OUT_OF_MEMORY: i32 = 125;
const SIGKILL: i32 = 9;

/// Whether a run was killed for want of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MemoryKill {
    /// It was not: it ended by itself, or something else is known to have ended it.
    #[default]
    No,
    /// It was killed by an unknown sender.
    Possible,
    /// It was killed close to its limit.
    Likely,
    /// The kernel's count or the framework's own word says so.
    Known,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RunEnd {
    /// Whether memory ended it.
    pub kill: MemoryKill,
    /// How that is known.
    pub evidence: &'static str,
    /// Whether its work was done: else its peak is a lower bound.
    pub finished: bool,
}

impl RunEnd {
    const fn new(kill: MemoryKill, evidence: &'static str) -> Self {
        Self { kill, evidence, finished: false }
    }

    /// The end of a run; `peak_mb` is its largest memory and `limit_mb` what it was allowed.
    #[must_use]
    pub fn of(run: &Run, peak_mb: f64, limit_mb: Option<f64>) -> Self {
        let task = run.task.clone().unwrap_or_default();
        if let Some(end) = of_fate(run) {
            return end;
        }
        if task.signal == Some(SLURM_OUT_OF_MEMORY) || is_out_of_memory(&task) {
            return Self::new(MemoryKill::Known, "the scheduler's own word");
        }
        let is_near = limit_mb.is_some_and(|limit| peak_mb >= NEAR_LIMIT * limit);
        let fate = run.fate.clone().unwrap_or_default();
        let code = task.exit_code.or(fate.exit_code);
        let signal = task.signal.or(fate.signal);
        if signal == Some(SIGKILL) || code == Some(128 + SIGKILL) {
            return if is_near {
                Self::new(MemoryKill::Likely, "SIGKILL close to its limit")
            } else {
                Self::new(MemoryKill::Possible, "SIGKILL, which may have come from anybody")
            };
        }
        if code.is_some_and(|code| code != 0) && fate.others_killed() > 0 {
            return Self::new(
                MemoryKill::Likely,
                "it failed, and the kernel killed a process of its control group",
            );
        }
        if code.is_some_and(|code| code != 0) || signal.is_some() {
            return Self::new(MemoryKill::No, "it ended with an error of its own");
        }
        if code.is_none() && run.is_cut_off() {
            return if is_near {
                Self::new(MemoryKill::Likely, "the recording stops close to its limit")
            } else {
                Self::new(MemoryKill::No, "the recording stops before the run's end")
            };
        }
        Self { finished: true, evidence: "it ended by itself", kill: MemoryKill::No }
    }
}

/// What the kernel's own count says.
fn of_fate(run: &Run) -> Option<RunEnd> {
    let fate = run.fate.as_ref()?;
    let by_kernel = matches!(fate.known_by, Some(FateSource::CgroupEvents | FateSource::KernelLog));
    match fate.killed_for_memory? {
        true if fate.known_by == Some(FateSource::KernelLog) => {
            Some(RunEnd::new(MemoryKill::Known, "the kernel's log"))
        }
        true => Some(RunEnd::new(MemoryKill::Known, "the control group's count of kills")),
        false if fate.known_by == Some(FateSource::KernelLog) => {
            Some(RunEnd::new(MemoryKill::No, "the kernel's log names no such kill"))
        }
        false if by_kernel => {
            Some(RunEnd::new(MemoryKill::No, "the control group's count of kills did not rise"))
        }
        false => None,
    }
}

fn is_out_of_memory(task: &Task) -> bool {
    let state = task.state.as_deref().unwrap_or_default();
    OUT_OF_MEMORY.iter().any(|word| state.eq_ignore_ascii_case(word))
}

/// The source of a limit that was not configured: the machine's memory less a reserve.
const OF_MACHINE: &str = "physical";

/// What a run was allowed, where the file says: a configured limit, else the request of its framework.
#[must_use]
pub fn allowed_mb(run: &Run) -> Option<f64> {
    set_limit(run).or_else(|| requested(run)).map(Mib::get)
}

/// What was held for a run, where the file says: the request of its framework, else a configured limit.
#[must_use]
pub fn held_mb(run: &Run) -> Option<f64> {
    requested(run).or_else(|| set_limit(run)).map(Mib::get)
}

fn requested(run: &Run) -> Option<Mib> {
    run.task.as_ref().and_then(|task| task.requested_mb)
}

fn set_limit(run: &Run) -> Option<Mib> {
    let source = run.host.limit_source.as_deref().unwrap_or_default();
    let is_set = !source.is_empty() && !source.starts_with(OF_MACHINE);
    run.host.limit_mb.filter(|_| is_set)
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::{Fate, Warning};

    use super::*;

    fn end(task: Task, peak_mb: f64) -> MemoryKill {
        let run = Run { task: Some(task), ..Run::default() };
        RunEnd::of(&run, peak_mb, allowed_mb(&run)).kill
    }

    #[test]
    fn the_schedulers_word_is_known_and_a_bare_kill_is_not() {
        let requested_mb = Some(Mib::new(1000.0));
        let task = Task { requested_mb, ..Task::default() };
        let state = |state: &str| Task { state: Some(state.to_owned()), ..task.clone() };
        assert_eq!(end(state("OUT_OF_MEMORY"), 300.0), MemoryKill::Known);
        assert_eq!(end(Task { signal: Some(125), ..task.clone() }, 300.0), MemoryKill::Known);
        assert_eq!(end(Task { exit_code: Some(137), ..task.clone() }, 300.0), MemoryKill::Possible);
        assert_eq!(end(Task { signal: Some(9), ..task.clone() }, 990.0), MemoryKill::Likely);
        assert_eq!(end(Task { exit_code: Some(1), ..task.clone() }, 990.0), MemoryKill::No);
        assert_eq!(end(state("COMPLETED"), 990.0), MemoryKill::No);
    }

    #[test]
    fn the_kernels_count_decides_both_ways() {
        let fate = |killed| Fate {
            signal: Some(9),
            killed_for_memory: Some(killed),
            known_by: Some(FateSource::CgroupEvents),
            ..Fate::default()
        };
        let of = |killed| RunEnd::of(&Run { fate: Some(fate(killed)), ..Run::default() }, 10.0, Some(10.0));
        assert_eq!((of(true).kill, of(false).kill), (MemoryKill::Known, MemoryKill::No));
        assert!(!of(false).finished);
        let by_log = Fate { known_by: Some(FateSource::KernelLog), ..fate(false) };
        let logged = RunEnd::of(&Run { fate: Some(by_log), ..Run::default() }, 10.0, Some(10.0));
        assert_eq!(logged.evidence, "the kernel's log names no such kill");
    }

    #[test]
    fn a_job_that_fails_beside_a_kill_in_its_group_likely_lost_a_child() {
        let end = |exit_code, group_kills| {
            let fate = Fate {
                exit_code: Some(exit_code),
                killed_for_memory: Some(false),
                known_by: Some(FateSource::ExitStatus),
                group_kills,
                ..Fate::default()
            };
            let end = RunEnd::of(&Run { fate: Some(fate), ..Run::default() }, 10.0, Some(100.0));
            (end.kill, end.finished)
        };
        assert_eq!(end(1, Some(1)), (MemoryKill::Likely, false));
        assert_eq!(end(1, None), (MemoryKill::No, false));
        assert_eq!(end(0, Some(1)), (MemoryKill::No, true));
    }

    #[test]
    fn a_container_is_killed_at_its_limit_and_holds_its_request() {
        let task = Task { requested_mb: Some(Mib::new(100.0)), ..Task::default() };
        let mut run = Run { task: Some(task), ..Run::default() };
        assert_eq!((allowed_mb(&run), held_mb(&run)), (Some(100.0), Some(100.0)));
        run.host.limit_mb = Some(Mib::new(400.0));
        run.host.limit_source = Some("physical memory".to_owned());
        assert_eq!((allowed_mb(&run), held_mb(&run)), (Some(100.0), Some(100.0)));
        run.host.limit_source = Some("kubernetes".to_owned());
        assert_eq!((allowed_mb(&run), held_mb(&run)), (Some(400.0), Some(100.0)));
    }

    #[test]
    fn a_recording_that_stops_is_unfinished() {
        let run = Run { warnings: vec![Warning::EndedWithoutClosing], ..Run::default() };
        assert_eq!(RunEnd::of(&run, 950.0, Some(1000.0)).kill, MemoryKill::Likely);
        let early = RunEnd::of(&run, 100.0, Some(1000.0));
        assert!(early.kill == MemoryKill::No && !early.finished);
        assert!(RunEnd::of(&Run::default(), 950.0, Some(1000.0)).finished);
    }
}
