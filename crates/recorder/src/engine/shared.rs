//! State shared by the handle, its batches and the recorder's threads.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use memtool_profile_model::metrics::RunLabels;
use memtool_profile_model::{AdaptiveConfig, Mib, Offset};

use super::callbacks::Callbacks;
use super::events;
use super::sample::{Effects, SampleTrigger};
use super::state::State;
use crate::clock::Clock;
use crate::live::Pacer;
use crate::procfs::libraries;
use crate::snapshot::MemorySnapshot;
use crate::stream::{Output, Sink, WriteQueue};

/// The process that is recorded.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) pid: u32,
    pub(crate) labels: RunLabels,
    /// Whether [`Shared::finish`] gives its end, for which the stream stays open.
    pub(crate) awaits_end: bool,
}

/// When live bytes are read, for each occasion.
#[derive(Debug, Default)]
pub(crate) struct LivePacers {
    pub(crate) samples: Pacer,
    pub(crate) batch_ends: Pacer,
    pub(crate) meters: Pacer,
}

pub(crate) struct Shared {
    pub(crate) subject: Subject,
    /// The process that the recorder was started in: after a fork, the child's copy does nothing.
    pub(crate) pid: u32,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) queue: Arc<WriteQueue>,
    pub(crate) callbacks: Callbacks,
    /// Nanoseconds between two samples.
    pub(super) interval: AtomicI64,
    state: Mutex<State>,
    output: Mutex<Output>,
    pub(super) size: AtomicU32,
    pub(super) predictive: AtomicBool,
    /// Collections that the host's runtime has counted; the largest number is none known.
    pub(crate) collections: Arc<AtomicU64>,
    /// When the policy last acted.
    pub(super) sampled: AtomicI64,
    /// When lines were last written.
    pub(super) flushed: AtomicI64,
    /// Whether the sampling thread runs.
    threaded: AtomicBool,
    /// When live bytes are read: beside samples, at batch ends, and by the host's meters.
    pub(crate) live_pacers: LivePacers,
}

impl Shared {
    pub(crate) fn new(
        state: State,
        queue: Arc<WriteQueue>,
        clock: Arc<dyn Clock>,
        sink: Option<Box<dyn Sink>>,
        subject: Subject,
    ) -> Self {
        let shared = Self {
            subject,
            pid: std::process::id(),
            clock,
            queue,
            callbacks: Callbacks::default(),
            interval: AtomicI64::new(0),
            size: AtomicU32::new(state.size),
            predictive: AtomicBool::new(false),
            collections: Arc::new(AtomicU64::new(u64::MAX)),
            sampled: AtomicI64::new(0),
            flushed: AtomicI64::new(0),
            threaded: AtomicBool::new(false),
            live_pacers: LivePacers::default(),
            output: Mutex::new(Output::new(sink)),
            state: Mutex::new(state),
        };
        shared.take_over_settings(&shared.state().config);
        shared
    }

    /// Whether this is the copy of a forked child, whose locks may be held for ever.
    pub(crate) fn is_forked_copy(&self) -> bool {
        std::process::id() != self.pid
    }

    /// Marks the sampling thread as begun; false if one runs already.
    pub(crate) fn begin_thread(&self) -> bool {
        let begun = !self.threaded.swap(true, Ordering::AcqRel);
        if begun {
            self.queue.reopen();
            self.sampled.store(self.clock.now().nanos(), Ordering::Relaxed);
        }
        begun
    }

    /// Marks the sampling thread as ended, for `pause` and for `begin_thread`.
    pub(crate) fn end_thread(&self) {
        self.queue.set_stopped(|| self.threaded.store(false, Ordering::Release));
    }

    pub(crate) fn is_threaded(&self) -> bool {
        self.threaded.load(Ordering::Acquire)
    }

    pub(crate) const fn pid(&self) -> u32 {
        self.pid
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.raw_state();
        state.flush_deferred();
        state
    }

    /// The state without its deferred samples entered.
    pub(super) fn raw_state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn output(&self) -> MutexGuard<'_, Output> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn interval(&self) -> Duration {
        Duration::from_nanos(self.interval.load(Ordering::Relaxed).unsigned_abs())
    }

    /// Now, as precise as a stream writes it.
    pub(crate) fn now(&self) -> Offset {
        self.clock.now().rounded_to_micros()
    }

    /// Whether another process is sampled.
    pub(crate) fn is_outside(&self) -> bool {
        self.raw_state().sampler.is_outside()
    }

    /// Whether the process that is sampled has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.raw_state().sampler.has_ended()
    }

    /// Whether there is nothing left to record; a stream that awaits the end of its process stays open.
    pub(crate) fn is_over(&self) -> bool {
        self.has_ended() && !self.subject.awaits_end
    }

    /// Samples because the job asks, and does what the policy decides.
    pub(crate) fn sample(&self, label: Option<&str>) -> Option<MemorySnapshot> {
        let effects = self.sample_only(SampleTrigger::Requested(label));
        if self.callbacks.are_due(&effects) {
            self.call(&effects);
        }
        self.deliver();
        effects.snapshot
    }

    /// Samples and reports it through `tracing`; the host's callbacks are left to the caller.
    pub(crate) fn sample_only(&self, trigger: SampleTrigger<'_>) -> Effects {
        let heap = if matches!(trigger, SampleTrigger::Interval) { self.heap_when_due() } else { None };
        let mut state = self.raw_state();
        if let Some(heap) = heap {
            state.live.heap_used_mb = Some(heap.used);
            state.live.heap_free_mb = Some(heap.free);
        }
        let counted = self.collections.load(Ordering::Relaxed);
        let mut effects = state.sample(self.now(), trigger, (counted != u64::MAX).then_some(counted));
        self.size.store(state.size, Ordering::Relaxed);
        self.sampled.store(self.clock.now().nanos(), Ordering::Relaxed);
        let failures = state.totals.probe_failures;
        drop(state);
        let asks = matches!(trigger, SampleTrigger::Interval) && self.callbacks.has_meters();
        effects.read_meters = asks && self.live_pacers.meters.take(self.clock.now());
        if effects.probe_failed {
            events::probe_failed(failures);
        }
        if let Some(every) = effects.thinned {
            events::thinned(every);
        }
        if let Some(snapshot) = &effects.snapshot {
            events::snapshot(snapshot);
            if let Some(change) = &effects.change {
                events::changed(change, snapshot.pressure_level);
            }
            if effects.became_critical {
                events::critical(snapshot);
            }
        }
        effects
    }

    /// A sample that is neither acted on nor kept.
    pub(crate) fn peek(&self) -> Option<MemorySnapshot> {
        self.state().peek(self.now())
    }

    pub(crate) fn reconfigure(&self, config: AdaptiveConfig) {
        self.take_over_settings(&config);
        let mut state = self.state();
        state.reconfigure(self.now(), config);
        self.size.store(state.size, Ordering::Relaxed);
        drop(state);
        self.deliver();
    }

    fn take_over_settings(&self, config: &AdaptiveConfig) {
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        let nanos = (config.monitoring_interval_seconds * 1e9) as i64;
        self.interval.store(nanos.max(1_000_000), Ordering::Relaxed);
        self.predictive.store(config.predictive.enabled, Ordering::Relaxed);
    }

    pub(crate) fn add_cache(&self, name: &str, limit: Option<Mib>) {
        self.state().add_cache(self.now(), name, limit);
        self.deliver();
    }

    pub(crate) fn reserve(&self, room: Mib) {
        self.state().reserve(room);
    }

    /// The size of all mappings at the last sample.
    pub(crate) fn mapped(&self) -> Option<Mib> {
        self.raw_state().mapped
    }

    /// Names libraries that are loaded and were not yet.
    pub(crate) fn note_libraries(&self) {
        let loaded = libraries::loaded(self.subject.pid);
        self.state().loaded(self.now(), &loaded);
    }

    pub(crate) fn reset_statistics(&self) {
        self.state().reset_statistics(self.now());
        self.deliver();
    }

    /// Writes a note about the recording itself.
    pub(crate) fn note(&self, text: &str) {
        self.state().stream.note(self.now(), text);
        self.deliver();
    }

    pub(crate) fn peak(&self) -> Option<Mib> {
        self.state().totals.peak.largest
    }
}
