//! What happened to the units of a folder: one JSON object per line.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Of a long journal only the last bytes are read: units of long ago say little.
const READ_BYTES: u64 = 4 << 20;

/// The event of a unit that has ended.
pub(super) const END: &str = "end";

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Event {
    /// `wait`, `start`, `end` or `retry`.
    pub(super) event: String,
    /// When, in RFC 3339.
    pub(super) at: String,
    /// The process of memtool that holds the unit.
    pub(super) pid: u32,
    pub(super) command: String,
    pub(super) group: String,
    pub(super) attempt: u32,
    /// What was foreseen of the unit, in MiB.
    pub(super) expected_mb: f64,
    pub(super) upper_mb: f64,
    /// Units that run, this one included where it starts.
    pub(super) running: usize,
    /// What they pass together with the stated risk only, in MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) together_mb: Option<f64>,
    pub(super) limit_mb: f64,
    /// Why it waits, or how it was foreseen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) peak_mb: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) seconds: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) exit_code: Option<i32>,
    /// Whether memory ended it, or may have.
    #[serde(default)]
    pub(super) killed: bool,
}

/// The journal of a folder.
#[derive(Debug, Clone)]
pub(super) struct Journal(PathBuf);

impl Journal {
    pub(super) fn of(folder: &Path) -> Self {
        Self(folder.join("journal.ndjson"))
    }

    /// Adds a line: in one write, so that lines of several processes do not mix.
    pub(super) fn add(&self, event: &Event) -> io::Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        OpenOptions::new().create(true).append(true).open(&self.0)?.write_all(&line)
    }

    /// Its length in bytes, by which its growth is seen; 0 before the first line.
    pub(super) fn length(&self) -> u64 {
        std::fs::metadata(&self.0).map_or(0, |about| about.len())
    }

    /// The last events; a line that is torn or of another version is left out.
    pub(super) fn read(&self) -> io::Result<Vec<Event>> {
        let mut file = match File::open(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            opened => opened?,
        };
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(READ_BYTES)))?;
        let mut bytes = Vec::new();
        file.take(READ_BYTES).read_to_end(&mut bytes)?;
        Ok(bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
    }
}
