//! Setting up a recorder.

use std::path::PathBuf;
use std::sync::Arc;

use memtool_profile_model::{AdaptiveConfig, AvailableLimits, MemoryThresholds, Mib, OptimizationLevel};

use crate::clock::Clock;
use crate::identity::Identity;
use crate::probe::Probe;
use crate::recorder::Recorder;
use crate::stream::{Destination, Sink};

/// The default folder of streams.
const REPORTS: &str = "reports/memory";
/// The default size cap of a stream, in bytes: six weeks at one sample per second.
const SIZE_CAP: u64 = 512 << 20;

/// Settings of a recorder; [`Builder::start`] begins to record.
pub struct Builder {
    pub(crate) config: AdaptiveConfig,
    pub(crate) any_order: bool,
    pub(crate) job: Option<String>,
    pub(crate) identity: Identity,
    pub(crate) command: Option<String>,
    pub(crate) awaits_end: bool,
    pub(crate) exact_peaks: bool,
    pub(crate) watched: Option<u32>,
    pub(crate) include_children: bool,
    pub(crate) pss: Option<bool>,
    pub(crate) memory_limit: Option<Mib>,
    pub(crate) planning_limit: Option<Mib>,
    pub(crate) start_level: OptimizationLevel,
    pub(crate) initial_sample: bool,
    pub(crate) destination: Destination,
    pub(crate) size_cap: u64,
    pub(crate) metrics_file: Option<PathBuf>,
    pub(crate) background: bool,
    pub(crate) probe: Option<Box<dyn Probe>>,
    pub(crate) clock: Option<Arc<dyn Clock>>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            config: AdaptiveConfig::default(),
            any_order: false,
            job: None,
            identity: Identity::default(),
            command: None,
            awaits_end: false,
            exact_peaks: true,
            watched: None,
            include_children: false,
            pss: None,
            memory_limit: None,
            planning_limit: None,
            start_level: OptimizationLevel::default(),
            initial_sample: true,
            destination: Destination::Folder(PathBuf::from(REPORTS)),
            size_cap: SIZE_CAP,
            metrics_file: None,
            background: true,
            probe: None,
            clock: None,
        }
    }
}

impl Builder {
    /// The settings of the policy. With `enabled` off, [`Builder::start`] returns a recorder
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
    /// available-memory limits scaled down to it.
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

    /// Whether memory is sampled before [`Builder::start`] returns; if not, the batch size is that
    /// of the start level until the first sample.
    #[must_use]
    pub fn initial_sample(mut self, sample: bool) -> Self {
        self.initial_sample = sample;
        self
    }

    /// The job's name, by which its runs are grouped.
    #[must_use]
    pub fn job(mut self, name: impl Into<String>) -> Self {
        self.job = Some(name.into());
        self
    }

    /// The job's version, as its owner calls it; the variable `MEMTOOL_VERSION_LABEL` unless given.
    #[must_use]
    pub fn version_label(mut self, label: impl Into<String>) -> Self {
        self.identity.version = Some(label.into());
        self
    }

    /// What the machine is called; the variable `MEMTOOL_MACHINE` unless given. No name is looked up.
    #[must_use]
    pub fn machine(mut self, label: impl Into<String>) -> Self {
        self.identity.machine = Some(label.into());
        self
    }

    /// The container image that the job runs in; the variable `MEMTOOL_IMAGE` unless given.
    #[must_use]
    pub fn image(mut self, name: impl Into<String>) -> Self {
        self.identity.image = Some(name.into());
        self
    }

    /// A parameter of the run, such as its year or its input's size; only what is given here is recorded.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.identity.parameters.insert(name.into(), value.into());
        self
    }

    /// Watches another process instead of this one, until it ends ([`Recorder::has_ended`]).
    /// That process asks for no batch size, so that none is written.
    #[must_use]
    pub fn watch(mut self, pid: u32) -> Self {
        self.watched = Some(pid);
        self
    }

    /// The name of the program that is recorded; the process's own unless given.
    #[must_use]
    pub fn command(mut self, name: impl Into<String>) -> Self {
        self.command = Some(name.into());
        self
    }

    /// Keeps the stream open after the watched process has ended, until [`Recorder::finish`] gives
    /// how it ended.
    #[must_use]
    pub fn await_end(mut self) -> Self {
        self.awaits_end = true;
        self
    }

    /// Whether the kernel's high-water mark is reset for the exact peak of each batch. A reset also lowers
    /// what `time -v`, `getrusage` and others report of this process at its end; without it they report the
    /// peak of its life, and the peaks of batches are those of samples.
    #[must_use]
    pub fn exact_peaks(mut self, reset: bool) -> Self {
        self.exact_peaks = reset;
        self
    }

    /// Counts the memory of child processes too; the peak of a batch is then the sum of all their peaks,
    /// and where a child ended within it, that of samples.
    #[must_use]
    pub fn include_children(mut self, include: bool) -> Self {
        self.include_children = include;
        self
    }

    /// Whether proportional memory (PSS) is read: once per second at most, and for at most 1 % of the
    /// time. Unless given, it is where children are counted, since pages that processes share are in
    /// the resident size of each.
    #[must_use]
    pub fn pss(mut self, read: bool) -> Self {
        self.pss = Some(read);
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

    /// Whether the sampling thread is started. Until [`Recorder::resume`] starts it, memory is
    /// sampled only when the job asks, and lines are written by the thread that asks.
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

    /// Another clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }
}

impl Recorder {
    /// Begins to set up a recorder.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }
}
