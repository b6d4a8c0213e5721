//! Peaks of a process together with its children.
//!
//! Each process has a high-water mark of its own. The sum of the marks is the peak of the tree,
//! or more where not all reach theirs at one time, and pages that two share count in both. The
//! children's marks are reset with the own one, which shows in their `getrusage`, and in the peaks
//! of a recorder that runs in a child or of a second one here that counts children too.
//!
//! A child's mark goes with it. Of those that ended the kernel keeps only the largest ever
//! (`ru_maxrss`), into which the parent's own memory went at the fork, so that neither one batch's
//! part nor the sum of several can be derived from it. Where a child ended meanwhile there is
//! no exact peak: it is that of samples. Not noticed are ended children that no parent waits for
//! (`SIGCHLD` ignored).

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};

use memtool_profile_model::Mib;

use super::counter::PeakCounter;
use super::high_water::{mark, write_reset};
use crate::probe::Tree;
use crate::procfs::KernelFile;
use crate::procfs::text::faults_of_ended_children;

/// A host that starts very many children needs its file descriptors itself: two are kept open for each.
const MOST: usize = 64;

/// The marks of a process and of all its descendants.
pub(crate) struct TreePeaks {
    own: Box<dyn PeakCounter>,
    proc: PathBuf,
    stat: KernelFile,
    tree: Tree,
    /// Those of the last reset, and those that began since.
    members: Vec<Member>,
    /// Page faults of ended children, when the marks were reset.
    ended: Option<u64>,
}

/// A descendant. Its files stay bound to it, so that an id that was given again is not mistaken.
struct Member {
    pid: u32,
    status: KernelFile,
    stat: KernelFile,
    /// Whether it had ended before the marks were reset, and waits for its parent to notice.
    empty: bool,
}

impl TreePeaks {
    /// The tree of a process whose own mark is given.
    ///
    /// # Errors
    /// If `/proc` is not there.
    pub(crate) fn new(own: Box<dyn PeakCounter>, proc: &Path, pid: u32) -> io::Result<Self> {
        let stat = KernelFile::open(&proc.join(pid.to_string()).join("stat"))?;
        let (proc, tree) = (proc.to_owned(), Tree::new(proc, pid));
        Ok(Self { own, proc, stat, tree, members: Vec::new(), ended: None })
    }

    /// Adds those that began since.
    fn find(&mut self) -> io::Result<()> {
        self.tree.resident().ok_or(io::ErrorKind::NotFound)?;
        if self.tree.pids().count() > MOST {
            self.members.clear();
            return Err(io::Error::other("too many children to keep the marks of"));
        }
        for pid in self.tree.pids() {
            if !self.members.iter().any(|member| member.pid == pid) {
                self.members.push(Member::open(&self.proc, pid)?);
            }
        }
        Ok(())
    }

    /// A number that grows whenever one of the tree has waited for a child that ended: no process
    /// lives without page faults. `None` if one of the tree is gone.
    fn ended(&self) -> Option<u64> {
        let stats = self.members.iter().map(|member| &member.stat).chain([&self.stat]);
        stats.map(faults_below).sum()
    }
}

impl PeakCounter for TreePeaks {
    fn reset(&mut self) -> io::Result<()> {
        self.ended = None;
        self.own.reset()?;
        self.members.clear();
        self.find()?;
        let Self { proc, members, .. } = self;
        members.iter_mut().try_for_each(|member| member.reset(proc))?;
        self.ended = self.ended();
        Ok(())
    }

    fn peak(&mut self) -> io::Result<Mib> {
        self.find()?;
        let ended = self.ended();
        if ended.is_none() || ended != self.ended {
            return Err(io::Error::other("a child has ended, and its peak with it"));
        }
        let own = self.own.peak()?.get();
        let children = self.members.iter().filter(|member| !member.empty);
        let sum =
            children.map(|member| mark(&member.status)).try_fold(own, |sum, child| Ok(sum + child?.get()));
        sum.map(|sum| Mib::new(sum).rounded())
    }

    fn is_whole(&self) -> bool {
        self.own.is_whole()
    }
}

impl Member {
    fn open(proc: &Path, pid: u32) -> io::Result<Self> {
        let folder = proc.join(pid.to_string());
        let kept = |name| KernelFile::open(&folder.join(name));
        Ok(Self { pid, status: kept("status")?, stat: kept("stat")?, empty: false })
    }

    fn reset(&mut self, proc: &Path) -> io::Result<()> {
        self.empty = mark(&self.status).is_err_and(|error| error.kind() == io::ErrorKind::InvalidData);
        let path = proc.join(self.pid.to_string()).join("clear_refs");
        write_reset(&OpenOptions::new().write(true).open(path)?)
    }
}

fn faults_below(stat: &KernelFile) -> Option<u64> {
    let mut buffer = [0; 1024];
    faults_of_ended_children(stat.read(&mut buffer).ok()?)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Process 100 with a mark of 50 MiB, in a synthetic `/proc`.
    struct MadeUpTree(tempfile::TempDir);

    struct Own;

    impl PeakCounter for Own {
        fn reset(&mut self) -> io::Result<()> {
            Ok(())
        }

        fn peak(&mut self) -> io::Result<Mib> {
            Ok(Mib::new(50.0))
        }
    }

    impl MadeUpTree {
        fn new() -> Self {
            let tree = Self(tempfile::tempdir().expect("a folder"));
            tree.process(100, 1, Some(50));
            tree
        }

        fn file(&self, path: &str, text: &str) {
            let path = self.0.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            fs::write(path, text).expect("written");
        }

        /// A process with a mark, or one that has ended.
        fn process(&self, pid: u32, parent: u32, mark: Option<u32>) {
            self.waited(pid, parent, 0);
            self.file(&format!("{pid}/statm"), "1000 500 1 1 0 1 0\n");
            self.file(&format!("{pid}/clear_refs"), "");
            self.mark(pid, mark);
        }

        fn mark(&self, pid: u32, mark: Option<u32>) {
            let mark = mark.map_or_else(String::new, |mark| format!("VmHWM:\t{} kB\n", mark * 1024));
            self.file(&format!("{pid}/status"), &format!("Name:\tx\n{mark}Threads:\t1\n"));
        }

        /// The page faults of the children that a process has waited for.
        fn waited(&self, pid: u32, parent: u32, faults: u32) {
            self.file(
                &format!("{pid}/stat"),
                &format!("{pid} (a b) S {parent} 1 1 0 -1 4 900 {faults} 0 0 7\n"),
            );
        }

        fn peaks(&self) -> TreePeaks {
            let mut peaks = TreePeaks::new(Box::new(Own), self.0.path(), 100).expect("there");
            peaks.reset().expect("reset");
            peaks
        }
    }

    fn peak(peaks: &mut TreePeaks) -> Option<f64> {
        peaks.peak().ok().map(Mib::get)
    }

    #[test]
    fn the_marks_of_all_are_reset_and_summed() {
        let tree = MadeUpTree::new();
        tree.process(101, 100, Some(200));
        tree.process(102, 101, Some(30));
        tree.process(200, 1, Some(1000));
        let mut peaks = tree.peaks();
        let reset = |pid: u32| fs::read(tree.0.path().join(format!("{pid}/clear_refs"))).expect("there");
        assert_eq!([reset(101), reset(102), reset(200)], [b"5".to_vec(), b"5".to_vec(), Vec::new()]);
        tree.mark(101, Some(300));
        assert_eq!(peak(&mut peaks), Some(380.0));
        tree.process(103, 100, Some(20));
        assert_eq!(peak(&mut peaks), Some(400.0), "one that began since counts from its beginning");
    }

    #[test]
    fn where_a_child_ended_there_is_no_exact_peak() {
        let tree = MadeUpTree::new();
        tree.process(101, 100, Some(200));
        let mut peaks = tree.peaks();
        tree.mark(101, None);
        assert_eq!(peak(&mut peaks), None, "it waits for its parent to notice");
        let mut peaks = tree.peaks();
        assert_eq!(peak(&mut peaks), Some(50.0), "it had ended before");
        tree.waited(100, 1, 700);
        assert_eq!(peak(&mut peaks), None);
        peaks.reset().expect("reset");
        assert_eq!(peak(&mut peaks), Some(50.0));
        tree.process(104, 100, Some(10));
        tree.waited(104, 100, 5);
        assert_eq!(peak(&mut peaks), None, "a grandchild came and went");
    }

    #[test]
    fn very_many_children_are_left_to_samples() {
        let tree = MadeUpTree::new();
        (200..200 + 64).for_each(|pid| tree.process(pid, 100, Some(1)));
        let mut peaks = tree.peaks();
        assert_eq!(peak(&mut peaks), Some(114.0));
        tree.process(300, 100, Some(1));
        assert_eq!(peak(&mut peaks), None);
        assert!(peaks.reset().is_err() && peaks.members.is_empty(), "no file is kept open");
    }

    #[test]
    fn a_child_that_may_not_be_reset_is_an_error() {
        let tree = MadeUpTree::new();
        tree.process(101, 100, Some(200));
        let mut peaks = tree.peaks();
        fs::remove_file(tree.0.path().join("101/clear_refs")).expect("gone");
        assert!(peaks.reset().is_err());
        assert_eq!(peak(&mut peaks), None);
    }
}
