//! What the recorder knows, and how one look changes it.
//!
//! All of it stands behind one lock. Nothing of the host's (hooks, collector, subscriber) runs
//! under that lock: what is left to do is handed out as [`Todo`].

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use memtool_profile_model::policy::{self, Observation, PolicyState};
use memtool_profile_model::predict::{BatchModel, Finished, Room, Sizing};
use memtool_profile_model::stream::current::{
    BatchEnd, BatchStart, DecisionRecord, Footer, GcRecord, Note, OperationRecord, Record, SnapshotRecord,
};
use memtool_profile_model::{
    Action, AdaptiveConfig, Mib, Offset, OptimizationLevel, PeakSource, PressureLevel, SnapshotKind,
};

use crate::floors::Floors;
use crate::history::{History, MemorySnapshot};
use crate::open_batches::{Beginning, OpenBatches};
use crate::outbox::Outbox;
use crate::probe::{Probe, Reading};
use crate::thinning::{Thinning, Turn};

/// Operations that are learned apart; later ones share one model.
const MOST_OPERATIONS: usize = 1_000;

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

/// Why a look is taken.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Look<'a> {
    /// The interval is over.
    Regular,
    /// The job asks, with a label perhaps.
    Asked(Option<&'a str>),
}

/// What is left to do after a look, outside the lock.
#[derive(Debug, Default)]
pub(crate) struct Todo {
    pub(crate) snapshot: Option<MemorySnapshot>,
    pub(crate) collect: bool,
    pub(crate) change: Option<Change>,
    pub(crate) became_critical: bool,
    pub(crate) probe_failed: bool,
    /// Records become this much rarer from here on.
    pub(crate) thinned: Option<u32>,
}

/// A change of the batch size.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change {
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) rss: Mib,
}

/// A collection that the host made.
pub(crate) struct Collected {
    pub(crate) at: Offset,
    pub(crate) seconds: f64,
    pub(crate) objects: Option<u64>,
    pub(crate) forced: bool,
    /// The batch size in force before the decision.
    pub(crate) batch_size: u32,
}

pub(crate) struct State {
    pub(crate) config: AdaptiveConfig,
    pub(crate) policy: PolicyState,
    pub(crate) history: History,
    pub(crate) floors: Floors,
    pub(crate) totals: Totals,
    pub(crate) thinning: Thinning,
    pub(crate) operation: Option<Arc<str>>,
    pub(crate) gc_collections: Option<u64>,
    /// Whether the host gave a collector.
    pub(crate) can_collect: bool,
    pub(crate) size: u32,
    pub(crate) open: OpenBatches,
    limit: Option<Mib>,
    probe: Box<dyn Probe>,
    /// Whether the probe counts children.
    with_children: bool,
    /// Whether this looks at another process, which asks for no batch size.
    pub(crate) outside: bool,
    /// Whether the process that is looked at has ended.
    pub(crate) ended: bool,
    models: HashMap<Option<Arc<str>>, BatchModel>,
    pressure: PressureLevel,
    gc_written: Option<u64>,
    next_batch: u64,
}

impl State {
    pub(crate) fn new(
        config: AdaptiveConfig,
        probe: Box<dyn Probe>,
        open: OpenBatches,
        limit: Option<Mib>,
        cap: u64,
    ) -> Self {
        let policy = PolicyState::default();
        let size = match config.predictive.enabled {
            true => config.batch_sizes.fallback,
            false => config.batch_sizes.size(policy.level),
        };
        Self {
            history: History::new(config.history_size),
            size,
            config,
            policy,
            floors: Floors::default(),
            totals: Totals::default(),
            thinning: Thinning::new(cap),
            operation: None,
            gc_collections: None,
            can_collect: false,
            open,
            limit,
            probe,
            with_children: false,
            outside: false,
            ended: false,
            models: HashMap::new(),
            pressure: PressureLevel::Low,
            gc_written: None,
            next_batch: 1,
        }
    }

    /// Takes a look that the policy acts on.
    pub(crate) fn look(&mut self, at: Offset, look: Look<'_>, outbox: &Outbox) -> Todo {
        let mut todo = Todo::default();
        let failures = self.totals.probe_failures;
        let (label, seen) = match look {
            Look::Asked(label) => (label, self.read()),
            Look::Regular => (None, self.read_by(|probe| probe.glance())),
        };
        let Some((rss, reading)) = seen else {
            if self.totals.probe_failures == failures {
                return todo;
            }
            todo.probe_failed = true;
            self.write_sized(
                None,
                &Record::Snapshot(SnapshotRecord { t_ns: at, ..Default::default() }),
                outbox,
            );
            return todo;
        };
        let before = self.size;
        let snapshot = self.snapshot(at, rss, &reading, label, before);
        todo.thinned = self.note_snapshot(&snapshot, outbox);

        let seen = Observation { at, rss, available: reading.available };
        let (next, step) = policy::step(&self.rules(), self.policy, seen);
        self.policy = next;
        todo.became_critical =
            step.pressure.level == PressureLevel::Critical && self.pressure != step.pressure.level;
        self.pressure = step.pressure.level;
        let decide = |action| Record::Decision(DecisionRecord::new(at, action, seen, step.pressure, None));
        if step.collect {
            todo.collect = true;
            self.write(&decide(Action::Collect), outbox);
        }
        if let Some(change) = step.change.filter(|_| !self.config.predictive.enabled && !self.outside) {
            let sizes = self.config.batch_sizes;
            let (old_size, new_size) = (sizes.size(change.from), sizes.size(change.to));
            self.size = new_size;
            self.write(&decide(Action::ChangeLevel { change, old_size, new_size }), outbox);
            todo.change = Some(Change { from: old_size, to: new_size, rss });
        }
        self.history.push(snapshot.clone());
        todo.snapshot = Some(snapshot);
        todo
    }

    /// The settings that the live policy goes by: without a collector it asks for none, and
    /// where predictions choose the size they also choose when to collect.
    fn rules(&self) -> AdaptiveConfig {
        let auto_gc_enabled =
            self.config.auto_gc_enabled && self.can_collect && !self.config.predictive.enabled;
        AdaptiveConfig { auto_gc_enabled, ..self.config.clone() }
    }

    /// Reads memory; a probe that fails, panics or gives no figure is counted.
    fn read(&mut self) -> Option<(Mib, Reading)> {
        self.read_by(|probe| probe.read())
    }

    fn read_by(
        &mut self,
        read: impl FnOnce(&mut dyn Probe) -> io::Result<Reading>,
    ) -> Option<(Mib, Reading)> {
        let probe = &mut *self.probe;
        let reading = catch_unwind(AssertUnwindSafe(|| read(probe))).ok();
        if let Some(Err(error)) = &reading
            && self.outside
            && error.kind() == ErrorKind::NotFound
        {
            self.ended = true;
            return None;
        }
        let told = matches!(reading, Some(Ok(_)));
        let seen = reading.and_then(Result::ok).and_then(|reading| Some((whole(&reading)?, reading)));
        match &seen {
            Some((rss, reading)) => {
                self.with_children = reading.children_rss.is_some();
                self.totals.samples += 1;
                self.saw(*rss);
            }
            // Right after its start, or at its end, another process holds no memory: no failure.
            None if self.outside && told => {}
            None => self.totals.probe_failures += 1,
        }
        seen
    }

    /// The reading at the edge of a batch; a cheap one where no children are counted.
    fn read_rss(&mut self) -> Option<Mib> {
        if self.with_children {
            return self.read().map(|(rss, _)| rss);
        }
        let probe = &mut self.probe;
        let rss = catch_unwind(AssertUnwindSafe(|| probe.rss())).ok().and_then(Result::ok);
        rss.inspect(|rss| self.saw(*rss))
    }

    fn saw(&mut self, rss: Mib) {
        self.open.saw(rss);
        self.peaked(rss);
    }

    fn peaked(&mut self, rss: Mib) {
        self.totals.peak = Some(self.totals.peak.map_or(rss, |peak| if rss > peak { rss } else { peak }));
    }

    fn snapshot(
        &mut self,
        at: Offset,
        rss: Mib,
        reading: &Reading,
        label: Option<&str>,
        batch_size: u32,
    ) -> MemorySnapshot {
        self.floors.see(at, rss);
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
            pressure_level: policy::pressure(&self.config, seen).level,
            gc_collections: self.gc_collections,
            batch_size,
            kind: SnapshotKind::of_label(label),
            operation: label.map(Arc::from),
        }
    }

    /// Writes a snapshot. What a reader can work out again is left out: the pressure level,
    /// and a count of collections that did not move.
    fn note_snapshot(&mut self, snapshot: &MemorySnapshot, outbox: &Outbox) -> Option<u32> {
        let moved = self.gc_written != snapshot.gc_collections;
        let record = SnapshotRecord {
            t_ns: snapshot.at,
            rss_mb: Some(snapshot.rss),
            vms_mb: snapshot.vms,
            shared_mb: snapshot.shared,
            children_rss_mb: snapshot.children_rss,
            pss_mb: snapshot.pss,
            available_mb: snapshot.available,
            gc_collections: snapshot.gc_collections.filter(|_| moved),
            batch_size: (!self.outside).then_some(snapshot.batch_size),
            operation: snapshot.operation.as_deref().map(str::to_owned),
            ..Default::default()
        };
        self.gc_written = snapshot.gc_collections;
        self.write_sized(Some(snapshot.rss), &Record::Snapshot(record), outbox)
    }

    /// Enters the label that samples carry from here on.
    pub(crate) fn set_operation(&mut self, at: Offset, name: &str, outbox: &Outbox) {
        if self.operation.as_deref() == Some(name) {
            return;
        }
        self.operation = Some(Arc::from(name));
        self.write(&Record::Operation(OperationRecord { t_ns: at, name: name.to_owned() }), outbox);
    }

    /// The next batch size of an operation by what its batches showed, from a fresh look.
    pub(crate) fn predict(
        &mut self,
        at: Offset,
        operation: Option<&Arc<str>>,
        outbox: &Outbox,
    ) -> Option<Sizing> {
        let (rss, reading) = self.read()?;
        let room = Room { rss, available: reading.available, limit: self.limit };
        let config = AdaptiveConfig {
            auto_gc_enabled: self.config.auto_gc_enabled && self.can_collect,
            ..self.config.clone()
        };
        let sizing = self.model(operation).next(&config, room);
        if sizing.size != self.size {
            let seen = Observation { at, rss, available: reading.available };
            let action = Action::Predict {
                operation: None,
                old_size: self.size,
                new_size: sizing.size,
                predicted_peak: sizing.predicted_peak,
                ceiling: sizing.ceiling,
                rule: sizing.rule,
            };
            let pressure = policy::pressure(&self.config, seen);
            let record = DecisionRecord::new(at, action, seen, pressure, operation.map(AsRef::as_ref));
            self.write(&Record::Decision(record), outbox);
            self.size = sizing.size;
        }
        Some(sizing)
    }

    fn model(&mut self, operation: Option<&Arc<str>>) -> &mut BatchModel {
        let key = operation.cloned();
        let known = self.models.contains_key(&key) || self.models.len() < MOST_OPERATIONS;
        self.models.entry(if known { key } else { None }).or_default()
    }

    /// Begins a batch; answers its number.
    pub(crate) fn begin_batch(
        &mut self,
        at: Offset,
        operation: Option<&Arc<str>>,
        items: u64,
        cpu_start: Option<f64>,
        outbox: &Outbox,
    ) -> u64 {
        let id = self.next_batch;
        self.next_batch += 1;
        let rss_start = self.read_rss();
        let written = self.thinning.admits(Turn::Batch);
        if written {
            let record = BatchStart {
                t_ns: at,
                batch: id,
                operation: operation.map(|name| name.to_string()),
                batch_size: self.size,
                items,
                rss_mb: rss_start,
            };
            self.append(&Record::BatchStart(record), outbox);
        }
        let operation = operation.cloned();
        self.open.begin(Beginning { id, operation, items, start: at, rss_start, cpu_start, written });
        id
    }

    /// Ends a batch and learns from it.
    pub(crate) fn end_batch(&mut self, id: u64, at: Offset, cpu: Option<f64>, outbox: &Outbox) {
        let rss_end = self.read_rss();
        let Some(batch) = self.open.end(id) else { return };
        let peak = batch.peak();
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
                overlapping: batch.overlapping,
                seconds_cpu: cpu_seconds.map(rounded_seconds),
            };
            self.append(&Record::BatchEnd(record), outbox);
        }
        if let (Some(rss_start), Some((rss_peak, source)), Some(rss_end), false) =
            (batch.rss_start, peak, rss_end, batch.overlapping)
        {
            let exact_peak = source == PeakSource::HighWaterMark;
            let seconds = worked(at.seconds() - batch.start.seconds(), cpu_seconds);
            let finished = Finished { items: batch.items, rss_start, rss_peak, rss_end, seconds, exact_peak };
            self.model(batch.operation.as_ref()).finished(finished);
        }
    }

    /// Enters a collection: the look after it stands in history and stream, as does what it cost.
    pub(crate) fn collected(&mut self, before: Option<Mib>, done: &Collected, outbox: &Outbox) {
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
        self.write(&Record::Gc(record), outbox);
        if let Some((rss, reading)) = after {
            let label = SnapshotKind::PostGc.label();
            let snapshot = self.snapshot(done.at, rss, &reading, label, done.batch_size);
            self.note_snapshot(&snapshot, outbox);
            self.history.push(snapshot);
        }
        if let (true, Some(before), Some(after)) = (done.forced, before, rss_after) {
            self.policy = policy::collected(self.policy, before, after);
            self.models.values_mut().for_each(|model| model.collected(before, after));
        }
    }

    /// Takes other settings from here on.
    pub(crate) fn reconfigure(&mut self, at: Offset, config: AdaptiveConfig, outbox: &Outbox) {
        self.history.resize(config.history_size);
        if !config.predictive.enabled {
            self.size = config.batch_sizes.size(self.policy.level);
        }
        self.config = config;
        self.note(at, "the settings were changed", outbox);
    }

    pub(crate) fn note(&mut self, at: Offset, text: &str, outbox: &Outbox) {
        self.append(&Record::Note(Note { t_ns: at, text: text.to_owned(), thinning: None }), outbox);
    }

    pub(crate) fn footer(&mut self, at: Offset, outbox: &Outbox) {
        let totals = self.totals;
        let mut counters = self.policy.counters;
        if self.outside {
            counters.batch_size_adjustments = 0;
            counters.automatic_fallbacks = 0;
        }
        let footer = Footer {
            t_ns: at,
            counters,
            lost_records: totals.lost_records,
            thinned_records: self.thinning.left_out,
            peak_rss_mb: totals.peak,
            samples: totals.samples,
            probe_failures: totals.probe_failures,
            hook_failures: totals.hook_failures,
        };
        self.append(&Record::Footer(footer), outbox);
    }

    pub(crate) const fn limit(&self) -> Option<Mib> {
        self.limit
    }

    pub(crate) const fn pressure(&self) -> PressureLevel {
        self.pressure
    }

    pub(crate) const fn level(&self) -> OptimizationLevel {
        self.policy.level
    }

    fn write(&mut self, record: &Record, outbox: &Outbox) {
        if self.thinning.admits(Turn::Other) {
            self.append(record, outbox);
        }
    }

    fn write_sized(&mut self, size: Option<Mib>, record: &Record, outbox: &Outbox) -> Option<u32> {
        let admitted = self.thinning.admits_size(size.map_or(0.0, Mib::get));
        if admitted { self.append(record, outbox) } else { None }
    }

    /// Puts a record out; answers the new share where records become rarer by it.
    fn append(&mut self, record: &Record, outbox: &Outbox) -> Option<u32> {
        let Some(bytes) = outbox.push(record) else { return None };
        let every = self.thinning.wrote(bytes)?;
        let text = format!("the stream nears its size cap: one in {every} records is kept");
        let at = match record {
            Record::Snapshot(snapshot) => snapshot.t_ns,
            _ => self.history.last().map_or(Offset::START, |snapshot| snapshot.at),
        };
        let bytes = outbox.push(&Record::Note(Note { t_ns: at, text, thinning: Some(every) }));
        self.thinning.wrote(bytes.unwrap_or(0));
        Some(every)
    }
}

/// What a batch took, for comparison with others of its operation: CPU time, which other
/// processes do not stretch, unless it mostly waited, for a disk or a child.
fn worked(wall: f64, cpu: Option<f64>) -> f64 {
    cpu.map_or(wall, |cpu| cpu.max(wall / 2.0))
}

/// The memory of the process and the children that are counted; none at all is a failure.
fn whole(reading: &Reading) -> Option<Mib> {
    let own = reading.rss.filter(|rss| rss.get() > 0.0)?;
    Some(reading.children_rss.map_or(own, |children| Mib::new(own.get() + children.get()).rounded()))
}

fn rounded_seconds(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}
