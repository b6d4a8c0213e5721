//! Setting up a recorder.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use memtool_profile_model::stream::append_line;
use memtool_profile_model::stream::current::{Header, Record, VERSION};
use memtool_profile_model::{
    AdaptiveConfig, AvailableLimits, MemoryThresholds, Mib, OptimizationLevel, Process, Violation,
};

use crate::clock::{Clock, SystemClock};
use crate::events;
use crate::eye::Eye;
use crate::family_peaks::FamilyPeaks;
use crate::inner::Inner;
use crate::journal::Journal;
use crate::limit::{HostFacts, Limit, LimitSource, Limits, find_limit};
use crate::open_batches::OpenBatches;
use crate::outbox::Outbox;
use crate::peak_counter::{OwnPeaks, PeakCounter};
use crate::probe::{Probe, ProbeOptions, system_probe};
use crate::recorder::Recorder;
use crate::sink::Sink;
use crate::state::State;
use crate::stream_file::StreamFile;

/// Where streams go unless told otherwise.
const REPORTS: &str = "reports/memory";
/// Bytes that a stream may have unless told otherwise: six weeks at a sample a second.
const SIZE_CAP: u64 = 512 << 20;

/// Why a recorder could not be started.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// Settings that nobody can run with.
    Config(Vec<Violation>),
    /// The process to be watched cannot be seen.
    Probe(std::io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(violations) => {
                write!(f, "the settings cannot stand")?;
                violations.iter().try_for_each(|violation| write!(f, "; {violation}"))
            }
            Self::Probe(error) => write!(f, "memory cannot be read: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

/// Settings of a recorder; [`Builder::start`] begins to record.
pub struct Builder {
    config: AdaptiveConfig,
    any_order: bool,
    job: Option<String>,
    watched: Option<u32>,
    include_children: bool,
    pss: bool,
    memory_limit: Option<Mib>,
    planning_limit: Option<Mib>,
    start_level: OptimizationLevel,
    first_look: bool,
    destination: Destination,
    size_cap: u64,
    metrics_file: Option<PathBuf>,
    background: bool,
    probe: Option<Box<dyn Probe>>,
    peaks: Option<Box<dyn PeakCounter>>,
    clock: Option<Arc<dyn Clock>>,
}

enum Destination {
    Folder(PathBuf),
    File(PathBuf),
    Sink(Box<dyn Sink>),
    Nowhere,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            config: AdaptiveConfig::default(),
            any_order: false,
            job: None,
            watched: None,
            include_children: false,
            pss: false,
            memory_limit: None,
            planning_limit: None,
            start_level: OptimizationLevel::default(),
            first_look: true,
            destination: Destination::Folder(PathBuf::from(REPORTS)),
            size_cap: SIZE_CAP,
            metrics_file: None,
            background: true,
            probe: None,
            peaks: None,
            clock: None,
        }
    }
}

impl Builder {
    /// The settings of the policy. With `enabled` off, [`Builder::start`] answers a recorder
    /// that does nothing.
    #[must_use]
    pub fn config(mut self, config: AdaptiveConfig) -> Self {
        self.config = config;
        self
    }

    /// Takes thresholds and batch sizes in any order, as the existing manager does; numbers
    /// that cannot be used are refused all the same.
    #[must_use]
    pub fn any_order(mut self) -> Self {
        self.any_order = true;
        self
    }

    /// The memory the job may use, where that is less than what machine and container allow.
    #[must_use]
    pub fn memory_limit(mut self, limit: Mib) -> Self {
        self.memory_limit = Some(limit);
        self
    }

    /// As [`Builder::memory_limit`], with thresholds at their usual shares of the limit and the
    /// floors on available memory scaled down to it.
    #[must_use]
    pub fn scaled_to(mut self, limit: Mib) -> Self {
        self.config.thresholds = MemoryThresholds::from_limit(limit);
        self.config.available_limits = AvailableLimits::scaled_to(limit);
        self.memory_limit(limit)
    }

    /// As [`Builder::memory_limit`], for predicted sizes and the header alone: available memory
    /// stays what machine and container leave, as the existing manager sees it.
    #[must_use]
    pub fn planning_limit(mut self, limit: Mib) -> Self {
        self.planning_limit = Some(limit);
        self
    }

    /// The level to begin with; medium unless given.
    #[must_use]
    pub fn start_level(mut self, level: OptimizationLevel) -> Self {
        self.start_level = level;
        self
    }

    /// Whether a look is taken before [`Builder::start`] returns; without one the size is that
    /// of the level to begin with until the job or the interval asks for a look.
    #[must_use]
    pub fn first_look(mut self, look: bool) -> Self {
        self.first_look = look;
        self
    }

    /// The job's name, by which its runs are grouped.
    #[must_use]
    pub fn job(mut self, name: impl Into<String>) -> Self {
        self.job = Some(name.into());
        self
    }

    /// Watches another process instead of this one, until it ends ([`Recorder::has_ended`]).
    /// That process asks for no batch size, so that none is written.
    #[must_use]
    pub fn watch(mut self, pid: u32) -> Self {
        self.watched = Some(pid);
        self
    }

    /// Counts the memory of child processes too; the peak of a batch is then the sum of all their peaks,
    /// and where a child ended within it, that of samples.
    #[must_use]
    pub fn include_children(mut self, include: bool) -> Self {
        self.include_children = include;
        self
    }

    /// Reads the proportional share too, at some 80 µs a sample.
    #[must_use]
    pub fn pss(mut self, read: bool) -> Self {
        self.pss = read;
        self
    }

    /// The folder for the stream; `reports/memory` unless given.
    #[must_use]
    pub fn reports_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.destination = Destination::Folder(folder.into());
        self
    }

    /// The file for the stream, which must not exist.
    #[must_use]
    pub fn stream_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.destination = Destination::File(file.into());
        self
    }

    /// Writes no stream.
    #[must_use]
    pub fn no_stream(mut self) -> Self {
        self.destination = Destination::Nowhere;
        self
    }

    /// Another place for the stream's lines, after the header's.
    #[must_use]
    pub fn sink(mut self, sink: Box<dyn Sink>) -> Self {
        self.destination = Destination::Sink(sink);
        self
    }

    /// Bytes that the stream stays below: the fuller it gets, the fewer records are kept, so
    /// that the whole run stays covered. 512 MiB unless given.
    #[must_use]
    pub fn size_cap(mut self, bytes: u64) -> Self {
        self.size_cap = bytes;
        self
    }

    /// A file that is kept fresh with [`Recorder::metrics`], for a textfile collector.
    #[must_use]
    pub fn metrics_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.metrics_file = Some(file.into());
        self
    }

    /// Whether a thread takes looks at the interval. Without one, until [`Recorder::resume`] starts
    /// it, memory is looked at only when the job asks, and lines are written by the thread that asks.
    #[must_use]
    pub fn background(mut self, background: bool) -> Self {
        self.background = background;
        self
    }

    /// Another way to read memory.
    #[must_use]
    pub fn probe(mut self, probe: Box<dyn Probe>) -> Self {
        self.probe = Some(probe);
        self
    }

    /// Another way to read peaks between samples; with a probe of your own there is none
    /// unless you give one.
    #[must_use]
    pub fn peak_counter(mut self, peaks: Box<dyn PeakCounter>) -> Self {
        self.peaks = Some(peaks);
        self
    }

    /// Another clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Begins to record.
    ///
    /// A stream that cannot be begun (a full disk, a folder that cannot be written) does not
    /// stop the job: it is told through `tracing`, and [`Recorder::stream_path`] is `None`.
    ///
    /// # Errors
    /// If the settings cannot stand, or the process to be watched cannot be seen.
    pub fn start(self) -> Result<Recorder, StartError> {
        let violations = if self.any_order { self.config.unusable() } else { self.config.validate(None) };
        if !violations.is_empty() {
            return Err(StartError::Config(violations));
        }
        if !self.config.enabled {
            return Ok(Recorder::idle(self.config));
        }
        let facts = self.watched.map_or_else(HostFacts::of_self, HostFacts::of_pid);
        let seen_limit = find_limit(self.memory_limit, &facts);
        let planned = self.planning_limit.filter(|limit| seen_limit.is_none_or(|seen| *limit < seen.limit));
        let limit = planned.map_or(seen_limit, |limit| Some(Limit { limit, source: LimitSource::Config }));
        let own = self.probe.is_none() && self.watched.is_none();
        let (peaks, inexact) = match self.peaks {
            Some(peaks) => (Some(peaks), None),
            None if own => match exact_peaks(self.include_children) {
                Ok(peaks) => (Some(peaks), None),
                Err(reason) => (None, Some(reason)),
            },
            None => (None, None),
        };
        let probe = match self.probe {
            Some(probe) => probe,
            None => {
                let options = ProbeOptions {
                    pid: self.watched,
                    include_children: self.include_children,
                    pss: self.pss,
                    limit: seen_limit,
                };
                system_probe(options).map_err(StartError::Probe)?
            }
        };
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock::start()));
        let process = Process {
            pid: self.watched.unwrap_or_else(std::process::id),
            command: command(self.watched),
            job: self.job,
            ..Process::default()
        };
        let started = clock.wall();
        let header = Header {
            version: VERSION,
            run_id: format!("{}-{}-{:09}", stamp(started), process.pid, started.subsec_nanosecond()),
            started: started.to_string(),
            host: facts.describe(limit),
            process,
            config: self.config.clone(),
        };
        let (sink, stream) = open(self.destination, header);
        let open = OpenBatches::new(peaks);
        let limit = limit.map(|limit| limit.limit);
        let eye = Eye::new(probe, self.watched.is_some());
        let outbox = Arc::new(Outbox::default());
        let journal = Journal::new(Arc::clone(&outbox), self.size_cap);
        let limits = Limits { limit, planned };
        let state = State::new(self.config.clone(), self.start_level, eye, open, limits, journal);
        let inner = Arc::new(Inner::new(state, outbox, clock, sink));
        if self.first_look {
            inner.look(None);
        }
        if let Some(reason) = inexact {
            inner.note(&format!("batch peaks are those of samples: {reason}"));
        }
        inner.flush();
        let recorder = Recorder::new(inner, self.config, stream, self.metrics_file);
        if self.background {
            recorder.resume();
        }
        Ok(recorder)
    }
}

/// The marks of this process, and of its children if they count; or why there are none.
fn exact_peaks(include_children: bool) -> Result<Box<dyn PeakCounter>, String> {
    let own = Box::new(OwnPeaks::claim()?);
    if !include_children {
        return Ok(own);
    }
    let family = FamilyPeaks::new(own, Path::new("/proc"), std::process::id());
    family.map(|family| Box::new(family) as Box<dyn PeakCounter>).map_err(|error| error.to_string())
}

fn open(destination: Destination, header: Header) -> (Option<Box<dyn Sink>>, Option<PathBuf>) {
    let file = match destination {
        Destination::Nowhere => return (None, None),
        Destination::Sink(mut sink) => {
            let mut line = Vec::new();
            if append_line(&mut line, &Record::Header(header)).is_ok() {
                sink.write(&line);
            }
            return (Some(sink), None);
        }
        Destination::File(path) => StreamFile::create(&path, header),
        Destination::Folder(folder) => {
            let started = header.started.parse().unwrap_or(Timestamp::UNIX_EPOCH);
            let stem = format!("memory_stream_{}_{}", stamp(started), header.process.pid);
            StreamFile::create_in(&folder, &stem, &header)
        }
    };
    match file {
        Ok(file) => {
            let path = file.path().map(Path::to_owned);
            (Some(Box::new(file)), path)
        }
        Err(error) => {
            events::no_stream(&error);
            (None, None)
        }
    }
}

/// A time as it stands in file names.
fn stamp(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// The program, without its arguments: they may hold secrets.
fn command(watched: Option<u32>) -> Option<String> {
    match watched {
        Some(pid) => {
            let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
            Some(name.trim_end().to_owned())
        }
        None => {
            let program = std::env::args_os().next()?;
            Some(Path::new(&program).file_name()?.to_string_lossy().into_owned())
        }
    }
}
