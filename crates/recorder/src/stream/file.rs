//! The file that a recorder writes: append-only lines, header first.
//!
//! Lines go out in one write as soon as they are there, so that after `kill -9` everything
//! that was written reads back; only a power cut can lose more. An existing file is never
//! touched. A write that fails half-way leaves a torn line: the next one begins on a line of
//! its own. A file that was removed meanwhile is created again.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use memtool_profile_model::stream::append_line;
use memtool_profile_model::stream::current::{Header, Record};

use super::sink::{Sink, Written, count};
use super::size_limit;

/// How often the recorder checks that its file still exists.
const PRESENCE_CHECK: Duration = Duration::from_secs(1);

/// A stream that is being written.
#[derive(Debug)]
pub struct StreamFile {
    path: PathBuf,
    file: File,
    header: Vec<u8>,
    /// The file ends within a line.
    torn: bool,
    /// Its length in bytes.
    length: u64,
    /// Lines in the file, the header not counted.
    lines: u64,
    checked: Instant,
}

impl StreamFile {
    /// Begins a stream in a new file; missing folders are made.
    ///
    /// # Errors
    /// If the file exists already or cannot be written.
    pub fn create(path: &Path, header: Header) -> io::Result<Self> {
        let mut line = Vec::new();
        append_line(&mut line, &Record::Header(header))?;
        let file = begin(path, &line)?;
        let path = path.to_owned();
        let length = line.len() as u64;
        Ok(Self { path, file, header: line, torn: false, length, lines: 0, checked: Instant::now() })
    }

    /// Begins a stream in a folder, under a name that nothing else has.
    ///
    /// # Errors
    /// If the folder cannot be made or written.
    pub fn create_in(folder: &Path, stem: &str, header: &Header) -> io::Result<Self> {
        const TRIES: u32 = 1_000;
        for number in 1..=TRIES {
            let suffix = if number == 1 { String::new() } else { format!("_{number}") };
            let made = Self::create(&folder.join(format!("{stem}{suffix}.ndjson")), header.clone());
            match made {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                other => return other,
            }
        }
        Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{TRIES} streams are named {stem}")))
    }

    /// Whether the file was removed, as far as is known: it is checked once per second.
    fn was_removed(&mut self) -> bool {
        if self.checked.elapsed() < PRESENCE_CHECK {
            return false;
        }
        self.checked = Instant::now();
        is_removed(&self.file)
    }

    /// Creates the file again.
    fn revive(&mut self) -> io::Result<()> {
        self.file = begin(&self.path, &self.header)?;
        self.torn = false;
        self.length = self.header.len() as u64;
        Ok(())
    }

    /// Appends the whole lines that the limit on file sizes allows.
    fn append(&mut self, lines: &[u8]) -> Result<(), Written> {
        let room = usize::try_from(size_limit::room(self.length)).unwrap_or(usize::MAX);
        if lines.len() < room {
            return self.append_all(lines);
        }
        let fits =
            lines[..room.saturating_sub(1)].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        self.append_all(&lines[..fits])?;
        Err(Written::failed(&lines[fits..], size_limit::exceeded()))
    }

    fn append_all(&mut self, lines: &[u8]) -> Result<(), Written> {
        if self.torn {
            self.file.write_all(b"\n").map_err(|error| Written::failed(lines, error))?;
            self.torn = false;
            self.length += 1;
        }
        let mut rest = lines;
        while !rest.is_empty() {
            match self.file.write(rest) {
                Ok(0) => return Err(self.cut_off(lines, rest, io::ErrorKind::WriteZero.into())),
                Ok(written) => {
                    rest = &rest[written..];
                    self.length += written as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.cut_off(lines, rest, error)),
            }
        }
        self.lines += count(lines);
        Ok(())
    }

    fn cut_off(&mut self, lines: &[u8], rest: &[u8], error: io::Error) -> Written {
        let written = &lines[..lines.len() - rest.len()];
        self.torn = written.last().is_some_and(|byte| *byte != b'\n');
        self.lines += count(written);
        Written::failed(rest, error)
    }
}

impl Sink for StreamFile {
    fn write(&mut self, lines: &[u8]) -> Written {
        let was_removed = self.was_removed();
        // What was lost with the file is lost whether another one can be begun or not.
        let gone = if was_removed { std::mem::take(&mut self.lines) } else { 0 };
        let begun = if was_removed { self.revive() } else { Ok(()) };
        let mut written = match begun {
            Ok(()) => self.append(lines).err().unwrap_or_default(),
            Err(error) => Written::failed(lines, error),
        };
        if gone > 0 {
            written.removed = gone;
            let removed = || io::Error::new(io::ErrorKind::NotFound, "the stream was removed and begun anew");
            written.problem.get_or_insert_with(removed);
        }
        written
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn path(&self) -> Option<&Path> {
        Some(&self.path)
    }
}

fn begin(path: &Path, header: &[u8]) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    if (header.len() as u64) > size_limit::room(0) {
        return Err(size_limit::exceeded());
    }
    let mut file = OpenOptions::new().append(true).create_new(true).open(path)?;
    file.write_all(header).inspect_err(|_| {
        // A file without its header is no stream, and would be reported for ever; it stays where it cannot be removed either.
        let _ = fs::remove_file(path);
    })?;
    Ok(file)
}

#[cfg(unix)]
fn is_removed(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.metadata().is_ok_and(|metadata| metadata.nlink() == 0)
}

/// An open file cannot be removed there.
#[cfg(not(unix))]
fn is_removed(_: &File) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::stream::current::{Note, SnapshotRecord, VERSION};
    use memtool_profile_model::stream::read_stream;
    use memtool_profile_model::{AdaptiveConfig, Mib, Offset, Warning};

    use super::*;

    fn header() -> Header {
        Header {
            version: VERSION,
            run_id: "test".to_owned(),
            started: "2026-01-01T00:00:00Z".to_owned(),
            host: Default::default(),
            process: Default::default(),
            config: AdaptiveConfig::default(),
            origin: None,
        }
    }

    fn snapshot(rss: f64) -> Vec<u8> {
        let mut line = Vec::new();
        let rss_mb = Some(Mib::new(rss));
        let record = SnapshotRecord { t_ns: Offset::START, rss_mb, ..Default::default() };
        append_line(&mut line, &Record::Snapshot(record)).expect("plain figures");
        line
    }

    #[test]
    fn what_was_written_reads_back_without_a_footer() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("made/on/the/way/memory_stream_test.ndjson");
        let mut stream = StreamFile::create(&path, header()).expect("created");
        assert_eq!(stream.write(&snapshot(12.5)).lost, 0);
        let run = read_stream(&fs::read_to_string(&path).expect("there")).expect("a run");
        assert_eq!(run.snapshots[0].rss, Some(Mib::new(12.5)));
        assert_eq!(run.warnings, [Warning::EndedWithoutClosing]);
    }

    #[test]
    fn an_existing_file_is_not_touched() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("stem.ndjson");
        fs::write(&path, "precious").expect("written");
        assert!(StreamFile::create(&path, header()).is_err());
        let beside = StreamFile::create_in(folder.path(), "stem", &header()).expect("another name");
        assert_eq!(beside.path(), Some(folder.path().join("stem_2.ndjson").as_path()));
        assert_eq!(fs::read_to_string(&path).expect("there"), "precious");
    }

    #[test]
    fn a_line_after_a_torn_one_stands_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("stem.ndjson");
        let mut stream = StreamFile::create(&path, header()).expect("created");
        let (first, second) = (snapshot(1.0), snapshot(2.0));
        let both = [first.clone(), second].concat();
        stream.file.write_all(&both[..first.len() + 9]).expect("written");
        let written = stream.cut_off(&both, &both[first.len() + 9..], io::ErrorKind::StorageFull.into());
        assert_eq!(written.lost, 1);
        assert_eq!(stream.write(&snapshot(3.0)).lost, 0);
        let run = read_stream(&fs::read_to_string(&path).expect("there")).expect("a run");
        let seen: Vec<_> = run.snapshots.iter().filter_map(|s| s.rss).collect();
        assert_eq!(seen, [Mib::new(1.0), Mib::new(3.0)]);
    }

    #[cfg(unix)]
    #[test]
    fn a_removed_folder_is_made_again_and_the_loss_is_counted() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("reports/stem.ndjson");
        let mut stream = StreamFile::create(&path, header()).expect("created");
        stream.write(&snapshot(1.0));
        fs::remove_dir_all(folder.path().join("reports")).expect("removed");
        stream.checked = Instant::now().checked_sub(PRESENCE_CHECK).expect("up for a second");
        let written = stream.write(&snapshot(2.0));
        assert_eq!((written.lost, written.removed), (0, 1));
        assert!(written.problem.is_some());
        let run = read_stream(&fs::read_to_string(&path).expect("there")).expect("a run");
        assert_eq!(run.snapshots.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn what_was_lost_with_a_folder_is_counted_once_though_it_cannot_be_made_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let reports = folder.path().join("reports");
        let mut stream = StreamFile::create(&reports.join("stem.ndjson"), header()).expect("created");
        stream.write(&[snapshot(1.0), snapshot(2.0)].concat());
        fs::remove_dir_all(&reports).expect("removed");
        fs::write(&reports, "precious").expect("written");
        let mut write = || {
            stream.checked = Instant::now().checked_sub(PRESENCE_CHECK).expect("up for a second");
            let written = stream.write(&snapshot(3.0));
            (written.lost, written.removed, written.problem.is_some())
        };
        assert_eq!([write(), write()], [(1, 2, true), (1, 0, true)]);
        assert_eq!(fs::read_to_string(&reports).expect("there"), "precious");
    }

    /// Every write to it fails as on a full disk.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_counted() {
        let full = OpenOptions::new().append(true).open("/dev/full").expect("Linux has it");
        let folder = tempfile::tempdir().expect("a folder");
        let mut stream = StreamFile::create(&folder.path().join("stem.ndjson"), header()).expect("created");
        stream.file = full;
        let mut line = Vec::new();
        let note = Note { t_ns: Offset::START, text: "one".to_owned(), ..Note::default() };
        append_line(&mut line, &Record::Note(note)).expect("plain text");
        let written = stream.write(&[line.clone(), line].concat());
        assert_eq!(written.lost, 2);
        assert_eq!(written.problem.map(|e| e.kind()), Some(io::ErrorKind::StorageFull));
    }
}
