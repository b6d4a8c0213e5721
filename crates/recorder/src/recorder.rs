//! The handle that a job holds.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use memtool_profile_model::metrics::MetricsForm;
use memtool_profile_model::{AdaptiveConfig, Mib, OptimizationLevel, Recommendation};

use crate::batch::Batch;
use crate::engine::callbacks::{BlockCounter, Collector, Hook, Listener, MeterFn};
use crate::engine::closing::{Closing, ProcessEnd};
use crate::engine::run_peak::RunPeak;
use crate::engine::sample::SizeChange;
use crate::engine::shared::Shared;
use crate::output::export::{self, ExportError};
use crate::output::statistics::Statistics;
use crate::output::{advice, metrics};
use crate::snapshot::MemorySnapshot;
use crate::threads::sampling;

/// Records the memory of a job and chooses its batch sizes.
///
/// Every method may be called from any thread. In a forked child the handle does nothing: the
/// parent goes on recording itself. Dropping the handle ends the recording.
pub struct Recorder {
    shared: Option<Arc<Shared>>,
    /// The settings of a recorder that does nothing.
    idle: AdaptiveConfig,
    /// The file that is written, or why there is none.
    stream: Result<Option<PathBuf>, String>,
    metrics_file: Option<PathBuf>,
}

impl Recorder {
    /// A recorder that does nothing: no thread, no file, the medium batch size.
    #[must_use]
    pub fn noop() -> Self {
        Self::idle(AdaptiveConfig::default())
    }

    pub(crate) const fn idle(config: AdaptiveConfig) -> Self {
        Self { shared: None, idle: config, stream: Ok(None), metrics_file: None }
    }

    pub(crate) fn new(
        shared: Arc<Shared>,
        config: AdaptiveConfig,
        stream: Result<Option<PathBuf>, String>,
        metrics_file: Option<PathBuf>,
    ) -> Self {
        Self { shared: Some(shared), idle: config, stream, metrics_file }
    }

    /// What is recorded to, if this process records at all.
    fn live(&self) -> Option<&Arc<Shared>> {
        self.shared.as_ref().filter(|shared| !shared.is_forked_copy())
    }

    /// The items that the next batch may have.
    ///
    /// Costs a few nanoseconds by level, and a fresh sample of memory with
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
        match (self.live(), &self.shared) {
            (Some(shared), _) => shared.batch_size(operation),
            (None, Some(shared)) => shared.last_size(),
            (None, None) => self.idle.batch_sizes.size(OptimizationLevel::default()),
        }
    }

    /// Begins a batch of an operation; it ends when the guard is dropped.
    pub fn batch(&self, operation: &str, items: u64) -> Batch {
        let recorded =
            self.live().map(|shared| (Arc::clone(shared), shared.begin_batch(Some(operation), items)));
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

    /// Samples memory now and lets the policy act on it; `None` if the sample failed.
    pub fn check(&self, operation: Option<&str>) -> Option<MemorySnapshot> {
        self.live()?.sample(operation)
    }

    /// Samples memory without acting on it or keeping it.
    pub fn peek(&self) -> Option<MemorySnapshot> {
        self.live()?.peek()
    }

    /// Names the job's operation from here on.
    pub fn operation(&self, name: &str) {
        self.set_operation(Some(name));
    }

    /// As [`Recorder::operation`]; `None` ends the current one.
    pub fn set_operation(&self, name: Option<&str>) {
        if let Some(shared) = self.live() {
            shared.set_operation(name.filter(|name| !name.is_empty()));
        }
    }

    /// Declares the memory that the job keeps intentionally by now: results it collects, tables it
    /// will need again. It is written to each later batch, and `analyze` subtracts it.
    pub fn retained(&self, kept: Mib) {
        if let Some(shared) = self.live().filter(|_| kept.get().is_finite() && kept.get() >= 0.0) {
            shared.state().retained = Some(kept.rounded());
        }
    }

    /// The level that determines the batch size.
    #[must_use]
    pub fn optimization_level(&self) -> OptimizationLevel {
        self.live().map_or_else(OptimizationLevel::default, |shared| shared.state().level())
    }

    /// Calls `hook` with each snapshot while `profiling_enabled` is set. Callbacks for samples at
    /// the interval run in a thread of their own, so that a slow one delays no sample. A hook that panics is
    /// counted; what a hook asks of the recorder calls no further hooks.
    pub fn add_hook(&self, hook: impl Fn(&MemorySnapshot) + Send + Sync + 'static) {
        let hook: Hook = Arc::new(hook);
        if let Some(shared) = self.live() {
            shared.callbacks.add_hook(hook);
        }
    }

    /// Calls `alert` whenever memory becomes critical.
    pub fn on_critical(&self, alert: impl Fn(&MemorySnapshot) + Send + Sync + 'static) {
        let alert: Hook = Arc::new(alert);
        if let Some(shared) = self.live() {
            shared.callbacks.add_alert(alert);
        }
    }

    /// Calls `listener` whenever the level changes the batch size.
    pub fn on_size_change(&self, listener: impl Fn(&SizeChange, &MemorySnapshot) + Send + Sync + 'static) {
        let listener: Listener = Arc::new(listener);
        if let Some(shared) = self.live() {
            shared.callbacks.add_listener(listener);
        }
    }

    /// Sets the host's collector (an allocator trim, say); it returns how many objects it
    /// freed, if it knows. Without one, no collection is requested.
    pub fn on_gc(&self, collector: impl Fn() -> Option<u64> + Send + Sync + 'static) {
        let collector: Collector = Arc::new(collector);
        if let Some(shared) = self.live() {
            shared.callbacks.set_collector(collector);
            shared.state().can_collect = true;
        }
    }

    /// Records a collection that the host's runtime made by itself: how long it took, objects
    /// freed, and the runtime's own count of collections so far.
    pub fn host_collected(&self, seconds: f64, objects: Option<u64>, total: Option<u64>) {
        if let Some(shared) = self.live() {
            shared.host_collected(seconds, objects, total);
        }
    }

    /// A counter for the host's collections, which samples then carry:
    /// cheap enough for every collection of a young generation. The largest number stands for
    /// unknown.
    #[must_use]
    pub fn collections_counter(&self) -> Arc<AtomicU64> {
        self.live().map_or_else(Arc::default, |shared| Arc::clone(&shared.collections))
    }

    /// Replaces the settings.
    pub fn reconfigure(&self, config: AdaptiveConfig) {
        if let Some(shared) = self.live() {
            shared.reconfigure(config);
        }
    }

    /// Sets the policy's counters in [`Recorder::statistics`] to 0.
    pub fn reset_statistics(&self) {
        if let Some(shared) = self.live() {
            shared.reset_statistics();
        }
    }

    /// Starts the sampling thread if none runs; returns whether one runs.
    pub fn resume(&self) -> bool {
        self.live().is_some_and(|shared| sampling::start(shared, self.metrics_file.clone()))
    }

    /// Ends that thread and closes the stream with a footer; later records follow it.
    /// Waits two seconds at most; returns whether all was written by then.
    pub fn pause(&self) -> bool {
        self.live().is_none_or(|shared| shared.pause())
    }

    /// Whether the sampling thread runs.
    #[must_use]
    pub fn is_sampling(&self) -> bool {
        self.live().is_some_and(|shared| shared.is_threaded())
    }

    /// The settings in force.
    #[must_use]
    pub fn config(&self) -> AdaptiveConfig {
        self.live().map_or_else(|| self.idle.clone(), |shared| shared.state().config.clone())
    }

    /// Current figures and totals; `None` in a recorder that does nothing.
    #[must_use]
    pub fn statistics(&self) -> Option<Statistics> {
        self.live().map(|shared| Statistics::now(shared))
    }

    /// Advice that holds now or held before: each kind once, with the time when it last held.
    #[must_use]
    pub fn recommendations(&self) -> Vec<Recommendation> {
        self.live().map_or_else(Vec::new, |shared| advice::given(shared))
    }

    /// Writes the last snapshots as a file of their own: profile JSON, or a stream if the name
    /// ends in `.ndjson`. No reader ever finds half a file.
    ///
    /// # Errors
    /// If nothing was seen yet, or the file cannot be written.
    pub fn export_profile(&self, path: &Path) -> Result<(), ExportError> {
        let shared = self.live().ok_or(ExportError::NotRecording)?;
        export::write(shared, path)
    }

    /// The live figures in a text form that Prometheus reads; every value has the labels `job`, `run` and `machine`.
    #[must_use]
    pub fn metrics(&self, form: MetricsForm) -> String {
        self.live().map_or_else(String::new, |shared| metrics::text(shared, form))
    }

    /// The largest resident memory seen.
    #[must_use]
    pub fn peak(&self) -> Option<Mib> {
        self.live()?.peak()
    }

    /// Whether the process that is watched has ended; the recording is then closed by itself.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.live().is_some_and(|shared| shared.has_ended())
    }

    /// The file that is written; `None` if none could be begun.
    #[must_use]
    pub fn stream_path(&self) -> Option<&Path> {
        self.stream.as_ref().ok()?.as_deref()
    }

    /// Why the stream could not be created.
    #[must_use]
    pub fn stream_problem(&self) -> Option<&str> {
        self.stream.as_ref().err().map(String::as_str)
    }

    /// The highest memory of the run so far, and how well it is known.
    #[must_use]
    pub fn run_peak(&self) -> Option<RunPeak> {
        self.live()?.state().run_peak()
    }

    /// Declares a cache: memory that the job fills up to a limit and keeps intentionally, such as a
    /// database's buffer pool. `analyze` does not take it for a leak while it is below its limit.
    pub fn add_cache(&self, name: &str, limit: Option<Mib>) {
        if let Some(shared) = self.live() {
            shared.add_cache(name, limit.filter(|limit| limit.get().is_finite() && limit.get() >= 0.0));
        }
    }

    /// Records a figure of the job's own beside its memory: the bytes that a library's pool has handed
    /// out, say. It is read at the ends of batches and beside samples, ten times per second at first and
    /// once per second later, at most, and less often where it takes long; `None` leaves it out. Returns whether there was room for it: a run has
    /// 64 meters at most.
    pub fn add_meter(
        &self,
        name: &str,
        read_bytes: impl Fn() -> Option<u64> + Send + Sync + 'static,
    ) -> bool {
        let meter: MeterFn = Arc::new(read_bytes);
        self.live().is_some_and(|shared| shared.callbacks.add_meter(name, meter))
    }

    /// Sets the host's count of blocks that its runtime has handed out; read at the ends of batches.
    pub fn count_blocks(&self, count: impl Fn() -> Option<u64> + Send + Sync + 'static) {
        let counter: BlockCounter = Arc::new(count);
        if let Some(shared) = self.live() {
            shared.callbacks.set_block_counter(counter);
        }
    }

    /// Keeps room for work outside batches, a join at the end say: predicted batch sizes leave this much
    /// of the limit free. The last call holds.
    pub fn reserve(&self, room: Mib) {
        if let Some(shared) = self.live() {
            shared.reserve(room);
        }
    }

    /// Ends the recording of a watched process with how that process ended, where that is known, and tells what could not be
    /// written; see [`Recorder::stop`].
    pub fn finish(mut self, end: Option<ProcessEnd>) -> Closing {
        let shared = self.shared.take().filter(|shared| !shared.is_forked_copy());
        shared.map_or(Closing { in_time: true, ..Closing::default() }, |shared| shared.finish(end))
    }

    /// Ends the recording: the footer is written and forced to the disk. Waits two seconds at
    /// most; returns whether all was written by then.
    pub fn stop(mut self) -> bool {
        self.end()
    }

    fn end(&mut self) -> bool {
        let shared = self.shared.take().filter(|shared| !shared.is_forked_copy());
        shared.is_none_or(|shared| shared.stop())
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.end();
    }
}
