//! Starting a recorder from its settings.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use memtool_profile_model::metrics::RunLabels;
use memtool_profile_model::stream::current::{Header, VERSION};
use memtool_profile_model::{Host, Mib, Process, Violation};

use crate::builder::Builder;
use crate::clock::SystemClock;
use crate::engine::events;
use crate::engine::sampler::Sampler;
use crate::engine::shared::{Shared, Subject};
use crate::engine::state::State;
use crate::fixed_size::{BATCH_SIZE_VARIABLE, with_fixed_size};
use crate::limits::{HostFacts, JobLimits, Limit, LimitSource, Peers, find_limit};
use crate::peak::{OpenBatches, OwnPeaks, PeakCounter, TreePeaks};
use crate::probe::{Probe, ProbeOptions, RetryingProbe, system_probe};
use crate::program::program_name;
use crate::recorder::Recorder;
use crate::stream::{Destination, Opened, StreamWriter, WriteQueue};

/// Why a recorder could not be started.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// Settings that contradict each other or are out of range.
    Config(Vec<Violation>),
    /// The environment's batch size is none.
    BatchSize(String),
    /// The memory of the process cannot be read.
    Probe(std::io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(violations) => {
                write!(f, "the settings are not valid")?;
                violations.iter().try_for_each(|violation| write!(f, "; {violation}"))
            }
            Self::BatchSize(error) => write!(f, "{error}"),
            Self::Probe(error) => write!(f, "memory cannot be read: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

impl Builder {
    /// Begins to record.
    ///
    /// A stream that cannot be created (a full disk, a folder without write permission) does not
    /// stop the job: it is reported through `tracing`, and [`Recorder::stream_path`] is `None`.
    ///
    /// # Errors
    /// If the settings or the batch size of the environment ([`BATCH_SIZE_VARIABLE`]) are not valid, or the memory of the watched process cannot be read.
    pub fn start(mut self) -> Result<Recorder, StartError> {
        if self.watched.is_none() {
            let value = std::env::var(BATCH_SIZE_VARIABLE).ok();
            self.config = with_fixed_size(self.config, value.as_deref()).map_err(StartError::BatchSize)?;
        }
        self.check()?;
        if !self.config.enabled {
            return Ok(Recorder::idle(self.config));
        }
        let facts = self.watched.map_or_else(HostFacts::of_self, HostFacts::of_pid);
        let found = self.find_limits(&facts);
        let peaks = self.open_peaks();
        let peers = if self.records_this_process() { Peers::of_self() } else { None };
        let probe = self.open_probe(found.measured)?;
        let clock = self.clock.take().unwrap_or_else(|| Arc::new(SystemClock::start()));
        let started = clock.wall();
        let header = self.header(&facts, found.binding(), started);
        let labels = RunLabels::new(&header.run_id, &header.process, &header.host);
        let opened = self.open_stream(header, started);
        let (peaks, inexact) = match peaks {
            Some(Ok(peaks)) => (Some(peaks), None),
            Some(Err(reason)) => (None, Some(reason)),
            None => (None, None),
        };
        let queue = Arc::new(WriteQueue::default());
        let state = State::new(
            self.config.clone(),
            self.start_level,
            Sampler::new(probe, self.watched.is_some()),
            OpenBatches::new(peaks),
            found.for_job(peers),
            StreamWriter::new(Arc::clone(&queue), self.size_cap),
        );
        let (sink, stream) = match opened {
            Ok(Opened { sink, path }) => (sink, Ok(path)),
            Err(error) => (None, Err(error.to_string())),
        };
        let subject = Subject {
            pid: self.watched.unwrap_or_else(std::process::id),
            labels,
            awaits_end: self.awaits_end,
        };
        let shared = Arc::new(Shared::new(state, queue, clock, sink, subject));
        if self.initial_sample {
            shared.sample(None);
        }
        if let Some(reason) = inexact {
            shared.note(&format!("batch peaks are those of samples: {reason}"));
        }
        shared.flush();
        let recorder = Recorder::new(shared, self.config, stream, self.metrics_file);
        if self.background {
            recorder.resume();
        }
        Ok(recorder)
    }

    fn check(&self) -> Result<(), StartError> {
        let violations = if self.any_order { self.config.unusable() } else { self.config.validate(None) };
        if violations.is_empty() { Ok(()) } else { Err(StartError::Config(violations)) }
    }

    fn find_limits(&self, facts: &HostFacts) -> FoundLimits {
        let measured = find_limit(self.memory_limit, facts);
        let is_least = |limit: &Mib| measured.is_none_or(|measured| *limit < measured.limit);
        FoundLimits { measured, planned: self.planning_limit.filter(is_least) }
    }

    /// The counter of exact peaks, or the reason why there is none; `None` where there cannot be
    /// one, because another process is watched or the probe is the caller's own.
    fn open_peaks(&self) -> Option<Result<Box<dyn PeakCounter>, String>> {
        let open = || match self.exact_peaks {
            true => exact_peaks(self.include_children),
            false => Err("exact peaks are switched off".to_owned()),
        };
        self.records_this_process().then(open)
    }

    fn open_probe(&mut self, limit: Option<Limit>) -> Result<Box<dyn Probe>, StartError> {
        if let Some(probe) = self.probe.take() {
            return Ok(probe);
        }
        let Self { watched: pid, include_children, .. } = *self;
        let pss = self.pss.unwrap_or(include_children);
        let options = ProbeOptions { pid, include_children, pss, limit };
        match system_probe(options) {
            // The job goes on without samples until its memory can be read.
            Err(error) if pid.is_none() => {
                events::no_probe(&error);
                Ok(Box::new(RetryingProbe::new(options)))
            }
            // It has ended already: what is known of it is its end.
            Err(error) if self.awaits_end && error.kind() == io::ErrorKind::NotFound => {
                Ok(Box::new(RetryingProbe::new(options)))
            }
            opened => opened.map_err(StartError::Probe),
        }
    }

    const fn records_this_process(&self) -> bool {
        self.probe.is_none() && self.watched.is_none()
    }

    /// The stream's first line.
    fn header(&mut self, facts: &HostFacts, limit: Option<Limit>, started: Timestamp) -> Header {
        let process = Process {
            pid: self.watched.unwrap_or_else(std::process::id),
            command: self.command.take().or_else(|| command(self.watched)),
            job: self.job.clone(),
            ..self.identity.of_process(working_folder(self.watched).as_deref())
        };
        Header {
            version: VERSION,
            run_id: format!("{}-{}-{:09}", stamp(started), process.pid, started.subsec_nanosecond()),
            started: started.to_string(),
            host: Host { name: self.identity.machine_label(), ..facts.describe(limit) },
            process,
            config: self.config.clone(),
            origin: None,
        }
    }

    /// Creates the stream; a failure is reported here too.
    fn open_stream(&mut self, header: Header, started: Timestamp) -> io::Result<Opened> {
        mem::replace(&mut self.destination, Destination::Nowhere)
            .open(header, &stamp(started))
            .inspect_err(events::no_stream)
    }
}

/// A run's start, as names of runs and files have it.
fn stamp(started: Timestamp) -> String {
    started.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// The limits of the job.
struct FoundLimits {
    /// The least of what machine, container and `memory_limit` allow; available memory keeps to it.
    measured: Option<Limit>,
    /// The planning limit, where it is less than that.
    planned: Option<Mib>,
}

impl FoundLimits {
    /// The least of all.
    fn binding(&self) -> Option<Limit> {
        let planned = self.planned.map(|limit| Limit { limit, source: LimitSource::Config });
        planned.or(self.measured)
    }

    fn for_job(&self, peers: Option<Peers>) -> JobLimits {
        JobLimits { limit: self.binding().map(|limit| limit.limit), planned: self.planned, peers }
    }
}

/// The high-water marks of this process, and of its children if they count; or why there are none.
fn exact_peaks(include_children: bool) -> Result<Box<dyn PeakCounter>, String> {
    let own = Box::new(OwnPeaks::claim()?);
    if !include_children {
        return Ok(own);
    }
    let tree = TreePeaks::new(own, Path::new("/proc"), std::process::id());
    tree.map(|tree| Box::new(tree) as Box<dyn PeakCounter>).map_err(|error| error.to_string())
}

/// What the process is called, without its arguments: they may hold secrets.
fn command(watched: Option<u32>) -> Option<String> {
    match watched {
        Some(pid) => program_name(&command_line(pid)).or_else(|| {
            let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
            Some(name.trim_end().to_owned())
        }),
        None => program_name(&std::env::args_os().collect::<Vec<_>>()),
    }
}

/// The folder that a process works in; `None` where it cannot be read.
fn working_folder(watched: Option<u32>) -> Option<PathBuf> {
    match watched {
        Some(pid) => std::fs::read_link(format!("/proc/{pid}/cwd")).ok(),
        None => std::env::current_dir().ok(),
    }
}

/// The words that a process was started with; empty where they cannot be read.
fn command_line(pid: u32) -> Vec<OsString> {
    let text = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words = text.split(|byte| *byte == 0).filter(|word| !word.is_empty());
    words.map(|word| String::from_utf8_lossy(word).into_owned().into()).collect()
}
