//! The folder in which units meet.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::demand::Demand;
use super::journal::Journal;

/// Endings of a unit's two files: the lock that its owner holds, and its state.
const LOCK: &str = "lock";
const ENTRY: &str = "json";

/// What a unit says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) pid: u32,
    /// Whether it runs; else it waits.
    pub(super) running: bool,
    /// When it first asked, in nanoseconds since 1970: the order of those that wait.
    pub(super) asked_ns: i128,
    pub(super) demand: Demand,
}

impl Entry {
    /// Whether two entries are of one unit.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (self.pid, self.asked_ns) == (other.pid, other.asked_ns)
    }
}

/// The folder in which units meet.
#[derive(Debug, Clone)]
pub(crate) struct Registry {
    folder: PathBuf,
    pub(super) journal: Journal,
}

impl Registry {
    /// Opens the folder, or makes it for this user alone.
    ///
    /// # Errors
    /// If it cannot be made, or belongs to another user.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        let failed = || format!("cannot use the folder {}", folder.display());
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(failed)?;
        let owner = fs::metadata(folder).with_context(failed)?.uid();
        let own = rustix::process::geteuid().as_raw();
        anyhow::ensure!(owner == own, "{}: it belongs to user {owner}, and this is {own}", failed());
        let registry = Self { folder: folder.to_owned(), journal: Journal::of(folder) };
        drop(registry.turn().with_context(failed)?);
        Ok(registry)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The turn to read and decide: no other process starts a unit until it is dropped.
    pub(super) fn turn(&self) -> io::Result<File> {
        let turn =
            OpenOptions::new().create(true).truncate(false).write(true).open(self.folder.join("turn"))?;
        turn.lock()?;
        Ok(turn)
    }

    /// The units that are alive, oldest first; what dead ones left is removed. To be called in one's turn.
    pub(super) fn entries(&self) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for file in fs::read_dir(&self.folder)? {
            let path = file?.path();
            if path.extension().is_none_or(|ending| ending != LOCK) {
                continue;
            }
            if is_free(&path) {
                let _gone = fs::remove_file(path.with_extension(ENTRY));
                let _gone = fs::remove_file(&path);
            } else if let Ok(text) = fs::read(path.with_extension(ENTRY)) {
                entries.extend(serde_json::from_slice::<Entry>(&text).ok());
            }
        }
        entries.sort_by_key(|entry| (entry.asked_ns, entry.pid));
        Ok(entries)
    }

    /// The processes whose units run.
    pub(super) fn running(&self) -> io::Result<Vec<u32>> {
        let _turn = self.turn()?;
        Ok(self.entries()?.into_iter().filter(|entry| entry.running).map(|entry| entry.pid).collect())
    }

    /// A unit of this process, alive until it is dropped. To be called in one's turn.
    pub(super) fn enter(&self, entry: Entry) -> io::Result<Membership> {
        let path = self.folder.join(format!("{}-{}.{LOCK}", entry.pid, entry.asked_ns));
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
        lock.lock()?;
        let membership = Membership { path: path.with_extension(ENTRY), entry, _lock: lock };
        membership.write()?;
        Ok(membership)
    }
}

/// Whether a lock is free again.
fn is_free(path: &Path) -> bool {
    match File::open(path).map(|file| file.try_lock_shared()) {
        Ok(Err(TryLockError::WouldBlock)) => false,
        Ok(_) => true,
        Err(_) => false,
    }
}

/// The folder for all units of this user.
pub(crate) fn default_folder() -> PathBuf {
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home =
        || std::env::home_dir().filter(|home| home.is_absolute()).map(|home| home.join(".local/state"));
    match state.or_else(home) {
        Some(state) => state.join("memtool/slots"),
        None => std::env::temp_dir().join(format!("memtool-slots-{}", rustix::process::geteuid().as_raw())),
    }
}

/// A unit's place in the folder: its files go when it is dropped, and count as gone when this process dies.
#[derive(Debug)]
pub(super) struct Membership {
    path: PathBuf,
    pub(super) entry: Entry,
    _lock: File,
}

impl Membership {
    /// Writes the unit's state; a reader finds the old or the new text, never a part.
    pub(super) fn write(&self) -> io::Result<()> {
        let new = self.path.with_extension("new");
        fs::write(&new, serde_json::to_vec(&self.entry)?)?;
        fs::rename(&new, &self.path)
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        let _gone = fs::remove_file(&self.path);
        let _gone = fs::remove_file(self.path.with_extension(LOCK));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(pid: u32, asked_ns: i128) -> Entry {
        Entry { pid, running: true, asked_ns, demand: Demand::default() }
    }

    #[test]
    fn units_are_seen_in_order_and_gone_with_their_owner() {
        let folder = tempfile::tempdir().expect("a folder");
        let registry = Registry::open(folder.path()).expect("opened");
        let turn = registry.turn().expect("a turn");
        let late = registry.enter(entry(2, 9)).expect("entered");
        let early = registry.enter(entry(3, 4)).expect("entered");
        let pids = || registry.entries().expect("read").iter().map(|entry| entry.pid).collect::<Vec<_>>();
        assert_eq!(pids(), [3, 2]);
        drop(early);
        assert_eq!(pids(), [2]);
        drop((late, turn));
        fs::write(folder.path().join("77.lock"), "").expect("written");
        fs::write(folder.path().join("77.json"), serde_json::to_vec(&entry(77, 1)).expect("JSON"))
            .expect("written");
        assert_eq!(pids(), [0; 0], "its owner died without a word");
        assert!(!folder.path().join("77.json").exists());
    }
}
