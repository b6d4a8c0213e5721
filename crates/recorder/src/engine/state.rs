//! The state of a recording, and how one sample or batch changes it.
//!
//! All of it is behind one lock. None of the host's code (hooks, collector, subscriber) runs
//! under that lock: what remains to be done is returned as [`Effects`].

use std::mem;
use std::sync::Arc;

use memtool_policy::{self as policy, Baseline, PolicyState, Step};
use memtool_profile_model::stream::current::{
    CacheRecord, DecisionRecord, LibrariesRecord, LiveRecord, OperationRecord, Record,
};
use memtool_profile_model::{
    Action, AdaptiveConfig, Counters, Fate, Mib, Observation, Offset, OptimizationLevel, PressureLevel,
    Recommendation, SHARED_MEMORY, SnapshotKind, pressure,
};

use super::events;
use super::history::History;
use super::job_memory::JobMemory;
use super::operation_models::OperationModels;
use super::outside_work::OutsideWork;
use super::run_peak::PeakTotals;
use super::sample::{Effects, SampleTrigger, SizeChange};
use super::sampler::{SampleResult, Sampler};
use crate::limits::JobLimits;
use crate::live::HeapWatch;
use crate::peak::OpenBatches;
use crate::probe::Reading;
use crate::snapshot::MemorySnapshot;
use crate::stream::StreamWriter;

/// Totals since the start.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Totals {
    pub(crate) samples: u64,
    pub(crate) batches: u64,
    pub(crate) items: u64,
    pub(crate) peak: PeakTotals,
    pub(crate) probe_failures: u64,
    pub(crate) hook_failures: u64,
    pub(crate) lost_records: u64,
}

/// A sample that showed nothing new, kept as it was until someone needs it.
///
/// At ten samples per second most of the cost of a sample is code and data that fell out of the
/// processor's caches since the last one. The policy acts on every sample at once; where it finds
/// nothing to do, the rest (baseline, history, the stream's line) waits for the next sample that
/// shows something, a call of the job, or the next flush, and is then done for all deferred
/// samples in one go, in order.
#[derive(Debug, Clone)]
pub(crate) struct DeferredSample {
    pub(crate) at: Offset,
    pub(crate) rss: Mib,
    pub(crate) reading: Reading,
    pub(crate) batch_size: u32,
    pub(crate) gc_collections: Option<u64>,
    pub(crate) live: LiveRecord,
}

/// Shared memory is written again once it moved by so much, in MiB.
const SHARED_MEMORY_STEP_MB: f64 = 4.0;
/// The number of a run's first batch.
const FIRST_BATCH: u64 = 1;

pub(crate) struct State {
    pub(crate) config: AdaptiveConfig,
    pub(crate) policy: PolicyState,
    pub(crate) history: History,
    pub(crate) baseline: Baseline,
    pub(crate) totals: Totals,
    pub(crate) stream: StreamWriter,
    pub(crate) operation: Option<Arc<str>>,
    pub(crate) recommendations: Vec<Recommendation>,
    pub(crate) gc_collections: Option<u64>,
    /// Whether the host gave a collector.
    pub(crate) can_collect: bool,
    /// Whether a collection is requested or runs: a further one could only wait behind it, and free little.
    pub(crate) collecting: bool,
    pub(crate) size: u32,
    pub(crate) open: OpenBatches,
    pub(crate) sampler: Sampler,
    /// The mark of another process, where it rose since the last snapshot.
    pub(super) risen_mark: Option<Mib>,
    /// When all figures were last read afresh for a predicted size.
    read_afresh: Option<Offset>,
    /// The size of all mappings at the last sample.
    pub(super) mapped: Option<Mib>,
    /// Known libraries that the stream names.
    pub(super) libraries: Vec<&'static str>,
    /// How the watched process ended.
    pub(super) fate: Option<Fate>,
    /// Why lines could not be written, the last time.
    pub(super) write_problem: Option<String>,
    /// Samples that are not in history and stream yet.
    pub(crate) deferred: Vec<DeferredSample>,
    /// One in this many records is written from here on; not reported yet.
    pub(crate) thinned: Option<u32>,
    pub(super) limits: JobLimits,
    pub(super) memory: JobMemory,
    pub(super) models: OperationModels,
    pub(super) pressure: PressureLevel,
    pub(super) next_batch: u64,
    /// Memory that the job has declared as kept intentionally.
    pub(crate) retained: Option<Mib>,
    /// Live bytes for the next sample that is written.
    pub(crate) live: LiveRecord,
    pub(crate) heap_watch: HeapWatch,
    /// Shared memory as it was written last, in MiB.
    shared_memory_mb: f64,
    pub(super) outside: OutsideWork,
}

impl State {
    pub(crate) fn new(
        config: AdaptiveConfig,
        start_level: OptimizationLevel,
        sampler: Sampler,
        open: OpenBatches,
        limits: JobLimits,
        stream: StreamWriter,
    ) -> Self {
        let policy = PolicyState { level: start_level, ..Default::default() };
        let size = match config.predictive.enabled {
            true => config.batch_sizes.fallback,
            false => config.batch_sizes.size(policy.level),
        };
        Self {
            history: History::new(config.history_size),
            size,
            config,
            policy,
            baseline: Baseline::default(),
            totals: Totals::default(),
            stream,
            operation: None,
            recommendations: Vec::new(),
            gc_collections: None,
            can_collect: false,
            collecting: false,
            open,
            sampler,
            risen_mark: None,
            read_afresh: None,
            mapped: None,
            libraries: Vec::new(),
            fate: None,
            write_problem: None,
            deferred: Vec::new(),
            thinned: None,
            memory: JobMemory::new(limits.planned.is_some()),
            limits,
            models: OperationModels::default(),
            pressure: PressureLevel::Low,
            next_batch: FIRST_BATCH,
            retained: None,
            live: LiveRecord::default(),
            heap_watch: HeapWatch::default(),
            shared_memory_mb: 0.0,
            outside: OutsideWork::default(),
        }
    }

    /// Whether no batch has begun yet.
    pub(crate) const fn is_before_batches(&self) -> bool {
        self.next_batch == FIRST_BATCH
    }

    /// Samples that the policy acts on; `counted` is the runtime's count of collections.
    pub(crate) fn sample(&mut self, at: Offset, trigger: SampleTrigger<'_>, counted: Option<u64>) -> Effects {
        let mut effects = Effects::default();
        let (label, seen) = match trigger {
            SampleTrigger::Requested(label) => (label, self.sampler.sample()),
            SampleTrigger::Interval => (None, self.sampler.sample_cached()),
        };
        effects.probe_failed = matches!(seen, SampleResult::Failed);
        let Some((rss, reading)) = self.count(seen) else {
            if effects.probe_failed {
                self.flush_deferred();
                self.stream.failed_sample(at);
            }
            return effects;
        };
        self.meter_shared_memory(&reading);
        let seen = Observation { at, rss: self.memory.of(rss), available: reading.available };
        let (next, step) = policy::step(&self.rules(), self.policy, seen);
        self.policy = next;
        if matches!(trigger, SampleTrigger::Interval) && self.shows_nothing_new(rss, &step) {
            let sample = DeferredSample {
                at,
                rss,
                reading,
                batch_size: self.size,
                gc_collections: counted,
                live: mem::take(&mut self.live),
            };
            self.deferred.push(sample);
            return effects;
        }
        self.flush_deferred();
        self.gc_collections = counted.or(self.gc_collections);
        let snapshot = self.snapshot(at, rss, &reading, label, self.size);
        let live = mem::take(&mut self.live);
        effects.thinned =
            self.stream.snapshot(&snapshot, live, self.sampler.is_outside()).or(self.thinned.take());
        effects.became_critical =
            step.pressure.level == PressureLevel::Critical && self.pressure != step.pressure.level;
        self.pressure = step.pressure.level;
        if step.collect {
            self.collecting = true;
            effects.collect = true;
            self.decided(Action::Collect, seen, None);
        }
        if let Some(change) =
            step.change.filter(|_| !self.config.predictive.enabled && !self.sampler.is_outside())
        {
            let sizes = self.config.batch_sizes;
            let (old_size, new_size) = (sizes.size(change.from), sizes.size(change.to));
            self.size = new_size;
            self.decided(Action::ChangeLevel { change, old_size, new_size }, seen, None);
            effects.change = Some(SizeChange { from: old_size, to: new_size, rss });
        }
        self.history.push(snapshot.clone());
        effects.profiling = self.config.profiling_enabled;
        effects.snapshot = Some(snapshot);
        effects
    }

    /// Writes down shared memory beside the next sample, where it moved.
    fn meter_shared_memory(&mut self, reading: &Reading) {
        let Some(size) = reading.shared_memory else { return };
        if (size.get() - self.shared_memory_mb).abs() >= SHARED_MEMORY_STEP_MB {
            self.shared_memory_mb = size.get();
            self.live.meters.insert(SHARED_MEMORY.to_owned(), size);
        }
    }

    /// Enters the deferred samples into baseline, history and stream.
    pub(crate) fn flush_deferred(&mut self) {
        if self.deferred.is_empty() {
            return;
        }
        let mut deferred = std::mem::take(&mut self.deferred);
        for sample in deferred.drain(..) {
            self.gc_collections = sample.gc_collections.or(self.gc_collections);
            let snapshot = self.snapshot(sample.at, sample.rss, &sample.reading, None, sample.batch_size);
            self.thinned =
                self.stream.snapshot(&snapshot, sample.live, self.sampler.is_outside()).or(self.thinned);
            self.history.push(snapshot);
        }
        // Keeps the allocation for later samples.
        self.deferred = deferred;
    }

    /// Whether a sample changes nothing that the host or the stream must learn at once.
    fn shows_nothing_new(&self, rss: Mib, step: &Step) -> bool {
        !step.collect
            && step.change.is_none()
            && step.pressure.level == self.pressure
            && !self.config.profiling_enabled
            && !self.stream.is_news(rss)
            && !events::are_snapshots_traced()
    }

    /// The settings that the live policy goes by: without a collector, or while it runs, it asks for no
    /// collection, and where predictions choose the size they also choose when to collect.
    fn rules(&self) -> AdaptiveConfig {
        let may_ask = self.can_collect && !self.collecting && !self.config.predictive.enabled;
        let auto_gc_enabled = self.config.auto_gc_enabled && may_ask;
        AdaptiveConfig { auto_gc_enabled, ..self.config.clone() }
    }

    /// Counts a sample and updates all peaks.
    fn count(&mut self, seen: SampleResult) -> Option<(Mib, Reading)> {
        match seen {
            SampleResult::Memory(rss, reading) => {
                self.totals.samples += 1;
                self.mapped = reading.vms;
                self.memory.update(rss, &reading);
                self.open.sampled(rss);
                self.heap_watch.sampled(rss);
                if self.open.is_empty() {
                    self.outside.sampled(rss);
                }
                self.totals.peak.add(rss);
                self.risen_mark = self.totals.peak.add_watched(reading.peak);
                if self.memory.has_counted_once() {
                    self.totals.peak.add_counted_once(self.memory.of(rss));
                }
                Some((rss, reading))
            }
            SampleResult::NoMemory => None,
            SampleResult::Failed => {
                self.totals.probe_failures += 1;
                None
            }
        }
    }

    /// A snapshot that is neither acted on nor kept.
    pub(crate) fn peek(&mut self, at: Offset) -> Option<MemorySnapshot> {
        let (rss, reading) = self.read()?;
        Some(self.snapshot(at, rss, &reading, SnapshotKind::Statistics.label(), self.size))
    }

    pub(super) fn read(&mut self) -> Option<(Mib, Reading)> {
        let seen = self.sampler.sample();
        self.count(seen)
    }

    /// The process's memory now, and system-wide figures that are a tenth of a second old at most: where batches are
    /// shorter, reading those would cost more than choosing the size.
    pub(super) fn read_recent(&mut self, at: Offset) -> Option<(Mib, Reading)> {
        const RECENT_NS: i64 = 100_000_000;
        let seen = if self.read_afresh.is_some_and(|last| at.nanos() - last.nanos() < RECENT_NS) {
            self.sampler.sample_cached()
        } else {
            self.read_afresh = Some(at);
            self.sampler.sample()
        };
        self.count(seen)
    }

    /// The reading at the edge of a batch.
    pub(super) fn read_rss(&mut self) -> Option<Mib> {
        let rss = match self.memory.needs_readings() {
            true => self.count_edge()?,
            false => self.sampler.rss()?,
        };
        self.open.saw(rss);
        self.totals.peak.add(rss);
        Some(rss)
    }

    /// A full reading at the edge of a batch; it is no sample of the interval.
    pub(super) fn count_edge(&mut self) -> Option<Mib> {
        let SampleResult::Memory(rss, reading) = self.sampler.sample_cached() else { return None };
        self.memory.update(rss, &reading);
        Some(rss)
    }

    pub(crate) fn snapshot(
        &mut self,
        at: Offset,
        rss: Mib,
        reading: &Reading,
        label: Option<&str>,
        batch_size: u32,
    ) -> MemorySnapshot {
        self.baseline.add(at, rss);
        let seen = Observation { at, rss: self.memory.of(rss), available: reading.available };
        MemorySnapshot {
            at,
            rss,
            children_rss: reading.children_rss,
            vms: reading.vms,
            shared: reading.shared,
            pss: reading.pss,
            group: reading.group,
            peak: self.risen_mark.take(),
            system_percent: reading.system_percent,
            available: reading.available,
            pressure_level: pressure(&self.config, seen).level,
            gc_collections: self.gc_collections,
            batch_size,
            kind: SnapshotKind::of_label(label),
            operation: label.map(Arc::from),
        }
    }

    /// Sets the label of later batches and decisions.
    pub(crate) fn set_operation(&mut self, at: Offset, name: Option<&str>) {
        if self.operation.as_deref() == name {
            return;
        }
        self.operation = name.map(Arc::from);
        let name = name.unwrap_or_default().to_owned();
        self.stream.write(at, &Record::Operation(OperationRecord { t_ns: at, name }));
    }

    pub(super) fn decided(&mut self, action: Action, seen: Observation, operation: Option<&Arc<str>>) {
        let pressure = pressure(&self.config, seen);
        let record = DecisionRecord::new(seen.at, action, seen, pressure, operation.map(AsRef::as_ref));
        self.stream.write(seen.at, &Record::Decision(record));
    }

    /// Takes other settings from here on.
    pub(crate) fn reconfigure(&mut self, at: Offset, config: AdaptiveConfig) {
        self.history.resize(config.history_size);
        if !config.predictive.enabled {
            self.size = config.batch_sizes.size(self.policy.level);
        }
        self.config = config;
        self.stream.note(at, "the settings were changed");
    }

    /// Resets the counters.
    pub(crate) fn reset_statistics(&mut self, at: Offset) {
        self.policy.counters = Counters::default();
        self.recommendations.clear();
        self.stream.note(at, "the counters were reset");
    }

    /// Keeps this much room for work outside batches.
    pub(crate) fn reserve(&mut self, room: Mib) {
        self.outside.reserve(room);
    }

    /// Writes the names of libraries that are loaded and were not yet.
    pub(crate) fn loaded(&mut self, at: Offset, names: &[&'static str]) {
        let new: Vec<&str> = names.iter().copied().filter(|name| !self.libraries.contains(name)).collect();
        if !new.is_empty() {
            self.libraries.extend(&new);
            let names = new.into_iter().map(str::to_owned).collect();
            self.stream.write_always(at, &Record::Libraries(LibrariesRecord { t_ns: at, names }));
        }
    }

    /// Writes that the job has a cache of this name, which holds at most its limit.
    pub(crate) fn add_cache(&mut self, at: Offset, name: &str, limit_mb: Option<Mib>) {
        let record = CacheRecord { t_ns: at, name: name.to_owned(), limit_mb };
        self.stream.write_always(at, &Record::Cache(record));
    }

    pub(crate) const fn limit(&self) -> Option<Mib> {
        self.limits.limit
    }

    pub(crate) const fn pressure(&self) -> PressureLevel {
        self.pressure
    }

    pub(crate) const fn level(&self) -> OptimizationLevel {
        self.policy.level
    }
}
