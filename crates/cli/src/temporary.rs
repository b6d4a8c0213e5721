//! Files under a temporary name, which are removed if a signal ends this program.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use tempfile::NamedTempFile;

use crate::signals;

/// The temporary files that exist now.
static EXISTING: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
static LISTENING: Once = Once::new();

/// A file under a temporary name: it becomes the real one, or goes.
pub(crate) struct Temporary(Option<NamedTempFile>);

impl Temporary {
    /// A new file in a folder, with the rights of any new file.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub(crate) fn new_in(folder: &Path) -> io::Result<Self> {
        LISTENING.call_once(|| {
            // Without the handler a file may be left behind, which is no reason not to write it.
            let _ = signals::clean_up_at_end(remove_all);
        });
        let mut existing = existing();
        let file = fresh(folder)?;
        existing.insert(file.path().to_owned());
        Ok(Self(Some(file)))
    }

    /// The file.
    ///
    /// # Errors
    /// None while it has its temporary name.
    pub(crate) fn file(&mut self) -> io::Result<&mut fs::File> {
        self.0.as_mut().map(NamedTempFile::as_file_mut).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Renames the file to its real name; a file of that name is replaced.
    ///
    /// # Errors
    /// Where it cannot be renamed: it is gone then.
    pub(crate) fn persist(mut self, path: &Path) -> io::Result<()> {
        let Some(file) = self.0.take() else { return Ok(()) };
        let mut existing = existing();
        existing.remove(file.path());
        file.persist(path)?;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(file) = self.0.take() {
            existing().remove(file.path());
        }
    }
}

fn existing() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    EXISTING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes them all; none is made any more, since the list stays locked until the program has ended.
fn remove_all() {
    let existing = existing();
    for path in existing.iter() {
        let _ = fs::remove_file(path);
    }
    std::mem::forget(existing);
}

/// Temporary files are private by themselves, and results are not.
#[cfg(unix)]
fn fresh(folder: &Path) -> io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o666)).tempfile_in(folder)
}

#[cfg(not(unix))]
fn fresh(folder: &Path) -> io::Result<NamedTempFile> {
    NamedTempFile::new_in(folder)
}
