//! Files that others read at any moment.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

/// Replaces a file in one step, so that no reader finds half of it.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut beside = OsString::from(path);
    beside.push(format!(".{}.tmp", std::process::id()));
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // Best effort: what counts is the first error.
        let _ = fs::remove_file(&beside);
    }
    written
}
