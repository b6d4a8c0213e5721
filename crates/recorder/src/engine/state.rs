//! The state of a recording, and how one sample or batch changes it.
//!
//! All of it is behind one lock. None of the host's code (hooks, collector, subscriber) runs
//! under that lock: what remains to be done is returned as [`Effects`].

use std::sync::Arc;

use memtool_policy::predict::{Finished, Room, Sizing};
use memtool_policy::{self as policy, PolicyState, Step};
use memtool_profile_model::stream::current::{
    BatchEnd, BatchStart, DecisionRecord, Footer, GcRecord, OperationRecord, Record,
};
use memtool_profile_model::{
    Action, AdaptiveConfig, Counters, Mib, Observation, Offset, OptimizationLevel, PeakSource, PressureLevel,
    Recommendation, SnapshotKind, pressure,
};

use super::baseline::Baseline;
use super::events;
use super::history::History;
use super::operation_models::OperationModels;
use super::sample::{Effects, SampleTrigger, SizeChange};
use super::sampler::{SampleResult, Sampler};
use crate::limits::JobLimits;
use crate::peak::{Beginning, OpenBatches};
use crate::probe::Reading;
use crate::snapshot::MemorySnapshot;
use crate::stream::StreamWriter;

/// Totals since the start.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Totals {
    pub(crate) samples: u64,
    pub(crate) batches: u64,
    pub(crate) items: u64,
    pub(crate) peak: Option<Mib>,
    pub(crate) probe_failures: u64,
    pub(crate) hook_failures: u64,
    pub(crate) lost_records: u64,
}

/// A predicted batch size, and the memory it was predicted from.
pub(crate) struct Predicted {
    pub(crate) sizing: Sizing,
    pub(crate) rss: Mib,
}

/// A collection that the host made.
pub(crate) struct Collection {
    pub(crate) at: Offset,
    pub(crate) seconds: f64,
    pub(crate) objects: Option<u64>,
    pub(crate) forced: bool,
    /// The batch size in force before the decision.
    pub(crate) batch_size: u32,
}

/// A sample that showed nothing new, kept as it was until someone needs it.
///
/// At ten samples per second most of the cost of a sample is code and data that fell out of the
/// processor's caches since the last one. The policy acts on every sample at once; where it finds
/// nothing to do, the rest (baseline, history, the stream's line) waits for the next sample that
/// shows something, a call of the job, or the next flush, and is then done for all deferred
/// samples in one go, in order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DeferredSample {
    pub(crate) at: Offset,
    pub(crate) rss: Mib,
    pub(crate) reading: Reading,
    pub(crate) batch_size: u32,
    pub(crate) gc_collections: Option<u64>,
}

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
    pub(crate) size: u32,
    pub(crate) open: OpenBatches,
    pub(crate) sampler: Sampler,
    /// Samples that are not in history and stream yet.
    pub(crate) deferred: Vec<DeferredSample>,
    /// One in this many records is written from here on; not reported yet.
    pub(crate) thinned: Option<u32>,
    limits: JobLimits,
    models: OperationModels,
    pressure: PressureLevel,
    next_batch: u64,
    /// Memory that the job has declared as kept intentionally.
    pub(crate) retained: Option<Mib>,
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
            open,
            sampler,
            deferred: Vec::new(),
            thinned: None,
            limits,
            models: OperationModels::default(),
            pressure: PressureLevel::Low,
            next_batch: 1,
            retained: None,
        }
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
        let seen = Observation { at, rss, available: reading.available };
        let (next, step) = policy::step(&self.rules(), self.policy, seen);
        self.policy = next;
        if matches!(trigger, SampleTrigger::Interval) && self.shows_nothing_new(rss, &step) {
            let sample = DeferredSample { at, rss, reading, batch_size: self.size, gc_collections: counted };
            self.deferred.push(sample);
            return effects;
        }
        self.flush_deferred();
        self.gc_collections = counted.or(self.gc_collections);
        let snapshot = self.snapshot(at, rss, &reading, label, self.size);
        effects.thinned = self.stream.snapshot(&snapshot, self.sampler.is_outside()).or(self.thinned.take());
        effects.became_critical =
            step.pressure.level == PressureLevel::Critical && self.pressure != step.pressure.level;
        self.pressure = step.pressure.level;
        if step.collect {
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

    /// Enters the deferred samples into baseline, history and stream.
    pub(crate) fn flush_deferred(&mut self) {
        if self.deferred.is_empty() {
            return;
        }
        let mut deferred = std::mem::take(&mut self.deferred);
        for sample in deferred.drain(..) {
            self.gc_collections = sample.gc_collections.or(self.gc_collections);
            let snapshot = self.snapshot(sample.at, sample.rss, &sample.reading, None, sample.batch_size);
            self.thinned = self.stream.snapshot(&snapshot, self.sampler.is_outside()).or(self.thinned);
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

    /// The settings that the live policy goes by: without a collector it asks for none, and
    /// where predictions choose the size they also choose when to collect.
    fn rules(&self) -> AdaptiveConfig {
        let auto_gc_enabled =
            self.config.auto_gc_enabled && self.can_collect && !self.config.predictive.enabled;
        AdaptiveConfig { auto_gc_enabled, ..self.config.clone() }
    }

    /// Counts a sample and updates all peaks.
    fn count(&mut self, seen: SampleResult) -> Option<(Mib, Reading)> {
        match seen {
            SampleResult::Memory(rss, reading) => {
                self.totals.samples += 1;
                self.open.sampled(rss);
                self.peaked(rss);
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

    fn read(&mut self) -> Option<(Mib, Reading)> {
        let seen = self.sampler.sample();
        self.count(seen)
    }

    /// The reading at the edge of a batch.
    fn read_rss(&mut self) -> Option<Mib> {
        let rss = self.sampler.rss()?;
        self.open.saw(rss);
        self.peaked(rss);
        Some(rss)
    }

    fn peaked(&mut self, rss: Mib) {
        self.totals.peak = Some(self.totals.peak.map_or(rss, |peak| if rss > peak { rss } else { peak }));
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
        let seen = Observation { at, rss, available: reading.available };
        MemorySnapshot {
            at,
            rss,
            children_rss: reading.children_rss,
            vms: reading.vms,
            shared: reading.shared,
            pss: reading.pss,
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

    /// The next batch size of an operation, predicted from its batches so far and a fresh sample.
    pub(crate) fn predict(&mut self, at: Offset, operation: Option<&Arc<str>>) -> Option<Predicted> {
        let (rss, reading) = self.read()?;
        let available = self.limits.available(rss, reading.available);
        let room = Room { rss, available, limit: self.limits.limit };
        let config = AdaptiveConfig {
            auto_gc_enabled: self.config.auto_gc_enabled && self.can_collect,
            ..self.config.clone()
        };
        let sizing = self.models.of(operation).next(&config, room);
        if sizing.size != self.size {
            let action = Action::Predict {
                operation: None,
                old_size: self.size,
                new_size: sizing.size,
                predicted_peak: sizing.predicted_peak,
                ceiling: sizing.ceiling,
                rule: sizing.rule,
            };
            self.decided(action, Observation { at, rss, available: reading.available }, operation);
            self.size = sizing.size;
        }
        Some(Predicted { sizing, rss })
    }

    /// Enters that a collection is asked for, to make room for the next batch.
    pub(crate) fn ask_collection(&mut self, at: Offset, rss: Mib) {
        self.policy.counters.total_gc_collections += 1;
        self.decided(Action::Collect, Observation { at, rss, available: None }, None);
    }

    fn decided(&mut self, action: Action, seen: Observation, operation: Option<&Arc<str>>) {
        let pressure = pressure(&self.config, seen);
        let record = DecisionRecord::new(seen.at, action, seen, pressure, operation.map(AsRef::as_ref));
        self.stream.write(seen.at, &Record::Decision(record));
    }

    /// Begins a batch; returns its number.
    pub(crate) fn begin_batch(
        &mut self,
        at: Offset,
        operation: Option<&Arc<str>>,
        items: u64,
        cpu_start: Option<f64>,
    ) -> u64 {
        let id = self.next_batch;
        self.next_batch += 1;
        let rss_start = self.read_rss();
        let written = self.stream.admits_batch();
        if written {
            let record = BatchStart {
                t_ns: at,
                batch: id,
                operation: operation.map(|name| name.to_string()),
                batch_size: self.size,
                items,
                rss_mb: rss_start,
            };
            self.stream.write_always(at, &Record::BatchStart(record));
        }
        let operation = operation.cloned();
        self.open.begin(Beginning { id, operation, items, start: at, rss_start, cpu_start, written });
        id
    }

    /// Ends a batch and learns from it.
    pub(crate) fn end_batch(&mut self, id: u64, at: Offset, cpu: Option<f64>) {
        let rss_end = self.read_rss();
        let Some(open) = self.open.end(id) else { return };
        // Learning costs a few microseconds, for nothing where levels choose the size.
        let teaches = self.config.predictive.enabled && open.is_known() && !open.overlapping;
        let (peak, overlapping, batch) = (open.peak(), open.overlapping, open.begun);
        let cpu_seconds = cpu.zip(batch.cpu_start).map(|(end, start)| (end - start).max(0.0));
        self.totals.batches += 1;
        self.totals.items += batch.items;
        if let Some((peak, _)) = peak {
            self.peaked(peak);
        }
        if batch.written {
            let record = BatchEnd {
                t_ns: at,
                batch: id,
                peak_rss_mb: peak.map(|(peak, _)| peak),
                peak_source: peak.map(|(_, source)| source),
                rss_mb: rss_end,
                retained_mb: self.retained,
                overlapping,
                seconds_cpu: cpu_seconds.map(rounded_seconds),
                ..BatchEnd::default()
            };
            self.stream.write_always(at, &Record::BatchEnd(record));
        }
        if let (Some(rss_start), Some((rss_peak, source)), Some(rss_end), true) =
            (batch.rss_start, peak, rss_end, teaches)
        {
            let exact_peak = source == PeakSource::HighWaterMark;
            let seconds = worked(at.seconds() - batch.start.seconds(), cpu_seconds);
            let finished = Finished { items: batch.items, rss_start, rss_peak, rss_end, seconds, exact_peak };
            self.models.of(batch.operation.as_ref()).finished(finished);
        }
    }

    /// Records a collection: its cost, and a sample after it.
    pub(crate) fn collected(&mut self, before: Option<Mib>, done: &Collection) {
        let after = if done.forced { self.read() } else { None };
        let rss_after = after.as_ref().map(|(rss, _)| *rss);
        let record = GcRecord {
            t_ns: done.at,
            forced: done.forced,
            seconds: Some(rounded_seconds(done.seconds)),
            rss_before_mb: before,
            rss_after_mb: rss_after,
            objects: done.objects,
        };
        self.stream.write(done.at, &Record::Gc(record));
        if let Some((rss, reading)) = after {
            let label = SnapshotKind::PostGc.label();
            let snapshot = self.snapshot(done.at, rss, &reading, label, done.batch_size);
            self.stream.snapshot(&snapshot, self.sampler.is_outside());
            self.history.push(snapshot);
        }
        if let (true, Some(before), Some(after)) = (done.forced, before, rss_after) {
            self.policy = policy::collected(self.policy, before, after);
            self.models.collected(before, after);
        }
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

    /// Counts anew from here on.
    pub(crate) fn reset_statistics(&mut self, at: Offset) {
        self.policy.counters = Counters::default();
        self.recommendations.clear();
        self.stream.note(at, "the counters were reset");
    }

    /// Enters the closing totals, unless nothing came since the last.
    pub(crate) fn footer(&mut self, at: Offset) {
        if !self.stream.is_open() {
            return;
        }
        let totals = self.totals;
        let mut counters = self.policy.counters;
        if self.sampler.is_outside() {
            counters.batch_size_adjustments = 0;
            counters.automatic_fallbacks = 0;
        }
        let footer = Footer {
            t_ns: at,
            counters,
            lost_records: totals.lost_records,
            thinned_records: self.stream.left_out(),
            peak_rss_mb: totals.peak,
            samples: totals.samples,
            probe_failures: totals.probe_failures,
            hook_failures: totals.hook_failures,
            ..Footer::default()
        };
        self.stream.footer(at, footer);
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

/// The duration of a batch for comparison with others of its operation: CPU time, which other
/// processes do not lengthen, unless the batch mostly waited (for a disk or a child).
fn worked(wall: f64, cpu: Option<f64>) -> f64 {
    cpu.map_or(wall, |cpu| cpu.max(wall / 2.0))
}

fn rounded_seconds(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}
