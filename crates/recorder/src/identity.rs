//! Labels that distinguish the runs of a fleet, beside the job's name: version, commit, machine, image, parameters.
//!
//! Nothing of it is found out but the commit, which is a number of the job's own repository. Machine and image are
//! labels from the environment or the builder: no user, host or argument is recorded otherwise.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use memtool_profile_model::Process;

/// Variables that name what no builder does: set once for a machine or an image.
const VERSION_VARIABLE: &str = "MEMTOOL_VERSION_LABEL";
const MACHINE_VARIABLE: &str = "MEMTOOL_MACHINE";
const IMAGE_VARIABLE: &str = "MEMTOOL_IMAGE";

/// Letters of a label that are kept.
const LONGEST: usize = 200;

/// What a run is called beside its job.
#[derive(Debug, Clone, Default)]
pub(crate) struct Identity {
    pub(crate) version: Option<String>,
    pub(crate) machine: Option<String>,
    pub(crate) image: Option<String>,
    pub(crate) parameters: BTreeMap<String, String>,
}

impl Identity {
    /// The machine's label.
    pub(crate) fn machine_label(&self) -> Option<String> {
        label(self.machine.clone(), MACHINE_VARIABLE)
    }

    /// A process with this identity, which was started in a folder.
    pub(crate) fn of_process(&self, folder: Option<&Path>) -> Process {
        Process {
            version: label(self.version.clone(), VERSION_VARIABLE),
            image: label(self.image.clone(), IMAGE_VARIABLE),
            commit: folder.and_then(commit),
            parameters: self.parameters.iter().map(|(name, value)| (short(name), short(value))).collect(),
            ..Process::default()
        }
    }
}

/// The given label, else that of the environment.
fn label(given: Option<String>, variable: &str) -> Option<String> {
    given.or_else(|| env::var(variable).ok()).map(|text| short(&text)).filter(|text| !text.is_empty())
}

fn short(text: &str) -> String {
    text.trim().chars().take(LONGEST).collect()
}

/// The commit of the repository that a folder is in, read from its files; `None` where there is none.
fn commit(folder: &Path) -> Option<String> {
    let git = folder.ancestors().find_map(git_folder)?;
    let head = fs::read_to_string(git.join("HEAD")).ok()?;
    let Some(name) = head.trim().strip_prefix("ref: ") else { return hash(&head) };
    // A work tree keeps its own HEAD, and shares its branches with the others.
    let common =
        fs::read_to_string(git.join("commondir")).map_or_else(|_| git.clone(), |to| git.join(to.trim()));
    let loose = [&git, &common].into_iter().find_map(|git| fs::read_to_string(git.join(name)).ok());
    loose.as_deref().and_then(hash).or_else(|| packed(&common, name))
}

/// The folder that git keeps its files of a folder in.
fn git_folder(folder: &Path) -> Option<PathBuf> {
    let git = folder.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    // A work tree or submodule has a file that names it.
    let link = fs::read_to_string(git).ok()?;
    Some(folder.join(link.strip_prefix("gitdir:")?.trim()))
}

/// A branch among those that git has put together in one file.
fn packed(git: &Path, name: &str) -> Option<String> {
    let text = fs::read_to_string(git.join("packed-refs")).ok()?;
    let named = |line: &&str| line.split_once(' ').is_some_and(|(_, branch)| branch == name);
    text.lines().find(named).and_then(|line| hash(line.split(' ').next()?))
}

/// A commit's number in full.
fn hash(text: &str) -> Option<String> {
    let text = text.trim();
    let is_one = [40, 64].contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_one.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: &str = "3f2c0123456789abcdef0123456789abcdef0123";

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    #[test]
    fn the_commit_is_found_loose_packed_detached_and_from_below() {
        let folder = tempfile::tempdir().expect("a folder");
        let (below, git) = (folder.path().join("jobs/etl"), folder.path().join(".git"));
        fs::create_dir_all(&below).expect("made");
        write(&git.join("HEAD"), "ref: refs/heads/main\n");
        assert_eq!(commit(&below), None, "a branch without a commit");
        write(&git.join("packed-refs"), &format!("# pack-refs\n{NUMBER} refs/heads/main\n"));
        assert_eq!(commit(&below).as_deref(), Some(NUMBER));
        let newer = NUMBER.replace('3', "4");
        write(&git.join("refs/heads/main"), &format!("{newer}\n"));
        assert_eq!(commit(folder.path()), Some(newer));
        write(&git.join("HEAD"), NUMBER);
        assert_eq!(commit(folder.path()).as_deref(), Some(NUMBER));
    }

    #[test]
    fn a_work_tree_has_a_head_of_its_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let (tree, own) = (folder.path().join("tree"), folder.path().join("main/.git/worktrees/tree"));
        write(&tree.join(".git"), &format!("gitdir: {}\n", own.display()));
        write(&own.join("HEAD"), "ref: refs/heads/side\n");
        write(&own.join("commondir"), "../..\n");
        write(&folder.path().join("main/.git/refs/heads/side"), NUMBER);
        assert_eq!(commit(&tree).as_deref(), Some(NUMBER));
    }

    #[test]
    fn what_is_no_commit_is_none() {
        assert_eq!(hash("ref: refs/heads/main"), None);
        assert_eq!(hash(&"g".repeat(40)), None);
        assert_eq!(hash(&format!(" {NUMBER}\n")).as_deref(), Some(NUMBER));
    }
}
