//! Following a stream while it grows.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Bytes that are read at once.
const BLOCK: usize = 256 << 10;
/// Bytes that one poll takes at most, so that a view stays alive over a huge stream.
const MOST_PER_POLL: usize = 16 << 20;
/// A line without an end is no line of a stream.
const LONGEST_LINE: usize = 4 << 20;

/// A stream that another process writes.
#[derive(Debug)]
pub(crate) struct Follower {
    path: PathBuf,
    file: File,
    position: u64,
    /// The beginning of a line whose end is not written yet.
    begun: Vec<u8>,
    grown: SystemTime,
}

/// What one poll found.
#[derive(Debug, Default)]
pub(crate) struct Polled {
    /// Whole lines, without their line feeds.
    pub(crate) lines: Vec<String>,
    /// There is more to be read at once.
    pub(crate) more: bool,
}

impl Follower {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let grown = file.metadata()?.modified().unwrap_or_else(|_| SystemTime::now());
        Ok(Self { path: path.to_owned(), file, position: 0, begun: Vec::new(), grown })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// How long ago the last line was written.
    pub(crate) fn silence(&self) -> Duration {
        self.grown.elapsed().unwrap_or_default()
    }

    /// Reads what was written since. A file that was cut or replaced is read from its start.
    pub(crate) fn poll(&mut self) -> io::Result<Polled> {
        let mut polled = Polled::default();
        let mut block = vec![0; BLOCK];
        let mut taken = 0;
        loop {
            let read = self.file.read(&mut block)?;
            if read == 0 {
                if !self.begun_anew()? {
                    break;
                }
                continue;
            }
            taken += read;
            self.position += read as u64;
            self.begun.extend_from_slice(&block[..read]);
            self.take_lines(&mut polled.lines);
            if taken >= MOST_PER_POLL {
                polled.more = true;
                break;
            }
        }
        if taken > 0
            && let Ok(modified) = self.file.metadata().and_then(|metadata| metadata.modified())
        {
            self.grown = modified;
        }
        Ok(polled)
    }

    fn take_lines(&mut self, lines: &mut Vec<String>) {
        if let Some(end) = self.begun.iter().rposition(|byte| *byte == b'\n') {
            let whole: Vec<u8> = self.begun.drain(..=end).collect();
            let texts = whole.split(|byte| *byte == b'\n').map(|line| line.trim_ascii());
            lines.extend(
                texts.filter(|line| !line.is_empty()).map(|l| String::from_utf8_lossy(l).into_owned()),
            );
        } else if self.begun.len() > LONGEST_LINE {
            self.begun = Vec::new();
        }
    }

    /// Turns to the start of a file that is shorter than what was read, or to the file that has
    /// taken its place.
    fn begun_anew(&mut self) -> io::Result<bool> {
        let own = self.file.metadata()?;
        if own.len() < self.position {
            self.file.seek(SeekFrom::Start(0))?;
        } else {
            let Ok(there) = std::fs::metadata(&self.path) else { return Ok(false) };
            if is_same_file(&own, &there) {
                return Ok(false);
            }
            self.file = File::open(&self.path)?;
        }
        self.position = 0;
        self.begun.clear();
        Ok(true)
    }
}

#[cfg(unix)]
fn is_same_file(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

/// An open file cannot be replaced there.
#[cfg(not(unix))]
fn is_same_file(_: &Metadata, _: &Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::io::Write;

    use super::*;

    fn append(path: &Path, text: &str) {
        let mut file = OpenOptions::new().append(true).create(true).open(path).expect("a file");
        file.write_all(text.as_bytes()).expect("written");
    }

    #[test]
    fn only_whole_lines_are_handed_out_as_they_come() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.ndjson");
        append(&path, "one\ntw");
        let mut follower = Follower::open(&path).expect("there");
        assert_eq!(follower.poll().expect("read").lines, ["one"]);
        assert_eq!(follower.poll().expect("read").lines, [""; 0]);
        append(&path, "o\n\nthree\n");
        assert_eq!(follower.poll().expect("read").lines, ["two", "three"]);
    }

    #[test]
    fn a_file_that_was_cut_or_replaced_is_read_from_its_start() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.ndjson");
        append(&path, "one\ntwo\n");
        let mut follower = Follower::open(&path).expect("there");
        assert_eq!(follower.poll().expect("read").lines.len(), 2);
        fs::write(&path, "new\n").expect("written");
        assert_eq!(follower.poll().expect("read").lines, ["new"]);
        fs::remove_file(&path).expect("removed");
        assert_eq!(follower.poll().expect("a removed file is no fault").lines, [""; 0]);
        append(&path, "another\nand more\n");
        assert_eq!(follower.poll().expect("read").lines, ["another", "and more"]);
    }

    #[test]
    fn a_line_without_an_end_does_not_fill_the_memory() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.ndjson");
        fs::write(&path, vec![b'x'; 2 * LONGEST_LINE + 10]).expect("written");
        let mut follower = Follower::open(&path).expect("there");
        assert_eq!(follower.poll().expect("read").lines, [""; 0]);
        assert!(follower.begun.len() < LONGEST_LINE);
    }
}
