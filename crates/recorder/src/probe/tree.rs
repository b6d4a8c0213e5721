//! The descendants of a process.
//!
//! The tree is the kernel's of this moment: a process whose parent has ended belongs to
//! another then (a daemon that a job left behind does not count). Ended processes that
//! their parents have not waited for count 0. Threads share their process's memory and do not count apart.
//!
//! Finding the tree is costly, so it is done only when it may have changed: when a process id was
//! assigned since (the last word of `/proc/loadavg`), one sample after that, because an id is
//! assigned a moment before its process is visible, and when a known descendant has ended.
//! Otherwise a sample is one read for `loadavg` and one of each descendant's kept-open `statm`;
//! such a file stays bound to its process, so an id that was given again is not mistaken.
//!
//! Children are listed by `/proc/PID/task/*/children`, or, where the kernel was built without
//! it, found by the parents in all `/proc/*/stat`, whose cost grows with the processes of the
//! machine (8 µs each; by lists 18 µs for each descendant). Not seen: descendants that another user's processes hide behind `hidepid`, and
//! those that lived only between two samples.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::procfs::KernelFile;
use crate::procfs::text::{is_gone, last_pid, number, numbers, parent, statm};

/// A host that starts very many children needs its file descriptors itself.
const MOST_KEPT_OPEN: usize = 64;

/// The descendants of a process, as last found.
#[derive(Debug)]
pub(crate) struct Tree {
    proc: PathBuf,
    root: u32,
    loadavg: Option<KernelFile>,
    last_pid: Option<u64>,
    lists_children: bool,
    search_again: bool,
    members: Vec<Member>,
    /// Reused from sample to sample.
    found: Vec<u32>,
    text: Vec<u8>,
}

#[derive(Debug)]
struct Member {
    pid: u32,
    statm: Option<KernelFile>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Lives,
    /// It has ended and waits for its parent to notice.
    Zombie,
    Gone,
}

impl Tree {
    /// The tree below a process, not yet searched.
    pub(crate) fn new(proc: &Path, root: u32) -> Self {
        let first_task = proc.join(format!("{root}/task/{root}/children"));
        Self {
            proc: proc.to_owned(),
            root,
            loadavg: KernelFile::open(&proc.join("loadavg")).ok(),
            last_pid: None,
            lists_children: first_task.exists(),
            search_again: true,
            members: Vec::new(),
            found: Vec::new(),
            text: Vec::new(),
        }
    }

    /// The process ids of the descendants, as of the last sample.
    pub(crate) fn pids(&self) -> impl Iterator<Item = u32> {
        self.members.iter().map(|member| member.pid)
    }

    /// Resident pages of all descendants together; `None` if `/proc` cannot be searched.
    pub(crate) fn resident(&mut self) -> Option<u64> {
        let assigned = self.last_assigned();
        let changed = assigned.is_none() || assigned != self.last_pid;
        let search = changed || self.search_again;
        if search {
            self.find().ok()?;
            self.last_pid = assigned;
        }
        self.search_again = changed;
        Some(self.sum(search))
    }

    /// The process id that was assigned last.
    fn last_assigned(&self) -> Option<u64> {
        let mut buffer = [0; 96];
        last_pid(self.loadavg.as_ref()?.read(&mut buffer).ok()?)
    }

    fn sum(&mut self, just_found: bool) -> u64 {
        let mut sum = 0_u64;
        for member in &mut self.members {
            let before = member.state;
            let mut pages = member.read(&self.proc);
            if member.state == State::Gone && just_found {
                // The open file was of a process that had this id before.
                member.statm = None;
                pages = member.read(&self.proc);
            }
            sum = sum.saturating_add(pages);
            // Its children have another parent now.
            self.search_again |= member.state != before;
        }
        self.members.retain(|member| member.state != State::Gone);
        sum
    }

    /// Finds the descendants of now, and keeps the open files of those that were known.
    fn find(&mut self) -> io::Result<()> {
        self.found.clear();
        if self.lists_children {
            self.find_by_lists()
        } else {
            self.find_by_parents()?
        }
        let Self { proc, members, found, .. } = self;
        members.retain(|member| found.contains(&member.pid));
        for &pid in found.iter() {
            if !members.iter().any(|member| member.pid == pid) {
                let keep = members.len() < MOST_KEPT_OPEN;
                let statm = if keep { KernelFile::open(&statm_path(proc, pid)).ok() } else { None };
                members.push(Member { pid, statm, state: State::Lives });
            }
        }
        Ok(())
    }

    fn find_by_lists(&mut self) {
        self.add_children_of(self.root);
        let mut next = 0;
        while let Some(&pid) = self.found.get(next) {
            next += 1;
            self.add_children_of(pid);
        }
    }

    /// Every thread lists the children that it started; one that has ended lists none.
    fn add_children_of(&mut self, pid: u32) {
        let Ok(tasks) = fs::read_dir(self.proc.join(format!("{pid}/task"))) else { return };
        for task in tasks.flatten() {
            let Ok(text) = fs::read(task.path().join("children")) else { continue };
            for child in numbers(&text).filter_map(|pid| u32::try_from(pid).ok()) {
                add(&mut self.found, self.root, child);
            }
        }
    }

    fn find_by_parents(&mut self) -> io::Result<()> {
        let parents = self.all_parents()?;
        let mut above = self.root;
        let mut next = 0;
        loop {
            for (pid, _) in parents.iter().filter(|(_, parent)| *parent == above) {
                add(&mut self.found, self.root, *pid);
            }
            let Some(&pid) = self.found.get(next) else { return Ok(()) };
            above = pid;
            next += 1;
        }
    }

    /// Every process of the machine with its parent.
    fn all_parents(&mut self) -> io::Result<Vec<(u32, u32)>> {
        let mut parents = Vec::new();
        let mut path = String::new();
        self.text.resize(512, 0);
        for entry in fs::read_dir(&self.proc)?.flatten() {
            let name = entry.file_name();
            let Some(pid) = process_id(name.as_encoded_bytes()) else { continue };
            path.clear();
            if write!(path, "{}/{pid}/stat", self.proc.display()).is_err() {
                continue;
            }
            let Ok(file) = KernelFile::open(Path::new(&path)) else { continue };
            if let Some(above) = file.read(&mut self.text).ok().and_then(parent) {
                parents.push((pid, above));
            }
        }
        Ok(parents)
    }
}

impl Member {
    /// Resident pages, 0 once it has ended.
    fn read(&mut self, proc: &Path) -> u64 {
        let mut buffer = [0; 128];
        let once;
        let file = match &self.statm {
            Some(file) => Ok(file),
            None => match KernelFile::open(&statm_path(proc, self.pid)) {
                Ok(file) => {
                    once = file;
                    Ok(&once)
                }
                Err(error) => Err(error),
            },
        };
        match file.and_then(|file| file.read(&mut buffer)) {
            Ok(text) => {
                let figures = statm(text);
                let mapped = figures.is_some_and(|figures| figures.size > 0);
                self.state = if mapped { State::Lives } else { State::Zombie };
                figures.map_or(0, |figures| figures.resident)
            }
            Err(error) => {
                self.state = if is_gone(&error) { State::Gone } else { State::Zombie };
                0
            }
        }
    }
}

/// Adds a process once, and never the root: ids given again could make a ring.
fn add(found: &mut Vec<u32>, root: u32, pid: u32) {
    if pid != root && !found.contains(&pid) {
        found.push(pid);
    }
}

fn process_id(name: &[u8]) -> Option<u32> {
    if !name.iter().all(u8::is_ascii_digit) {
        return None;
    }
    u32::try_from(number(name)?).ok()
}

fn statm_path(proc: &Path, pid: u32) -> PathBuf {
    proc.join(format!("{pid}/statm"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A synthetic `/proc`: every process maps something and has its id's number of pages resident.
    struct Proc(tempfile::TempDir);

    impl Proc {
        fn new(last_pid: u32) -> Self {
            let proc = Self(tempfile::tempdir().expect("a folder"));
            proc.assign(last_pid);
            proc
        }

        fn file(&self, path: &str, text: &str) {
            let path = self.0.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            fs::write(path, text).expect("written");
        }

        fn assign(&self, pid: u32) {
            self.file("loadavg", &format!("0.10 0.20 0.30 1/75 {pid}\n"));
        }

        /// A process whose parent is only in `stat`.
        fn process(&self, pid: u32, parent: u32) {
            self.file(&format!("{pid}/stat"), &format!("{pid} (a (b) c) S {parent} 1 1 0\n"));
            self.file(&format!("{pid}/statm"), &format!("1000 {pid} 1 1 0 1 0\n"));
        }

        fn children(&self, pid: u32, task: u32, children: &str) {
            self.file(&format!("{pid}/task/{task}/children"), children);
        }

        fn end(&self, pid: u32) {
            fs::remove_dir_all(self.0.path().join(pid.to_string())).expect("gone");
        }

        fn tree(&self) -> Tree {
            Tree::new(self.0.path(), 100)
        }
    }

    fn pids(tree: &Tree) -> Vec<u32> {
        let mut pids = tree.pids().collect::<Vec<_>>();
        pids.sort_unstable();
        pids
    }

    /// 100 has 101 and 102, 101 has 103; 1 and 200 are others.
    fn small_tree() -> Proc {
        let proc = Proc::new(300);
        for (pid, parent) in [(1, 0), (100, 1), (103, 101), (101, 100), (102, 100), (200, 1)] {
            proc.process(pid, parent);
        }
        proc
    }

    #[test]
    fn descendants_are_found_by_their_parents() {
        let proc = small_tree();
        proc.file("self/stat", "9 (x) S 100 1\n");
        let mut tree = proc.tree();
        assert_eq!(tree.resident(), Some(101 + 102 + 103));
        assert_eq!(pids(&tree), [101, 102, 103]);
    }

    #[test]
    fn descendants_are_found_by_the_lists_of_all_tasks() {
        let proc = small_tree();
        proc.children(100, 100, "101 ");
        proc.children(100, 110, "102 101 ");
        proc.children(101, 101, "103 ");
        // Its parent is only in `stat`, which is not read.
        proc.process(104, 100);
        let mut tree = proc.tree();
        assert_eq!(tree.resident(), Some(101 + 102 + 103));
    }

    #[test]
    fn the_tree_is_searched_only_when_an_id_was_assigned() {
        let proc = small_tree();
        let mut tree = proc.tree();
        let sums = [(); 3].map(|()| tree.resident());
        assert_eq!(sums, [Some(306); 3]);
        proc.process(104, 103);
        assert_eq!(tree.resident(), Some(306), "no id was assigned yet");
        proc.assign(301);
        assert_eq!(tree.resident(), Some(306 + 104));
    }

    #[test]
    fn an_id_that_was_assigned_before_its_process_is_visible_is_not_missed() {
        let proc = small_tree();
        let mut tree = proc.tree();
        let _ = [(); 3].map(|()| tree.resident());
        proc.assign(301);
        assert_eq!(tree.resident(), Some(306));
        proc.process(104, 103);
        assert_eq!(tree.resident(), Some(306 + 104));
    }

    #[test]
    fn a_system_that_hides_its_ids_is_searched_at_every_sample() {
        let proc = small_tree();
        proc.assign(0);
        let mut tree = proc.tree();
        let _ = [(); 3].map(|()| tree.resident());
        proc.process(104, 103);
        assert_eq!(tree.resident(), Some(306 + 104));
    }

    #[test]
    fn what_vanishes_counts_no_more_and_leaves_its_children() {
        let proc = small_tree();
        let mut tree = proc.tree();
        let _ = [(); 3].map(|()| tree.resident());
        proc.end(101);
        proc.process(103, 1);
        proc.assign(301);
        assert_eq!(tree.resident(), Some(102));
        assert_eq!(pids(&tree), [102]);
    }

    #[test]
    fn the_end_of_one_makes_it_search_again() {
        let proc = small_tree();
        let mut tree = proc.tree();
        let _ = [(); 3].map(|()| tree.resident());
        proc.file("101/statm", "0 0 0 0 0 0 0\n");
        proc.process(103, 1);
        assert_eq!(tree.resident(), Some(102 + 103), "its child is still held for one");
        assert_eq!(tree.resident(), Some(102));
        assert_eq!(pids(&tree), [101, 102], "one that waits for its parent has no memory");
    }

    #[test]
    fn a_ring_of_ids_ends_and_counts_each_once() {
        let proc = Proc::new(300);
        for (pid, parent) in [(100, 102), (101, 100), (102, 101)] {
            proc.process(pid, parent);
        }
        assert_eq!(proc.tree().resident(), Some(101 + 102));
    }

    #[test]
    fn more_children_than_files_are_kept_open_still_count() {
        let proc = Proc::new(300);
        let pids = 1000..1000 + 2 * u32::try_from(MOST_KEPT_OPEN).expect("small");
        pids.clone().for_each(|pid| proc.process(pid, 100));
        let mut tree = proc.tree();
        let sum = pids.map(u64::from).sum();
        assert_eq!([(); 3].map(|()| tree.resident()), [Some(sum); 3]);
        assert_eq!(tree.members.iter().filter(|member| member.statm.is_some()).count(), MOST_KEPT_OPEN);
    }

    #[test]
    fn no_proc_is_none() {
        assert_eq!(Tree::new(Path::new("/nowhere"), 100).resident(), None);
    }
}
