//! Other recorders in the same control group, which plan with the same free memory.
//!
//! Three workers in one container that each plan to use all that is left are killed. So each takes
//! an equal share: the plans of N recorders then never exceed what was free, since each is at most
//! 1/N of it. They find each other by the group's list of processes and the name of the sampling
//! thread, without files, sockets or a word between them. Not found are recorders in another group, those in a process whose
//! threads this user may not see, and those without a sampling thread.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::cgroup::Cgroup;
use crate::procfs::text::numbers;

/// The sampling thread of a recorder in its own process; the kernel keeps 15 characters.
pub(crate) const SAMPLING_THREAD: &str = "memtool-sampler";

/// A count is good for this long, and for this many times what it took.
const INTERVAL: Duration = Duration::from_millis(500);
const PAUSE: u32 = 100;

/// Counts the recorders of a group.
#[derive(Debug)]
pub(crate) struct Peers {
    proc: PathBuf,
    processes: PathBuf,
    own: u32,
    counted: Option<(Instant, u32)>,
}

impl Peers {
    /// The recorders in the group whose limit binds this process; `None` where no group does.
    pub(crate) fn of_self() -> Option<Self> {
        let folder = Cgroup::of_self()?.folder().to_owned();
        Some(Self::new(Path::new("/proc"), &folder, std::process::id()))
    }

    fn new(proc: &Path, group: &Path, own: u32) -> Self {
        Self { proc: proc.to_owned(), processes: group.join("cgroup.procs"), own, counted: None }
    }

    /// Recorders that share the group's memory, this one included.
    pub(crate) fn count(&mut self) -> u32 {
        let began = Instant::now();
        if let Some((due, count)) = self.counted
            && began < due
        {
            return count;
        }
        let count = 1 + self.others();
        let ended = Instant::now();
        self.counted = Some((ended + (PAUSE * (ended - began)).max(INTERVAL), count));
        count
    }

    fn others(&self) -> u32 {
        let text = fs::read(&self.processes).unwrap_or_default();
        let pids = numbers(&text).filter(|pid| *pid != u64::from(self.own));
        pids.filter(|pid| self.records(*pid)).map(|_| 1).sum()
    }

    fn records(&self, pid: u64) -> bool {
        let Ok(tasks) = fs::read_dir(self.proc.join(format!("{pid}/task"))) else { return false };
        tasks.flatten().any(|task| {
            fs::read(task.path().join("comm"))
                .is_ok_and(|name| name.trim_ascii_end() == SAMPLING_THREAD.as_bytes())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorders_of_the_group_are_counted_and_others_are_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            fs::write(path, text).expect("written");
        };
        file("group/cgroup.procs", "7\n8\n9\n10\n");
        for (pid, thread) in
            [(7, SAMPLING_THREAD), (8, SAMPLING_THREAD), (9, "python"), (11, SAMPLING_THREAD)]
        {
            file(&format!("proc/{pid}/task/{pid}/comm"), "python\n");
            file(&format!("proc/{pid}/task/1{pid}/comm"), &format!("{thread}\n"));
        }
        let count = || Peers::new(&folder.path().join("proc"), &folder.path().join("group"), 7).count();
        assert_eq!(count(), 2, "11 is in another group");
        file("group/cgroup.procs", "");
        assert_eq!(count(), 1, "this one is always there");
    }

    #[test]
    fn the_threads_name_is_not_cut_off() {
        assert!(SAMPLING_THREAD.len() <= 15);
    }
}
