//! What the handle, its batches and the background thread share.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use memtool_profile_model::{AdaptiveConfig, Mib, Offset, Recommendation};

use crate::clock::Clock;
use crate::cpu_time::cpu_seconds;
use crate::events;
use crate::guarded::{Callbacks, Outcome};
use crate::history::MemorySnapshot;
use crate::look::{Look, Todo};
use crate::outbox::Outbox;
use crate::recommend;
use crate::sink::Sink;
use crate::state::{Collected, Predicted, State};
use crate::statistics::Statistics;

/// How long a line may wait that shows nothing new: what a crash may cost.
pub(crate) const FLUSH_INTERVAL: Duration = Duration::from_secs(1);
/// How long a clean end waits for the writer.
const STOP_WAIT: Duration = Duration::from_secs(2);

pub(crate) struct Inner {
    /// The process that the recorder was started in: after a fork, the child's copy does nothing.
    pid: u32,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) callbacks: Callbacks,
    /// Nanoseconds between two looks.
    interval: AtomicI64,
    state: Mutex<State>,
    writer: Mutex<Writer>,
    size: AtomicU32,
    predictive: AtomicBool,
    collecting: AtomicBool,
    /// Collections that the host's runtime has counted; the largest number is none known.
    pub(crate) collections: Arc<AtomicU64>,
    /// When the policy last acted.
    looked: AtomicI64,
    /// Whether a thread of ours takes the looks and writes.
    threaded: AtomicBool,
}

/// The sink, and the buffer that goes back and forth.
struct Writer {
    sink: Option<Box<dyn Sink>>,
    lines: Vec<u8>,
    problems: u64,
}

impl Inner {
    pub(crate) fn new(
        state: State,
        outbox: Arc<Outbox>,
        clock: Arc<dyn Clock>,
        sink: Option<Box<dyn Sink>>,
    ) -> Self {
        let inner = Self {
            pid: std::process::id(),
            clock,
            outbox,
            callbacks: Callbacks::default(),
            interval: AtomicI64::new(0),
            size: AtomicU32::new(state.size),
            predictive: AtomicBool::new(false),
            collecting: AtomicBool::new(false),
            collections: Arc::new(AtomicU64::new(u64::MAX)),
            looked: AtomicI64::new(0),
            threaded: AtomicBool::new(false),
            writer: Mutex::new(Writer { sink, lines: Vec::new(), problems: 0 }),
            state: Mutex::new(state),
        };
        inner.take_over_settings(&inner.state().config);
        inner
    }

    /// Whether this is the copy of a forked child, whose locks may be held for ever.
    pub(crate) fn is_foreign(&self) -> bool {
        std::process::id() != self.pid
    }

    /// Makes room for a thread of ours; false if there is one.
    pub(crate) fn begin_thread(&self) -> bool {
        let begun = !self.threaded.swap(true, Ordering::AcqRel);
        if begun {
            self.outbox.reopen();
            self.looked.store(self.clock.now().nanos(), Ordering::Relaxed);
        }
        begun
    }

    /// Says that our thread is gone, to whoever waits for it and to whoever wants a new one.
    pub(crate) fn end_thread(&self) {
        self.outbox.set_stopped(|| self.threaded.store(false, Ordering::Release));
    }

    pub(crate) fn is_threaded(&self) -> bool {
        self.threaded.load(Ordering::Acquire)
    }

    pub(crate) const fn pid(&self) -> u32 {
        self.pid
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.unsettled();
        state.settle();
        state
    }

    /// The state as the last looks left it; see [`crate::quiet`].
    fn unsettled(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn interval(&self) -> Duration {
        Duration::from_nanos(self.interval.load(Ordering::Relaxed).unsigned_abs())
    }

    /// Now, as precise as a stream writes it.
    pub(crate) fn now(&self) -> Offset {
        self.clock.now().rounded_to_micros()
    }

    /// Whether the process that is looked at has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.unsettled().eye.has_ended()
    }

    /// Takes a look that the job asks for, and does what the policy asks for.
    pub(crate) fn look(&self, label: Option<&str>) -> Option<MemorySnapshot> {
        let todo = self.look_only(Look::Asked(label));
        if self.callbacks.are_due(&todo) {
            self.call(&todo);
        }
        self.deliver();
        todo.snapshot
    }

    /// Takes a look and tells of it; what the host's callbacks are to do is handed out.
    pub(crate) fn look_only(&self, look: Look<'_>) -> Todo {
        let mut state = self.unsettled();
        let counted = self.collections.load(Ordering::Relaxed);
        let todo = state.look(self.now(), look, (counted != u64::MAX).then_some(counted));
        self.size.store(state.size, Ordering::Relaxed);
        self.looked.store(self.clock.now().nanos(), Ordering::Relaxed);
        let failures = state.totals.probe_failures;
        drop(state);
        if todo.probe_failed {
            events::probe_failed(failures);
        }
        if let Some(every) = todo.thinned {
            events::thinned(every);
        }
        if let Some(snapshot) = &todo.snapshot {
            events::snapshot(snapshot);
            if let Some(change) = &todo.change {
                events::changed(change, snapshot.pressure_level);
            }
            if todo.became_critical {
                events::critical(snapshot);
            }
        }
        todo
    }

    /// Calls what the host gave to be called.
    pub(crate) fn call(&self, todo: &Todo) {
        let Some(snapshot) = &todo.snapshot else { return };
        if todo.collect {
            self.collect(snapshot.rss, snapshot.batch_size);
        }
        let mut failures = 0;
        if let Some(change) = &todo.change {
            failures += self.callbacks.call_listeners(change, snapshot);
        }
        if todo.became_critical {
            failures += self.callbacks.call_alerts(snapshot);
        }
        if todo.profiling {
            failures += self.callbacks.call_hooks(snapshot);
        }
        self.hooks_failed(failures);
    }

    /// Takes note of callbacks that were not called, the ones before still going on.
    pub(crate) fn calls_skipped(&self) {
        let mut state = self.state();
        state.totals.hook_failures += 1;
        let total = state.totals.hook_failures;
        if events::worth_saying(total) {
            let text =
                format!("callbacks of the host are slower than the interval: {total} failed or were skipped");
            state.journal.note(self.now(), &text);
        }
        drop(state);
        events::hook_slow(total);
    }

    /// Advice, what stood before among it.
    pub(crate) fn recommendations(&self) -> Vec<Recommendation> {
        let mut state = self.state();
        recommend::remember(&mut state, self.clock.wall());
        state.recommendations.clone()
    }

    pub(crate) fn statistics(&self) -> Statistics {
        let mut state = self.state();
        recommend::remember(&mut state, self.clock.wall());
        Statistics::of(&state)
    }

    /// A look that is neither acted on nor kept.
    pub(crate) fn peek(&self) -> Option<MemorySnapshot> {
        self.state().peek(self.now())
    }

    fn hooks_failed(&self, failures: u64) {
        if failures > 0 {
            let mut state = self.state();
            state.totals.hook_failures += failures;
            let total = state.totals.hook_failures;
            state.journal.note(self.now(), "a callback of the host panicked");
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
            Outcome::Done(objects) => {
                let seconds = self.clock.now().seconds() - began.seconds();
                let done = Collected { at: self.now(), seconds, objects, forced: true, batch_size };
                self.state().collected(Some(before), &done);
            }
            Outcome::Failed => self.hooks_failed(1),
            Outcome::Skipped => {}
        }
        self.collecting.store(false, Ordering::Release);
    }

    /// Enters a collection that the host's runtime made by itself.
    pub(crate) fn host_collected(&self, seconds: f64, objects: Option<u64>, total: Option<u64>) {
        if let Some(total) = total {
            self.collections.store(total, Ordering::Relaxed);
        }
        let mut state = self.state();
        let batch_size = state.size;
        let done = Collected { at: self.now(), seconds, objects, forced: false, batch_size };
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
            self.look(None);
        }
        self.size.load(Ordering::Relaxed)
    }

    /// The last size that was in force; takes no lock, so that a forked child may ask.
    pub(crate) fn last_size(&self) -> u32 {
        self.size.load(Ordering::Relaxed)
    }

    /// Whether the thread that takes the looks hangs, on a disk say: the policy must not.
    fn is_late(&self) -> bool {
        let since = self.clock.now().nanos() - self.looked.load(Ordering::Relaxed);
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

    pub(crate) fn end_batch(&self, id: u64) {
        let cpu = cpu_seconds();
        self.state().end_batch(id, self.now(), cpu);
        self.deliver();
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

    /// Sees to it that lines get written: by our thread, or here where there is none.
    fn deliver(&self) {
        if self.is_threaded() {
            // Our thread comes by at every look; where that is seldom, it is called.
            if self.interval() > FLUSH_INTERVAL { self.outbox.wake_for_any() } else { self.outbox.wake() }
        } else {
            self.flush();
        }
    }

    /// Writes what waits. Only a thread of ours comes here, or who asked for no thread.
    pub(crate) fn flush(&self) {
        drop(self.state());
        let mut writer = self.writer();
        let Writer { sink, lines, problems } = &mut *writer;
        let dropped = self.outbox.take(lines);
        let written = match sink {
            Some(sink) if !lines.is_empty() => sink.write(lines),
            _ => Default::default(),
        };
        *problems += u64::from(written.problem.is_some());
        let problems = *problems;
        drop(writer);
        if let Some(problem) = &written.problem {
            events::not_written(problems, problem);
        }
        if dropped + written.lost > 0 {
            self.state().totals.lost_records += dropped + written.lost;
        }
    }

    /// Writes the footer and what waits, and forces it to the disk.
    pub(crate) fn close(&self) {
        self.flush();
        self.state().footer(self.now());
        self.flush();
        let synced = self.writer().sink.as_mut().map_or(Ok(()), |sink| sink.sync());
        if let Err(error) = synced {
            events::not_written(1, &error);
        }
    }

    /// Ends the recording; answers whether everything was written in time.
    pub(crate) fn stop(&self) -> bool {
        if self.is_threaded() {
            return self.pause();
        }
        self.close();
        true
    }

    /// Ends our thread, which closes the stream; answers whether it did in time.
    pub(crate) fn pause(&self) -> bool {
        if !self.is_threaded() {
            return true;
        }
        self.outbox.stop();
        self.outbox.wait_stopped(STOP_WAIT)
    }

    pub(crate) fn reset_statistics(&self) {
        self.state().reset_statistics(self.now());
        self.deliver();
    }

    /// Notes something about the recording itself.
    pub(crate) fn note(&self, text: &str) {
        self.state().journal.note(self.now(), text);
        self.deliver();
    }

    pub(crate) fn peak(&self) -> Option<Mib> {
        self.state().totals.peak
    }
}
