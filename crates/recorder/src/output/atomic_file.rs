//! Writes files that others may read at any moment.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::stream::size_limit;

/// Replaces a file in one step, so that no reader finds half of it.
///
/// The text goes to a file beside it that is created exclusively: a link that stands under its
/// name is removed, not followed, and so is what an earlier process of this id left behind.
///
/// # Errors
/// If the folder or the file cannot be written; the file is then as it was.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    if text.len() as u64 > size_limit::room(0) {
        return Err(size_limit::exceeded());
    }
    let mut beside = OsString::from(path);
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = Path::new(&beside);
    let written = write_new(beside, text).and_then(|()| fs::rename(beside, path));
    if written.is_err() {
        // Best effort: what counts is the first error.
        let _ = fs::remove_file(beside);
    }
    written
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_planted_link_is_not_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, target) = (folder.path().join("job.prom"), folder.path().join("precious"));
        fs::write(&target, "precious").expect("written");
        let beside = folder.path().join(format!("job.prom.{}.tmp", std::process::id()));
        std::os::unix::fs::symlink(&target, &beside).expect("a link");
        replace(&path, "text").expect("replaced");
        assert_eq!(fs::read_to_string(&target).expect("there"), "precious");
        assert_eq!(fs::read_to_string(&path).expect("there"), "text");
        assert!(!path.is_symlink() && fs::symlink_metadata(&beside).is_err());
    }

    #[test]
    fn a_file_left_by_an_earlier_process_of_the_same_id_is_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("job.prom");
        fs::write(folder.path().join(format!("job.prom.{}.tmp", std::process::id())), "half")
            .expect("written");
        replace(&path, "text").expect("replaced");
        assert_eq!(fs::read_dir(folder.path()).expect("there").count(), 1);
    }
}
