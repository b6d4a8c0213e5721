//! State shared by the handle, its batches and the recorder's threads.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use memtool_profile_model::{AdaptiveConfig, Mib, Offset};

use super::batches::{Collection, Predicted};
use super::callbacks::{Callbacks, CollectOutcome};
use super::closing::ProcessEnd;
use super::events;
use super::sample::{Effects, SampleTrigger};
use super::state::State;
use crate::batch_memory::BatchMemory;
use crate::clock::Clock;
use crate::cpu_time::cpu_seconds;
use crate::live::Pacer;
use crate::procfs::libraries;
use crate::snapshot::MemorySnapshot;
use crate::stream::{Output, Sink, WriteQueue};

/// How long a line that shows nothing new may wait: what a crash may lose.
pub(crate) const FLUSH_INTERVAL: Duration = Duration::from_secs(1);
/// How long a clean end waits for the writer.
const STOP_WAIT: Duration = Duration::from_secs(2);

/// The process that is recorded.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) pid: u32,
    pub(crate) job: Option<String>,
    /// Whether its end is told by [`Shared::finish`], for which the stream stays open.
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
    interval: AtomicI64,
    state: Mutex<State>,
    output: Mutex<Output>,
    size: AtomicU32,
    predictive: AtomicBool,
    collecting: AtomicBool,
    /// Collections that the host's runtime has counted; the largest number is none known.
    pub(crate) collections: Arc<AtomicU64>,
    /// When the policy last acted.
    sampled: AtomicI64,
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
            collecting: AtomicBool::new(false),
            collections: Arc::new(AtomicU64::new(u64::MAX)),
            sampled: AtomicI64::new(0),
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
    fn raw_state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn output(&self) -> MutexGuard<'_, Output> {
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

    /// Runs the host's callbacks that are due.
    pub(crate) fn call(&self, effects: &Effects) {
        if effects.read_meters {
            self.read_meters_for_sample();
        }
        let Some(snapshot) = &effects.snapshot else { return };
        if effects.collect {
            self.collect(snapshot.rss, snapshot.batch_size);
        }
        let mut failures = 0;
        if let Some(change) = &effects.change {
            failures += self.callbacks.call_listeners(change, snapshot);
        }
        if effects.became_critical {
            failures += self.callbacks.call_alerts(snapshot);
        }
        if effects.profiling {
            failures += self.callbacks.call_hooks(snapshot);
        }
        self.hooks_failed(failures);
    }

    /// Counts callbacks that were skipped because earlier ones still run.
    pub(crate) fn calls_skipped(&self) {
        let mut state = self.state();
        state.totals.hook_failures += 1;
        let total = state.totals.hook_failures;
        if events::is_worth_reporting(total) {
            let text =
                format!("callbacks of the host are slower than the interval: {total} failed or were skipped");
            state.stream.note(self.now(), &text);
        }
        drop(state);
        events::hook_slow(total);
    }

    /// A sample that is neither acted on nor kept.
    pub(crate) fn peek(&self) -> Option<MemorySnapshot> {
        self.state().peek(self.now())
    }

    pub(crate) fn hooks_failed(&self, failures: u64) {
        if failures > 0 {
            let mut state = self.state();
            state.totals.hook_failures += failures;
            let total = state.totals.hook_failures;
            state.stream.note(self.now(), "a callback of the host panicked");
            drop(state);
            events::hook_failed(total);
        }
    }

    /// Runs the host's collector, unless it runs already.
    fn collect(&self, before: Mib, batch_size: u32) {
        if self.collecting.swap(true, Ordering::Acquire) {
            return;
        }
        let began = self.clock.now();
        match self.callbacks.collect() {
            CollectOutcome::Done(objects) => {
                let seconds = self.clock.now().seconds() - began.seconds();
                let done = Collection { at: self.now(), seconds, objects, forced: true, batch_size };
                self.state().collected(Some(before), &done);
            }
            CollectOutcome::Failed => self.hooks_failed(1),
            CollectOutcome::Skipped => {}
        }
        self.collecting.store(false, Ordering::Release);
    }

    /// Records a collection that the host's runtime made by itself.
    pub(crate) fn host_collected(&self, seconds: f64, objects: Option<u64>, total: Option<u64>) {
        if let Some(total) = total {
            self.collections.store(total, Ordering::Relaxed);
        }
        let mut state = self.state();
        let batch_size = state.size;
        let done = Collection { at: self.now(), seconds, objects, forced: false, batch_size };
        state.collected(None, &done);
        drop(state);
        self.deliver();
    }

    /// The size for the next batch.
    pub(crate) fn batch_size(&self, operation: Option<&str>) -> u32 {
        if self.predictive.load(Ordering::Relaxed) {
            return self.predicted_size(operation);
        }
        if self.is_late() {
            self.sample(None);
        }
        self.size.load(Ordering::Relaxed)
    }

    /// The last size that was in force; takes no lock, so that a forked child may ask.
    pub(crate) fn last_size(&self) -> u32 {
        self.size.load(Ordering::Relaxed)
    }

    /// Whether the sampling thread hangs (on a disk, say): the policy must not wait for it.
    fn is_late(&self) -> bool {
        let since = self.clock.now().nanos() - self.sampled.load(Ordering::Relaxed);
        self.is_threaded() && since > 3 * self.interval.load(Ordering::Relaxed) + 1_000_000_000
    }

    fn predicted_size(&self, operation: Option<&str>) -> u32 {
        let before = self.last_size();
        let mut chosen = self.predict(operation);
        if let Some(Predicted { sizing, rss }) = &chosen
            && sizing.collect_first
        {
            self.state().ask_collection(self.now(), *rss);
            self.collect(*rss, before);
            chosen = self.predict(operation).or(chosen);
        }
        if let Some(Predicted { sizing, .. }) = &chosen
            && sizing.size != before
        {
            events::predicted(before, sizing);
        }
        self.deliver();
        // Another thread may have asked for another operation since.
        chosen.map_or_else(|| self.last_size(), |chosen| chosen.sizing.size)
    }

    fn predict(&self, operation: Option<&str>) -> Option<Predicted> {
        let mut state = self.state();
        let operation = operation.map(Arc::from).or_else(|| state.operation.clone());
        let chosen = state.predict(self.now(), operation.as_ref());
        self.size.store(state.size, Ordering::Relaxed);
        chosen
    }

    pub(crate) fn begin_batch(&self, operation: Option<&str>, items: u64) -> u64 {
        let cpu = cpu_seconds();
        let mut state = self.state();
        let operation = operation.map(Arc::from).or_else(|| state.operation.clone());
        let id = state.begin_batch(self.now(), operation.as_ref(), items, cpu);
        drop(state);
        self.deliver();
        id
    }

    pub(crate) fn end_batch(&self, id: u64) -> Option<BatchMemory> {
        let cpu = cpu_seconds();
        let at = self.now();
        let live = self.live_at_batch_end();
        let memory = self.state().end_batch(id, at, cpu, live);
        self.deliver();
        memory
    }

    pub(crate) fn set_operation(&self, name: Option<&str>) {
        self.state().set_operation(self.now(), name);
        self.deliver();
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

    /// Has the lines written: by the sampling thread, or here where there is none.
    fn deliver(&self) {
        if self.is_threaded() {
            // The sampling thread writes after each sample; at long intervals it is woken.
            if self.interval() > FLUSH_INTERVAL { self.queue.wake_for_any() } else { self.queue.wake() }
        } else {
            self.flush();
        }
    }

    /// Writes the lines that wait; called by the sampling thread, or by the job where there is none.
    pub(crate) fn flush(&self) {
        drop(self.state());
        let flushed = self.output().flush(&self.queue, self.now());
        if let Some((problems, problem)) = &flushed.problem {
            events::not_written(*problems, problem);
        }
        self.raw_state().totals.lost_records = flushed.lost;
    }

    /// Writes all lines and the footer, and forces them to the disk.
    pub(crate) fn close(&self) {
        self.flush();
        self.state().footer(self.now());
        self.flush();
        if let Err(error) = self.output().sync() {
            events::not_written(1, &error);
        }
    }

    /// Takes how the watched process ended, and ends the recording.
    pub(crate) fn finish(&self, end: ProcessEnd) -> bool {
        self.state().end(end);
        self.stop()
    }

    pub(crate) fn add_cache(&self, name: &str, limit: Option<Mib>) {
        self.state().add_cache(self.now(), name, limit);
        self.deliver();
    }

    pub(crate) fn reserve(&self, room: Mib) {
        self.state().reserve(room);
    }

    /// Names libraries that are loaded and were not yet.
    pub(crate) fn note_libraries(&self) {
        let loaded = libraries::loaded(self.subject.pid);
        self.state().loaded(self.now(), &loaded);
    }

    /// Ends the recording; returns whether everything was written in time.
    pub(crate) fn stop(&self) -> bool {
        if self.is_threaded() {
            return self.pause();
        }
        self.close();
        true
    }

    /// Ends the sampling thread, which closes the stream; returns whether it did in time.
    pub(crate) fn pause(&self) -> bool {
        if !self.is_threaded() {
            return true;
        }
        self.queue.stop();
        self.queue.wait_stopped(STOP_WAIT)
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
