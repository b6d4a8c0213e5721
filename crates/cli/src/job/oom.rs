//! Whether the kernel ran out of memory: its own counts before and after.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use memtool_profile_model::FateSource;

use super::ending::Ending;

/// How this program stands in the order of the out-of-memory killer, and how it did when it was started.
const ADJUSTMENT: &str = "/proc/self/oom_score_adj";
static STARTED: OnceLock<String> = OnceLock::new();

/// Kills for want of memory so far, as the kernel counts them; `None` where it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OomKills {
    /// In this process's control group and below.
    group: Option<u64>,
    /// On the whole machine.
    machine: Option<u64>,
}

impl OomKills {
    pub(crate) fn now() -> Self {
        let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let group = counting_files(&groups, Path::new("/sys/fs/cgroup"))
            .into_iter()
            .find_map(|file| oom_kills(&fs::read_to_string(file).ok()?));
        let machine = fs::read_to_string("/proc/vmstat").ok().and_then(|text| oom_kills(&text));
        Self { group, machine }
    }

    /// Whether the kernel killed a job that ended meanwhile, and how that is known; `logged` are the processes that its log
    /// says were killed, where it could be read.
    pub(crate) fn verdict(self, now: Self, ended: (Ending, u32), logged: Option<&[u32]>) -> Verdict {
        let meanwhile = self.group.zip(now.group).map(|(then, now)| now.saturating_sub(then));
        let group_kills = meanwhile.filter(|kills| *kills > 0);
        Verdict { group_kills, ..self.of_job(now, ended, logged) }
    }

    /// The same of the job's own process alone.
    fn of_job(self, now: Self, ended: (Ending, u32), logged: Option<&[u32]>) -> Verdict {
        let (ending, pid) = ended;
        let rose = |then: Option<u64>, now: Option<u64>| then.zip(now).map(|(then, now)| now > then);
        let in_group = rose(self.group, now.group);
        let on_machine = rose(self.machine, now.machine);
        let names_it = logged.map(|killed| killed.contains(&pid));
        if !ending.may_be_a_kill() {
            let evidence = in_group.filter(|rose| *rose).map(|_| OF_THE_GROUP);
            return Verdict { evidence, ..Verdict::known(false, FateSource::ExitStatus) };
        }
        match (names_it, in_group, on_machine) {
            (Some(true), ..) => Verdict {
                evidence: Some("the kernel killed it for want of memory: its log names the process"),
                ..Verdict::known(true, FateSource::KernelLog)
            },
            (_, Some(true), _) => Verdict {
                evidence: Some(
                    "the kernel killed it for want of memory: the control group's count of kills rose",
                ),
                ..Verdict::known(true, FateSource::CgroupEvents)
            },
            // Its log names every process that it kills.
            (Some(false), ..) if ending.is_signal() => Verdict {
                evidence: Some(
                    "not killed for want of memory: the kernel's log names no such kill, so the signal was sent",
                ),
                ..Verdict::known(false, FateSource::KernelLog)
            },
            (_, Some(false), Some(false)) => Verdict::known(false, FateSource::CgroupEvents),
            (_, _, Some(true)) => Verdict {
                evidence: Some(
                    "probably killed for want of memory: the kernel's out-of-memory killer struck on this machine meanwhile",
                ),
                ..Verdict::unknown()
            },
            _ => Verdict {
                evidence: Some(
                    "whether it was killed for want of memory is not known: no count or log of the kernel can be read",
                ),
                ..Verdict::unknown()
            },
        }
    }
}

/// Beside an end that was no kill.
const OF_THE_GROUP: &str = "the kernel killed a process of this control group for want of memory meanwhile";

/// Whether the kernel killed a job for want of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// `None` if unknown.
    pub(crate) killed: Option<bool>,
    pub(crate) known_by: Option<FateSource>,
    /// Kills in the control group meanwhile; `None` if there was none, or no count.
    pub(crate) group_kills: Option<u64>,
    /// A sentence for the summary.
    pub(crate) evidence: Option<&'static str>,
}

impl Verdict {
    const fn known(killed: bool, by: FateSource) -> Self {
        Self { killed: Some(killed), known_by: Some(by), group_kills: None, evidence: None }
    }

    const fn unknown() -> Self {
        Self { killed: None, known_by: Some(FateSource::ExitStatus), group_kills: None, evidence: None }
    }
}

/// Where the groups of a process keep their count, version 2 first; in a container the
/// mount's root is its own group.
fn counting_files(membership: &str, mount: &Path) -> Vec<PathBuf> {
    let below = |folder: &Path, group: &str| folder.join(group.trim_start_matches('/'));
    let mut files = Vec::new();
    for line in membership.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(group)) = (parts.next(), parts.next()) else { continue };
        if controllers.is_empty() {
            files.push(below(mount, group).join("memory.events"));
            files.push(mount.join("memory.events"));
        } else if controllers.split(',').any(|controller| controller == "memory") {
            let mount = mount.join("memory");
            files.push(below(&mount, group).join("memory.oom_control"));
            files.push(mount.join("memory.oom_control"));
        }
    }
    files
}

fn oom_kills(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok())
}

/// Asks the kernel to kill others first where memory runs out, as far as this program may: a recorder that is killed
/// beside its job cannot say how the job ended. Linux 7.2 kills two processes of a group where 6.1 kills one.
pub(super) fn spare_this_program() {
    STARTED.get_or_init(|| fs::read_to_string(ADJUSTMENT).unwrap_or_default());
    // Refused without CAP_SYS_RESOURCE, and unknown elsewhere: then it stays as it is.
    let _ = fs::write(ADJUSTMENT, "-1000");
}

/// Takes that back, since whatever this program starts next inherits it.
pub(super) fn as_started() {
    if let Some(adjustment) = STARTED.get() {
        let _ = fs::write(ADJUSTMENT, adjustment);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_found_in_every_form() {
        assert_eq!(oom_kills("low 0\nhigh 4\noom 2\noom_kill 3\noom_group_kill 9\n"), Some(3));
        assert_eq!(oom_kills("oom_kill_disable 0\nunder_oom 0\noom_kill 5\n"), Some(5));
        assert_eq!(oom_kills("oom_kill_disable 0\nunder_oom 0\n"), None);
    }

    #[test]
    fn the_files_of_both_versions_are_found() {
        let found = counting_files("5:cpu,memory:/job\n4:cpuset:/x\n0::/a/b\n", Path::new("/m"));
        let expected = [
            "/m/memory/job/memory.oom_control",
            "/m/memory/memory.oom_control",
            "/m/a/b/memory.events",
            "/m/memory.events",
        ];
        assert_eq!(found, expected.map(PathBuf::from));
    }

    #[test]
    fn a_kill_is_known_by_the_groups_count_and_only_guessed_by_the_machines() {
        let then = OomKills { group: Some(1), machine: Some(5) };
        let killed = |now, ending| {
            let verdict = then.verdict(now, (ending, 7), None);
            (verdict.killed, verdict.known_by)
        };
        let (kill, exit) = (Ending::Signal(9), Ending::Code(0));
        assert_eq!(
            killed(then, kill),
            (Some(false), Some(FateSource::CgroupEvents)),
            "another process sent the signal"
        );
        assert_eq!(killed(then, exit), (Some(false), Some(FateSource::ExitStatus)));
        let on_machine = OomKills { machine: Some(6), ..then };
        assert_eq!(killed(on_machine, kill), (None, Some(FateSource::ExitStatus)));
        let in_group = OomKills { group: Some(2), ..on_machine };
        assert_eq!(killed(in_group, kill), (Some(true), Some(FateSource::CgroupEvents)));
        let kills = |now, ending| then.verdict(now, (ending, 7), None).group_kills;
        assert_eq!([kills(in_group, exit), kills(then, exit)], [Some(1), None], "a child's, perhaps");
        assert_eq!(
            killed(in_group, Ending::Code(137)),
            (Some(true), Some(FateSource::CgroupEvents)),
            "by a shell"
        );
        assert_eq!(killed(in_group, Ending::Signal(15)), (Some(false), Some(FateSource::ExitStatus)));
        let unknown = OomKills { group: None, machine: None };
        let verdict = unknown.verdict(in_group, (kill, 7), None);
        assert!(verdict.killed.is_none() && verdict.evidence.is_some());
    }

    #[test]
    fn the_kernels_log_decides_where_it_can_be_read() {
        let then = OomKills { group: None, machine: Some(5) };
        let now = OomKills { machine: Some(6), ..then };
        let verdict = |logged: &[u32], ending| {
            let verdict = then.verdict(now, (ending, 7), Some(logged));
            (verdict.killed, verdict.known_by)
        };
        let kill = Ending::Signal(9);
        assert_eq!(verdict(&[3, 7], kill), (Some(true), Some(FateSource::KernelLog)));
        assert_eq!(verdict(&[3], kill), (Some(false), Some(FateSource::KernelLog)), "another process");
        assert_eq!(
            verdict(&[3], Ending::Code(137)),
            (None, Some(FateSource::ExitStatus)),
            "perhaps its child"
        );
        assert_eq!(verdict(&[7], Ending::Code(1)), (Some(false), Some(FateSource::ExitStatus)));
    }
}
