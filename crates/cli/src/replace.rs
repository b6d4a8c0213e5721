//! Replaces a file of the user without losing an edit made meanwhile.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use anyhow::Context;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use tempfile::NamedTempFile;

/// Backups of one file that may stand beside it.
const MOST_BACKUPS: u32 = 10_000;

/// Puts `after` in the place of a file that still holds `before`, and keeps the old file as a
/// numbered backup beside it, whose path is returned.
///
/// The new file is exchanged with the old one in one step of the kernel, and only then is the old
/// one compared: an edit saved up to that moment is found, and put back. Owner and rights
/// are the old file's. A file with several names (hard links), or whose owner cannot be kept, is
/// written in place, so that it stays the same file.
///
/// # Errors
/// Where the file no longer holds `before`, or the folder or file cannot be written; the file is
/// then as it was.
pub(crate) fn replace(path: &Path, before: &[u8], after: &[u8]) -> anyhow::Result<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = || format!("cannot write {}", path.display());
    // Two at once would put each other's files back.
    let turn = File::open(folder).with_context(failed)?;
    turn.lock().with_context(failed)?;
    anyhow::ensure!(fs::read(path).with_context(failed)? == before, changed(path));
    match successor(folder, path, after).with_context(failed)? {
        Some(new) => exchange(path, new, before),
        None => rewrite(path, before, after),
    }
}

fn changed(path: &Path) -> String {
    format!("{} has changed since it was read: nothing was written; run the command again", path.display())
}

/// A file with the new text and the old one's owner and rights; `None` where the old file must
/// stay the same file.
fn successor(folder: &Path, path: &Path, after: &[u8]) -> io::Result<Option<NamedTempFile>> {
    let old = fs::metadata(path)?;
    let mut new = NamedTempFile::new_in(folder)?;
    let own = new.as_file().metadata()?;
    let is_same_owner = (own.uid(), own.gid()) == (old.uid(), old.gid());
    let kept = is_same_owner || fchown(new.as_file(), Some(old.uid()), Some(old.gid())).is_ok();
    if old.nlink() > 1 || !kept {
        return Ok(None);
    }
    new.write_all(after)?;
    // After the owner: a change of owner takes rights away.
    new.as_file().set_permissions(old.permissions())?;
    new.as_file().sync_all()?;
    Ok(Some(new))
}

/// Exchanges two files, and takes it back where the old one is not as it was.
fn exchange(path: &Path, new: NamedTempFile, before: &[u8]) -> anyhow::Result<PathBuf> {
    let failed = || format!("cannot write {}", path.display());
    match swap(new.path(), path) {
        Ok(()) => {}
        // Not every file system can: then the old file is linked, compared and replaced.
        Err(error) if [ErrorKind::InvalidInput, ErrorKind::Unsupported].contains(&error.kind()) => {
            let backup = numbered(path, |backup| fs::hard_link(path, backup)).with_context(failed)?;
            if fs::read(&backup).with_context(failed)? != before {
                fs::remove_file(&backup).with_context(failed)?;
                anyhow::bail!(changed(path));
            }
            new.persist(path).with_context(failed)?;
            return Ok(backup);
        }
        Err(error) => return Err(error).with_context(failed),
    }
    let same = fs::read(new.path()).is_ok_and(|old| old == before);
    let backup = if same { numbered(path, |backup| fs::hard_link(new.path(), backup)).ok() } else { None };
    if let Some(backup) = backup {
        return Ok(backup);
    }
    swap(new.path(), path).with_context(failed)?;
    anyhow::ensure!(same, changed(path));
    anyhow::bail!("cannot keep a backup beside {}: nothing was written", path.display())
}

fn swap(one: &Path, other: &Path) -> io::Result<()> {
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

/// Writes into the file itself; the backup is a copy.
fn rewrite(path: &Path, before: &[u8], after: &[u8]) -> anyhow::Result<PathBuf> {
    let failed = || format!("cannot write {}", path.display());
    let mut file = fs::OpenOptions::new().read(true).write(true).open(path).with_context(failed)?;
    let mode = file.metadata().with_context(failed)?.mode();
    let copied = |backup: &Path| -> io::Result<()> {
        let mut copy = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(backup)?;
        copy.write_all(before)?;
        copy.sync_all()
    };
    let backup = numbered(path, copied).with_context(failed)?;
    if fs::read(path).with_context(failed)? != before {
        fs::remove_file(&backup).with_context(failed)?;
        anyhow::bail!(changed(path));
    }
    file.set_len(0)
        .and_then(|()| file.write_all(after))
        .and_then(|()| file.sync_all())
        .with_context(failed)?;
    Ok(backup)
}

/// Makes the first backup whose name is free: one that is there is never overwritten.
fn numbered(path: &Path, make: impl Fn(&Path) -> io::Result<()>) -> io::Result<PathBuf> {
    for number in 1..MOST_BACKUPS {
        let mut name = path.as_os_str().to_owned();
        name.push(if number == 1 { ".bak".to_owned() } else { format!(".bak{number}") });
        let backup = PathBuf::from(name);
        match make(&backup) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            made => return made.map(|()| backup),
        }
    }
    Err(io::Error::new(ErrorKind::AlreadyExists, format!("there are {MOST_BACKUPS} backups of it")))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::thread;

    use super::*;

    fn place() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config.yaml");
        fs::write(&path, "old").expect("written");
        (folder, path)
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_old_file_becomes_a_numbered_backup_and_its_rights_stay() {
        let (folder, path) = place();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("set");
        replace(&path, b"old", b"new").expect("replaced");
        let second = replace(&path, b"new", b"newer").expect("replaced");
        assert!(second.ends_with("config.yaml.bak2"));
        assert_eq!(names(folder.path()), ["config.yaml", "config.yaml.bak", "config.yaml.bak2"]);
        assert_eq!(fs::read(&path).expect("there"), b"newer");
        assert_eq!(fs::read(folder.path().join("config.yaml.bak")).expect("there"), b"old");
        for name in names(folder.path()) {
            let mode = fs::metadata(folder.path().join(&name)).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o640, "{name}");
        }
    }

    #[test]
    fn an_edit_since_it_was_read_stays_and_nothing_else_is_left() {
        let (folder, path) = place();
        fs::write(&path, "somebody's edit").expect("written");
        let refused = replace(&path, b"old", b"new").expect_err("changed");
        assert!(refused.to_string().contains("has changed since it was read"), "{refused}");
        assert_eq!(names(folder.path()), ["config.yaml"]);
        assert_eq!(fs::read(&path).expect("there"), b"somebody's edit");
    }

    #[test]
    fn a_change_found_after_the_exchange_is_put_back() {
        let (folder, path) = place();
        let new = successor(folder.path(), &path, b"new").expect("written").expect("one name");
        fs::write(&path, "saved at the last moment").expect("written");
        exchange(&path, new, b"old").expect_err("changed");
        assert_eq!(names(folder.path()), ["config.yaml"]);
        assert_eq!(fs::read(&path).expect("there"), b"saved at the last moment");
    }

    #[test]
    fn of_several_at_once_one_wins_and_leaves_one_backup() {
        let (folder, path) = place();
        let done = thread::scope(|scope| {
            let each = |text: &'static str| {
                scope.spawn({
                    let path = &path;
                    move || replace(path, b"old", text.as_bytes()).is_ok()
                })
            };
            let all: Vec<_> = ["a", "b", "c", "d", "e", "f"].into_iter().map(each).collect();
            all.into_iter().map(|one| one.join().expect("no panic")).filter(|done| *done).count()
        });
        assert_eq!((done, names(folder.path()).len()), (1, 2));
    }

    #[test]
    fn edits_saved_meanwhile_are_never_lost() {
        for round in 0..200 {
            let (folder, path) = place();
            let edit = thread::spawn({
                let (path, beside) = (path.clone(), folder.path().join("editor"));
                move || {
                    fs::write(&beside, "edit").expect("written");
                    fs::rename(&beside, &path).expect("saved");
                }
            });
            let _either_way = replace(&path, b"old", b"new");
            edit.join().expect("no panic");
            let kept = names(folder.path())
                .iter()
                .any(|name| fs::read(folder.path().join(name)).is_ok_and(|text| text == b"edit"));
            assert!(kept, "round {round}: {:?}", names(folder.path()));
        }
    }

    #[test]
    fn a_file_with_two_names_stays_one_file() {
        let (folder, path) = place();
        let other = folder.path().join("other");
        fs::hard_link(&path, &other).expect("linked");
        replace(&path, b"old", b"new").expect("replaced");
        assert_eq!(fs::read(&other).expect("there"), b"new");
        assert_eq!(fs::read(folder.path().join("config.yaml.bak")).expect("there"), b"old");
    }
}
