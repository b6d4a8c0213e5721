//! The state of a recording, and how one sample or batch changes it.
//!
//! All of it is behind one lock. None of the host's code (hooks, collector, subscriber) runs
//! under that lock: what remains to be done is returned as [`Effects`].

use std::mem;
use std::sync::Arc;

use memtool_policy::predict::{Finished, Room, Sizing};
use memtool_policy::{self as policy, PolicyState, Step};
use memtool_profile_model::stream::current::{
    BatchEnd, BatchStart, CacheRecord, DecisionRecord, Footer, GcRecord, LibrariesRecord, LiveRecord,
    OperationRecord, Record,
};
use memtool_profile_model::{
    Action, AdaptiveConfig, Counters, Fate, Mib, Observation, Offset, OptimizationLevel, PeakSource,
    PressureLevel, Recommendation, SnapshotKind, pressure,
};

use super::baseline::Baseline;
use super::events;
use super::history::History;
use super::job_memory::{JobMemory, deducted};
use super::operation_models::OperationModels;
use super::outside_work::OutsideWork;
use super::run_peak::{PeakTotals, RunPeak};
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
    pub(crate) peak: PeakTotals,
    pub(crate) probe_failures: u64,
    pub(crate) hook_failures: u64,
    pub(crate) lost_records: u64,
}

/// How a process that was watched ended, as its parent knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcessEnd {
    /// Exit code or signal, and whether the kernel killed it.
    pub fate: Fate,
    /// Its largest resident size by the system's account (`ru_maxrss`); `None` where that account
    /// may be another's: a process that was started by a larger one inherits its figure.
    pub max_rss: Option<Mib>,
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
#[derive(Debug, Clone)]
pub(crate) struct DeferredSample {
    pub(crate) at: Offset,
    pub(crate) rss: Mib,
    pub(crate) reading: Reading,
    pub(crate) batch_size: u32,
    pub(crate) gc_collections: Option<u64>,
    pub(crate) live: LiveRecord,
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
    /// The mark of another process, where it rose since the last snapshot.
    risen_mark: Option<Mib>,
    /// Known libraries that the stream names.
    libraries: Vec<&'static str>,
    /// How the watched process ended.
    fate: Option<Fate>,
    /// Samples that are not in history and stream yet.
    pub(crate) deferred: Vec<DeferredSample>,
    /// One in this many records is written from here on; not reported yet.
    pub(crate) thinned: Option<u32>,
    limits: JobLimits,
    memory: JobMemory,
    models: OperationModels,
    pressure: PressureLevel,
    next_batch: u64,
    /// Memory that the job has declared as kept intentionally.
    pub(crate) retained: Option<Mib>,
    /// Live bytes for the next sample that is written.
    pub(crate) live: LiveRecord,
    outside: OutsideWork,
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
            risen_mark: None,
            libraries: Vec::new(),
            fate: None,
            deferred: Vec::new(),
            thinned: None,
            memory: JobMemory::new(limits.planned.is_some()),
            limits,
            models: OperationModels::default(),
            pressure: PressureLevel::Low,
            next_batch: 1,
            retained: None,
            live: LiveRecord::default(),
            outside: OutsideWork::default(),
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
                self.memory.update(rss, &reading);
                self.open.sampled(rss);
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

    fn read(&mut self) -> Option<(Mib, Reading)> {
        let seen = self.sampler.sample();
        self.count(seen)
    }

    /// The reading at the edge of a batch.
    fn read_rss(&mut self) -> Option<Mib> {
        let rss = match self.memory.needs_readings() {
            true => self.count_edge()?,
            false => self.sampler.rss()?,
        };
        self.open.saw(rss);
        self.totals.peak.add(rss);
        Some(rss)
    }

    /// A full reading at the edge of a batch; it is no sample of the interval.
    fn count_edge(&mut self) -> Option<Mib> {
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

    /// The next batch size of an operation, predicted from its batches so far and a fresh sample.
    pub(crate) fn predict(&mut self, at: Offset, operation: Option<&Arc<str>>) -> Option<Predicted> {
        let (rss, reading) = self.read()?;
        let rss = self.memory.of(rss);
        let available = self.limits.available(rss, reading.available);
        let available = available.map(|available| self.outside.leave_room(available));
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
                // Below the reserve there is none: a size is not negative.
                ceiling: sizing.ceiling.map(|ceiling| Mib::new(ceiling.get().max(0.0))),
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
        let deduction = self.memory.deduction();
        let before = self.open.begin(Beginning {
            id,
            operation,
            items,
            start: at,
            rss_start,
            deduction,
            cpu_start,
            written,
        });
        self.outside.began_batch(rss_start, before);
        id
    }

    /// Ends a batch and learns from it.
    pub(crate) fn end_batch(&mut self, id: u64, at: Offset, cpu: Option<f64>, live: LiveRecord) {
        let rss_end = self.read_rss();
        let Some(open) = self.open.end(id, at) else { return };
        self.outside.ended_batch(rss_end);
        // Learning costs a few microseconds, for nothing where levels choose the size.
        let teaches = self.config.predictive.enabled && open.is_known() && !open.overlapping;
        let (peak, overlapping, batch) = (open.peak(), open.overlapping, open.begun);
        let cpu_seconds = cpu.zip(batch.cpu_start).map(|(end, start)| (end - start).max(0.0));
        self.totals.batches += 1;
        self.totals.items += batch.items;
        if let Some((peak, _)) = peak {
            self.totals.peak.add(peak);
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
                live,
            };
            self.stream.write_always(at, &Record::BatchEnd(record));
        }
        if let (Some(rss_start), Some((rss_peak, source)), Some(rss_end), true) =
            (batch.rss_start, peak, rss_end, teaches)
        {
            let exact_peak = source == PeakSource::HighWaterMark;
            let seconds = duration(at.seconds() - batch.start.seconds(), cpu_seconds);
            // What is deducted at the peak is not known: the smaller of both edges is on the safe side.
            let end = self.memory.deduction();
            let finished = Finished {
                items: batch.items,
                rss_start: deducted(rss_start, batch.deduction),
                rss_peak: deducted(rss_peak, end.min(batch.deduction)),
                rss_end: deducted(rss_end, end),
                seconds,
                exact_peak,
            };
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
            self.stream.snapshot(&snapshot, LiveRecord::default(), self.sampler.is_outside());
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
        let peak = self.run_peak();
        let footer = Footer {
            t_ns: at,
            counters,
            lost_records: totals.lost_records,
            thinned_records: self.stream.left_out(),
            peak_rss_mb: peak.map(|peak| peak.rss),
            peak_source: peak.map(|peak| peak.source()),
            fate: self.fate.clone(),
            samples: totals.samples,
            probe_failures: totals.probe_failures,
            hook_failures: totals.hook_failures,
        };
        self.stream.footer(at, footer);
    }

    /// The highest memory of the run so far.
    pub(crate) fn run_peak(&mut self) -> Option<RunPeak> {
        let mark = self.open.whole_mark();
        self.totals.peak.peak(mark)
    }

    /// Keeps this much room for work outside batches.
    pub(crate) fn reserve(&mut self, room: Mib) {
        self.outside.reserve(room);
    }

    /// Takes how the watched process ended.
    pub(crate) fn end(&mut self, end: ProcessEnd) {
        self.totals.peak.end(end.max_rss);
        self.fate = Some(end.fate);
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

    pub(crate) const fn fate(&self) -> Option<&Fate> {
        self.fate.as_ref()
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

/// The duration of a batch for comparison with others of its operation. Where it computes, that is
/// its CPU time, which other processes do not lengthen; where it mostly waits, for a server, a disk or a
/// child, it is the time on the clock. In between it goes over from one to the other.
fn duration(wall: f64, cpu: Option<f64>) -> f64 {
    const COMPUTES: f64 = 0.75;
    const WAITS: f64 = 0.25;
    let Some(cpu) = cpu.filter(|_| wall > 0.0) else { return wall };
    let waiting = ((COMPUTES - cpu / wall) / (COMPUTES - WAITS)).clamp(0.0, 1.0);
    cpu + (wall - cpu).max(0.0) * waiting
}

fn rounded_seconds(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_that_waits_is_timed_by_the_clock_and_one_that_computes_by_cpu_time() {
        assert_eq!(duration(2.0, Some(2.0)), 2.0);
        assert_eq!(duration(4.0, Some(3.0)), 3.0, "another process had a quarter of the time");
        assert_eq!(duration(4.0, Some(0.1)), 4.0);
        assert_eq!(duration(4.0, Some(2.0)), 3.0, "half and half");
        assert_eq!(duration(1.0, Some(2.0)), 2.0, "two threads");
        assert_eq!([duration(3.0, None), duration(0.0, Some(0.0))], [3.0, 0.0]);
    }
}
