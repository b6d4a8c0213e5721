//! The file that a recorder writes: append-only lines, header first.
//!
//! Only the sink is here so far; sampling and the live policy follow. Each record goes out as
//! one whole line in one write, so that after `kill -9` everything but a torn last line reads
//! back; only a power cut can lose lines that were written. The header is written before
//! [`StreamFile::create`] returns, and an existing file is never touched.

mod cgroup;
mod clock;
mod cpu_time;
mod high_water;
mod kept_file;
mod limit;
mod pressure_stall;
mod probe;
mod proc_text;

pub use cgroup::Cgroup;
pub use clock::{Clock, ClockJump, ClockWatch, FakeClock, SystemClock};
pub use cpu_time::cpu_seconds;
pub use high_water::{HighWater, PeakAccess};
pub use limit::{HostFacts, Limit, LimitSource, find_limit, host};
pub use pressure_stall::{PressureStall, PressureStallFile, memory_pressure};
pub use probe::{LinuxProbe, Probe, ProbeOptions, Reading, fake, system_probe};

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use memtool_profile_model::stream::current::{Header, Record};
use memtool_profile_model::stream::write_record;

/// A stream that is being written.
#[derive(Debug)]
pub struct StreamFile {
    file: File,
}

impl StreamFile {
    /// Begins a stream in a new file.
    ///
    /// # Errors
    /// If the file exists already or cannot be written.
    pub fn create(path: &Path, header: Header) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create_new(true).open(path)?;
        let mut stream = Self { file };
        stream.write(&Record::Header(header))?;
        Ok(stream)
    }

    /// Appends one record as one line.
    ///
    /// # Errors
    /// If the file cannot be written, as on a full disk: the caller counts the loss and goes on.
    pub fn write(&mut self, record: &Record) -> io::Result<()> {
        write_record(&mut self.file, record)
    }
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::stream::current::{SnapshotRecord, VERSION};
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
        }
    }

    #[test]
    fn what_was_written_reads_back_without_a_footer() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("memory_stream_test.ndjson");
        let mut stream = StreamFile::create(&path, header()).expect("created");
        let snapshot = SnapshotRecord {
            t_ns: Offset::START,
            rss_mb: Some(Mib::new(12.5)),
            vms_mb: None,
            percent: None,
            available_mb: None,
            pressure_level: None,
            gc_collections: None,
            batch_size: None,
            operation: None,
        };
        stream.write(&Record::Snapshot(snapshot)).expect("written");
        let run = read_stream(&std::fs::read_to_string(&path).expect("there")).expect("a run");
        assert_eq!(run.snapshots[0].rss, Some(Mib::new(12.5)));
        assert_eq!(run.warnings, [Warning::EndedWithoutClosing]);
    }

    #[test]
    fn an_existing_file_is_not_touched() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("memory_stream_test.ndjson");
        std::fs::write(&path, "precious").expect("written");
        assert!(StreamFile::create(&path, header()).is_err());
        assert_eq!(std::fs::read_to_string(&path).expect("there"), "precious");
    }
}
