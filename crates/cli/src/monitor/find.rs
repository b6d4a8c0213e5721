//! Which stream of a folder is alive.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use memtool_profile_model::stream::{current::Record, parse_line};

/// A stream whose process is gone may still be closed within this time.
const CLOSING: Duration = Duration::from_secs(10);
/// The end of a stream that holds its last line; a header is longer, but is no footer.
const TAIL: u64 = 16 << 10;

/// What a folder holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// The newest stream that is still being written.
    pub(crate) live: Option<PathBuf>,
    /// Streams that were closed.
    pub(crate) closed: usize,
    /// Streams that were cut off: no footer, and their process is gone.
    pub(crate) cut_off: usize,
}

/// Finds the streams of a folder, not of those below it.
pub(crate) fn in_folder(folder: &Path) -> Found {
    let mut found = Found::default();
    let mut newest: Option<SystemTime> = None;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|ending| ending != "ndjson") {
            continue;
        }
        let Some(pid) = pid_of(&path) else { continue };
        let modified = entry.metadata().and_then(|metadata| metadata.modified()).ok();
        let silent = modified.and_then(|at| at.elapsed().ok()).unwrap_or_default();
        if is_closed(&path) {
            found.closed += 1;
        } else if silent > CLOSING && !is_running(pid) {
            found.cut_off += 1;
        } else if newest.is_none_or(|newest| modified.is_some_and(|at| at > newest)) {
            newest = modified;
            found.live = Some(path);
        }
    }
    found
}

/// The process that a stream's header names; `None` if it is no stream.
fn pid_of(path: &Path) -> Option<u32> {
    const LONGEST_HEADER: u64 = 64 << 10;
    let mut line = String::new();
    BufReader::new(File::open(path).ok()?.take(LONGEST_HEADER)).read_line(&mut line).ok()?;
    match parse_line(&line).ok()? {
        Record::Header(header) => Some(header.process.pid),
        _ => None,
    }
}

/// Whether the last line is a footer.
fn is_closed(path: &Path) -> bool {
    let tail = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        let mut tail = Vec::new();
        file.take(TAIL).read_to_end(&mut tail)?;
        Ok(tail)
    };
    let tail = tail().unwrap_or_default();
    let last = tail.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).rfind(|line| !line.is_empty());
    let record = last.and_then(|line| parse_line(std::str::from_utf8(line).ok()?).ok());
    matches!(record, Some(Record::Footer(_)))
}

/// Whether a process of this machine runs; a process of another user counts.
#[cfg(unix)]
pub(crate) fn is_running(pid: u32) -> bool {
    use rustix::process::{Pid, test_kill_process};
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return false };
    test_kill_process(pid) != Err(rustix::io::Errno::SRCH)
}

/// Not known there: a stream without a footer counts as alive.
#[cfg(not(unix))]
pub(crate) fn is_running(_: u32) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;

    use super::*;

    const FOOTER: &str = r#"{"type":"footer","t_ns":2,"counters":{}}"#;

    fn stream(folder: &Path, name: &str, pid: u32, rest: &str, seconds_ago: u64) -> PathBuf {
        let path = folder.join(name);
        let header = format!(
            r#"{{"type":"header","version":1,"run_id":"r","started":"2026-01-01T00:00:00Z","process":{{"pid":{pid}}},"config":{{}}}}"#
        );
        fs::write(&path, format!("{header}\n{rest}\n")).expect("written");
        let file = OpenOptions::new().append(true).open(&path).expect("there");
        file.set_modified(SystemTime::now() - Duration::from_secs(seconds_ago)).expect("set");
        path
    }

    #[test]
    fn the_newest_that_is_still_written_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let own = std::process::id();
        assert_eq!(in_folder(folder.path()), Found::default());
        let live = stream(folder.path(), "b.ndjson", own, r#"{"type":"snapshot","t_ns":1}"#, 60);
        stream(folder.path(), "a.ndjson", own, "", 3_600);
        stream(folder.path(), "closed.ndjson", own, FOOTER, 0);
        // No process has the largest number.
        stream(folder.path(), "killed.ndjson", i32::MAX as u32, "", 30);
        fs::write(folder.path().join("other.ndjson"), "{}\n").expect("written");
        fs::write(folder.path().join("notes.txt"), "x").expect("written");
        assert_eq!(in_folder(folder.path()), Found { live: Some(live), closed: 1, cut_off: 1 });
        let ending = stream(folder.path(), "ending.ndjson", i32::MAX as u32, "", 1);
        assert_eq!(in_folder(folder.path()).live, Some(ending));
    }
}
