//! The handle that a job holds.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use memtool_profile_model::{AdaptiveConfig, Mib, OptimizationLevel, Recommendation};

use crate::background;
use crate::batch::Batch;
use crate::builder::Builder;
use crate::export::{self, ExportError};
use crate::guarded::{Collector, Hook, Listener};
use crate::history::MemorySnapshot;
use crate::inner::Inner;
use crate::look::SizeChange;
use crate::metrics;
use crate::statistics::Statistics;

/// Records the memory of a job and chooses its batch sizes.
///
/// Every method may be called from any thread. In a forked child the handle does nothing: the
/// parent goes on recording itself. Dropping the handle ends the recording.
pub struct Recorder {
    inner: Option<Arc<Inner>>,
    /// What a recorder that does nothing answers.
    idle: AdaptiveConfig,
    stream: Option<PathBuf>,
    metrics_file: Option<PathBuf>,
}

impl Recorder {
    /// Begins to set up a recorder.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// A recorder that does nothing: no thread, no file, the medium batch size.
    #[must_use]
    pub fn noop() -> Self {
        Self::idle(AdaptiveConfig::default())
    }

    pub(crate) const fn idle(config: AdaptiveConfig) -> Self {
        Self { inner: None, idle: config, stream: None, metrics_file: None }
    }

    pub(crate) fn new(
        inner: Arc<Inner>,
        config: AdaptiveConfig,
        stream: Option<PathBuf>,
        metrics_file: Option<PathBuf>,
    ) -> Self {
        Self { inner: Some(inner), idle: config, stream, metrics_file }
    }

    /// What is recorded to, if this process records at all.
    fn live(&self) -> Option<&Arc<Inner>> {
        self.inner.as_ref().filter(|inner| !inner.is_foreign())
    }

    /// The items that the next batch may have.
    ///
    /// Costs a few nanoseconds under the rules by level, and a fresh look at memory under
    /// predicted sizes.
    #[must_use]
    pub fn batch_size(&self) -> u32 {
        self.size_for(None)
    }

    /// As [`Recorder::batch_size`], for a batch of this operation.
    #[must_use]
    pub fn batch_size_for(&self, operation: &str) -> u32 {
        self.size_for(Some(operation))
    }

    fn size_for(&self, operation: Option<&str>) -> u32 {
        match (self.live(), &self.inner) {
            (Some(inner), _) => inner.batch_size(operation),
            (None, Some(inner)) => inner.last_size(),
            (None, None) => self.idle.batch_sizes.size(OptimizationLevel::default()),
        }
    }

    /// Begins a batch of an operation; it ends when the guard is dropped.
    pub fn batch(&self, operation: &str, items: u64) -> Batch {
        let recorded =
            self.live().map(|inner| (Arc::clone(inner), inner.begin_batch(Some(operation), items)));
        Batch::new(recorded, items)
    }

    /// Begins the next batch of an operation, as large as it may be: the straight way to work
    /// through `remaining` items.
    ///
    /// ```
    /// # let recorder = memtool_recorder::Recorder::noop();
    /// let mut left = 1_200;
    /// while left > 0 {
    ///     let batch = recorder.next_batch("hiring", left);
    ///     // … work on batch.items() items, and free what they needed …
    ///     left -= batch.items();
    /// }
    /// ```
    pub fn next_batch(&self, operation: &str, remaining: u64) -> Batch {
        let size = u64::from(self.batch_size_for(operation)).max(1);
        self.batch(operation, size.min(remaining))
    }

    /// Looks at memory now and acts on it; `None` if nothing could be seen.
    pub fn check(&self, operation: Option<&str>) -> Option<MemorySnapshot> {
        self.live()?.look(operation)
    }

    /// Looks at memory without acting on it or keeping it.
    pub fn peek(&self) -> Option<MemorySnapshot> {
        self.live()?.peek()
    }

    /// Names what the job does from here on.
    pub fn operation(&self, name: &str) {
        self.set_operation(Some(name));
    }

    /// As [`Recorder::operation`]; `None` is nothing in particular.
    pub fn set_operation(&self, name: Option<&str>) {
        if let Some(inner) = self.live() {
            inner.set_operation(name.filter(|name| !name.is_empty()));
        }
    }

    /// Says how much memory the job keeps on purpose by now: results it collects, tables it will
    /// need again. Batches that end from here on carry it, and `analyze` does not take it for a leak.
    pub fn retained(&self, kept: Mib) {
        if let Some(inner) = self.live().filter(|_| kept.get().is_finite() && kept.get() >= 0.0) {
            inner.state().retained = Some(kept.rounded());
        }
    }

    /// The level that the batch size goes by.
    #[must_use]
    pub fn optimization_level(&self) -> OptimizationLevel {
        self.live().map_or_else(OptimizationLevel::default, |inner| inner.state().level())
    }

    /// Calls `hook` with each snapshot while `profiling_enabled` is set. Callbacks for looks at
    /// the interval run in a thread of their own, so that a slow one holds up no look. A hook that panics is
    /// counted; what a hook asks of the recorder calls no further hooks.
    pub fn add_hook(&self, hook: impl Fn(&MemorySnapshot) + Send + Sync + 'static) {
        let hook: Hook = Arc::new(hook);
        if let Some(inner) = self.live() {
            inner.callbacks.add_hook(hook);
        }
    }

    /// Calls `alert` whenever memory becomes critical.
    pub fn on_critical(&self, alert: impl Fn(&MemorySnapshot) + Send + Sync + 'static) {
        let alert: Hook = Arc::new(alert);
        if let Some(inner) = self.live() {
            inner.callbacks.add_alert(alert);
        }
    }

    /// Calls `listener` whenever the level changes the batch size.
    pub fn on_size_change(&self, listener: impl Fn(&SizeChange, &MemorySnapshot) + Send + Sync + 'static) {
        let listener: Listener = Arc::new(listener);
        if let Some(inner) = self.live() {
            inner.callbacks.add_listener(listener);
        }
    }

    /// Gives the host's collector (an allocator trim, say); it answers how many objects it
    /// freed, if it knows. Without one, no collection is asked for.
    pub fn on_gc(&self, collector: impl Fn() -> Option<u64> + Send + Sync + 'static) {
        let collector: Collector = Arc::new(collector);
        if let Some(inner) = self.live() {
            inner.callbacks.set_collector(collector);
            inner.state().can_collect = true;
        }
    }

    /// Enters a collection that the host's runtime made by itself: how long it took, objects
    /// freed, and the runtime's own count of collections so far.
    pub fn host_collected(&self, seconds: f64, objects: Option<u64>, total: Option<u64>) {
        if let Some(inner) = self.live() {
            inner.host_collected(seconds, objects, total);
        }
    }

    /// Where the host may keep its runtime's count of collections, which samples then carry:
    /// cheap enough for every collection of a young generation. The largest number stands for
    /// unknown.
    #[must_use]
    pub fn collections_counter(&self) -> Arc<AtomicU64> {
        self.live().map_or_else(Arc::default, |inner| Arc::clone(&inner.collections))
    }

    /// Takes other settings from here on.
    pub fn reconfigure(&self, config: AdaptiveConfig) {
        if let Some(inner) = self.live() {
            inner.reconfigure(config);
        }
    }

    /// Counts what [`Recorder::statistics`] tells of the policy anew from here on.
    pub fn reset_statistics(&self) {
        if let Some(inner) = self.live() {
            inner.reset_statistics();
        }
    }

    /// Starts the thread that looks at the interval, where none runs; answers whether one does.
    pub fn resume(&self) -> bool {
        self.live().is_some_and(|inner| background::start(inner, self.metrics_file.clone()))
    }

    /// Ends that thread and closes the stream with a footer; what comes later goes behind it.
    /// Waits two seconds at most; answers whether all was written by then.
    pub fn pause(&self) -> bool {
        self.live().is_none_or(|inner| inner.pause())
    }

    /// Whether a thread looks at the interval.
    #[must_use]
    pub fn is_looking(&self) -> bool {
        self.live().is_some_and(|inner| inner.is_threaded())
    }

    /// The settings in force.
    #[must_use]
    pub fn config(&self) -> AdaptiveConfig {
        self.live().map_or_else(|| self.idle.clone(), |inner| inner.state().config.clone())
    }

    /// The figures of now and the totals so far; `None` in a recorder that does nothing.
    #[must_use]
    pub fn statistics(&self) -> Option<Statistics> {
        self.live().map(|inner| inner.statistics())
    }

    /// What to do, as far as the run can tell already, and what stood before: each kind once, with
    /// the time when it last stood.
    #[must_use]
    pub fn recommendations(&self) -> Vec<Recommendation> {
        self.live().map_or_else(Vec::new, |inner| inner.recommendations())
    }

    /// Writes the last snapshots as a file of their own: profile JSON, or a stream if the name
    /// ends in `.ndjson`. No reader ever finds half a file.
    ///
    /// # Errors
    /// If nothing was seen yet, or the file cannot be written.
    pub fn export_profile(&self, path: &Path) -> Result<(), ExportError> {
        let inner = self.live().ok_or(ExportError::NotRecording)?;
        export::write(inner, path)
    }

    /// The live figures in the text form that Prometheus reads.
    #[must_use]
    pub fn metrics(&self) -> String {
        self.live().map_or_else(String::new, |inner| metrics::text(inner))
    }

    /// The largest resident memory seen.
    #[must_use]
    pub fn peak(&self) -> Option<Mib> {
        self.live()?.peak()
    }

    /// Whether the process that is watched has ended; the recording is then closed by itself.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.live().is_some_and(|inner| inner.has_ended())
    }

    /// The file that is written; `None` if none could be begun.
    #[must_use]
    pub fn stream_path(&self) -> Option<&Path> {
        self.stream.as_deref()
    }

    /// Ends the recording: the footer is written and forced to the disk. Waits two seconds at
    /// most; answers whether all was written by then.
    pub fn stop(mut self) -> bool {
        self.end()
    }

    fn end(&mut self) -> bool {
        let inner = self.inner.take().filter(|inner| !inner.is_foreign());
        inner.is_none_or(|inner| inner.stop())
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.end();
    }
}
