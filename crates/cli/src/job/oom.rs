//! Whether the kernel ran out of memory: its own counts before and after.

use std::fs;
use std::path::{Path, PathBuf};

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

    /// The evidence for a kill between then and now; none if the counts did not change.
    pub(crate) fn evidence(self, now: Self) -> Option<&'static str> {
        let rose = |then: Option<u64>, now: Option<u64>| then.zip(now).is_some_and(|(then, now)| now > then);
        if rose(self.group, now.group) {
            return Some("the kernel's out-of-memory killer struck in this control group meanwhile");
        }
        rose(self.machine, now.machine).then_some(
            "the kernel's out-of-memory killer struck on this machine meanwhile: perhaps it was this job",
        )
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
    fn only_a_count_that_rose_is_evidence() {
        let then = OomKills { group: Some(1), machine: Some(5) };
        assert_eq!(then.evidence(then), None);
        let elsewhere = OomKills { machine: Some(6), ..then };
        assert!(then.evidence(elsewhere).is_some_and(|said| said.contains("perhaps")));
        let here = OomKills { group: Some(2), ..elsewhere };
        assert!(then.evidence(here).is_some_and(|said| said.contains("control group")));
        assert_eq!(OomKills { group: None, machine: None }.evidence(here), None);
    }
}
