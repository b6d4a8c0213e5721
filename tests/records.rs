//! Streams of random records, written line by line, read back as the run they describe.

use memtool_profile_model::stream::current::{
    BatchEnd, BatchStart, CacheRecord, DecisionRecord, Footer, GcRecord, Header, LibrariesRecord, LiveRecord,
    Note, OperationRecord, Record, SnapshotRecord,
};
use memtool_profile_model::stream::write_record;
use memtool_profile_model::{
    Action, AdaptiveConfig, Batch, Cache, Cause, Collection, Counters, Decision, Fate, FateSource, Host,
    LevelChange, LiveSample, Meter, Mib, Observation, Offset, OperationId, OptimizationLevel, Peak,
    PeakSource, PressureLevel, Process, Run, SizeRule, Snapshot, SnapshotKind, Warning, pressure, read_run,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

/// Any number does: the same cases in every run.
const SEED: u64 = 0x6d65_6d74;

/// Labels that a careless writer or reader would break on.
const LABELS: [&str; 6] =
    ["load", "büro – 負荷", "a \"quoted\" one", "two\nlines\r", "\u{2028}\u{1b}[31m", ""];

/// What happens in a run, without its time.
#[derive(Debug, Clone)]
enum Event {
    Snapshot {
        rss: Option<Mib>,
        rest: [Option<Mib>; 7],
        live: LiveRecord,
        collections: Option<u64>,
        level: Option<PressureLevel>,
        kind: SnapshotKind,
        label: Option<&'static str>,
    },
    Batch {
        label: Option<&'static str>,
        size: u32,
        items: u64,
        rss: Option<Mib>,
        live: LiveRecord,
    },
    BatchEnd {
        peak: Option<(Mib, PeakSource)>,
        rss: Option<Mib>,
        overlapping: bool,
        cpu: Option<f64>,
        live: LiveRecord,
    },
    Gc {
        forced: bool,
        seconds: Option<f64>,
        rss: Option<Mib>,
        objects: Option<u64>,
    },
    Decision {
        action: Action,
        rss: Mib,
        available: Option<Mib>,
        pressure: PressureLevel,
        cause: Cause,
        /// The operation that a predicted size holds for.
        label: Option<&'static str>,
    },
    Operation(&'static str),
    Cache(&'static str, Option<Mib>),
    Libraries(Vec<String>),
    Note(String, Option<u32>, Option<u64>),
}

fn sizes() -> impl Strategy<Value = Mib> {
    (1..1_u64 << 44).prop_map(Mib::from_bytes)
}

fn live() -> impl Strategy<Value = LiveRecord> {
    let size = || prop::option::of(sizes());
    let meters =
        prop::collection::btree_map(prop::sample::select(&LABELS[..]).prop_map(str::to_owned), sizes(), 0..3);
    (size(), size(), prop::option::of(counts()), meters).prop_map(
        |(heap_used_mb, heap_free_mb, py_blocks, meters)| LiveRecord {
            heap_used_mb,
            heap_free_mb,
            py_blocks,
            meters,
        },
    )
}

/// Counts that JSON holds exactly.
fn counts() -> impl Strategy<Value = u64> {
    0..=1_u64 << 53
}

fn labels() -> impl Strategy<Value = Option<&'static str>> {
    prop::option::of(prop::sample::select(&LABELS[..]))
}

fn pressures() -> impl Strategy<Value = PressureLevel> {
    prop::sample::select(&PressureLevel::ALL[..])
}

fn kinds() -> impl Strategy<Value = SnapshotKind> {
    use SnapshotKind::{PostGc, Regular, Statistics};
    prop::sample::select(&[Regular, PostGc, Statistics][..])
}

fn actions() -> impl Strategy<Value = Action> {
    use OptimizationLevel::{Fallback, High, Low, Medium};
    let levels = || prop::sample::select(&[Fallback, Low, Medium, High][..]);
    let moments = || prop::option::of(any::<i64>().prop_map(Offset::from_nanos));
    let change = (levels(), levels(), moments(), any::<u32>(), any::<u32>()).prop_map(
        |(from, to, held_since, old_size, new_size)| Action::ChangeLevel {
            change: LevelChange { from, to, held_since },
            old_size,
            new_size,
        },
    );
    use SizeRule::{Efficient, Fitted, Growing, Shrunk, Unknown};
    let rules = prop::sample::select(&[Unknown, Growing, Fitted, Efficient, Shrunk][..]);
    let predict = (any::<u32>(), any::<u32>(), prop::option::of(sizes()), sizes(), rules).prop_map(
        |(old_size, new_size, predicted_peak, ceiling, rule)| Action::Predict {
            operation: None,
            old_size,
            new_size,
            predicted_peak,
            ceiling: Some(ceiling),
            rule,
        },
    );
    prop_oneof![Just(Action::Collect), change, predict]
}

/// The parts of a whole: none is larger.
fn within(rss: Option<Mib>, mut rest: [Option<Mib>; 7]) -> [Option<Mib>; 7] {
    let whole = rss.map_or(f64::INFINITY, Mib::get);
    for part in &mut rest[..3] {
        *part = part.filter(|part| part.get() <= whole);
    }
    rest
}

fn sources() -> impl Strategy<Value = PeakSource> {
    prop::sample::select(&[PeakSource::HighWaterMark, PeakSource::CgroupPeak, PeakSource::Sampled][..])
}

fn fates() -> impl Strategy<Value = Fate> {
    use FateSource::{CgroupEvents, ExitStatus, KernelLog, Other};
    let known_by = prop::option::of(prop::sample::select(&[CgroupEvents, KernelLog, ExitStatus, Other][..]));
    let number = || prop::option::of(any::<i32>());
    let kills = prop::option::of(any::<u64>());
    (number(), number(), prop::option::of(any::<bool>()), known_by, kills).prop_map(
        |(exit_code, signal, killed_for_memory, known_by, group_kills)| Fate {
            exit_code,
            signal,
            killed_for_memory,
            known_by,
            group_kills,
        },
    )
}

fn events() -> impl Strategy<Value = Event> {
    let size = || prop::option::of(sizes());
    let causes = prop::sample::select(&[Cause::Rss, Cause::Available][..]);
    prop_oneof![
        5 => (size(), [size(), size(), size(), size(), size(), size(), size()],
            prop::option::of(counts()), prop::option::of(pressures()), kinds(), labels(), live())
            .prop_map(|(rss, rest, collections, level, kind, label, live)| {
                Event::Snapshot { rss, rest: within(rss, rest), collections, level, kind, label, live }
            }),
        2 => (labels(), any::<u32>(), counts(), size(), live())
            .prop_map(|(label, size, items, rss, live)| Event::Batch { label, size, items, rss, live }),
        2 => (prop::option::of((sizes(), sources())), size(), any::<bool>(), prop::option::of(0.0..1e3_f64), live())
            .prop_map(|(peak, rss, overlapping, cpu, live)| Event::BatchEnd { peak, rss, overlapping, cpu, live }),
        1 => (any::<bool>(), prop::option::of(0.0..1e3_f64), size(), prop::option::of(counts()))
            .prop_map(|(forced, seconds, rss, objects)| Event::Gc { forced, seconds, rss, objects }),
        1 => (actions(), sizes(), size(), pressures(), causes, labels())
            .prop_map(|(action, rss, available, pressure, cause, label)| {
                Event::Decision { action, rss, available, pressure, cause, label }
            }),
        1 => prop::sample::select(&LABELS[..]).prop_map(Event::Operation),
        1 => (prop::sample::select(&LABELS[..]), size()).prop_map(|(name, limit)| Event::Cache(name, limit)),
        1 => prop::collection::vec(any::<String>(), 0..3).prop_map(Event::Libraries),
        1 => (any::<String>(), prop::option::of(2..9_u32), prop::option::of(counts()))
            .prop_map(|(text, every, lost)| Event::Note(text, every, lost)),
    ]
}

/// The run that the events make, beside the records that describe it.
struct Writer {
    run: Run,
    records: Vec<Record>,
    current: Option<OperationId>,
    collections: Option<u64>,
    missing: usize,
    lost: u64,
}

impl Writer {
    fn new() -> Self {
        let config = AdaptiveConfig::default();
        let host = Host { cores: Some(2), total_mb: Some(Mib::new(0.1)), ..Host::default() };
        let process = Process {
            pid: 7,
            command: Some("python".into()),
            job: Some("büro".into()),
            version: Some("2 β".into()),
            ..Process::default()
        };
        let started = "2026-11-23T04:30:10.710838123Z";
        let header = Header {
            version: 1,
            run_id: "r".into(),
            started: started.into(),
            host: host.clone(),
            process: process.clone(),
            config: config.clone(),
            origin: None,
        };
        let run = Run {
            id: Some("r".into()),
            started: started.parse().expect("a time"),
            config,
            host,
            process,
            ..Run::default()
        };
        Self {
            run,
            records: vec![Record::Header(header)],
            current: None,
            collections: None,
            missing: 0,
            lost: 0,
        }
    }

    fn labelled(&mut self, label: Option<&str>) -> Option<OperationId> {
        label.map(|name| self.run.operations.intern(name)).or(self.current)
    }

    fn write(&mut self, at: Offset, event: Event) {
        let record = match event {
            Event::Snapshot { rss, rest, collections, level, kind, label, live } => {
                let record = SnapshotRecord {
                    t_ns: at,
                    rss_mb: rss,
                    children_rss_mb: rest[0],
                    shared_mb: rest[1],
                    pss_mb: rest[2],
                    vms_mb: rest[3],
                    percent: Some(12.5),
                    available_mb: rest[4],
                    pressure_level: level,
                    gc_collections: collections,
                    batch_size: None,
                    operation: kind.label().or(label).map(str::to_owned),
                    peak_rss_mb: rest[5],
                    group_mb: rest[6],
                    live,
                };
                self.snapshot(&record, kind, label.filter(|_| kind == SnapshotKind::Regular));
                Record::Snapshot(record)
            }
            Event::Batch { label, size, items, rss, live } => {
                self.batch_start(at, label, size, items, rss, live)
            }
            Event::BatchEnd { peak, rss, overlapping, cpu, live } => {
                let (peak_rss_mb, peak_source) = peak.unzip();
                let mut record = BatchEnd {
                    t_ns: at,
                    batch: u64::MAX,
                    peak_rss_mb,
                    peak_source,
                    rss_mb: rss,
                    retained_mb: rss,
                    overlapping,
                    seconds_cpu: cpu,
                    live,
                };
                self.batch_end(&mut record);
                Record::BatchEnd(record)
            }
            Event::Gc { forced, seconds, rss, objects } => {
                let collection = Collection {
                    at,
                    forced,
                    seconds,
                    rss_before: rss,
                    rss_after: None,
                    committed: None,
                    young: false,
                    objects,
                };
                self.run.collections.push(collection);
                Record::Gc(GcRecord {
                    t_ns: at,
                    forced,
                    seconds,
                    rss_before_mb: rss,
                    rss_after_mb: None,
                    objects,
                })
            }
            Event::Decision { mut action, rss, available, pressure, cause, label } => {
                if let Action::Predict { operation, .. } = &mut action {
                    *operation = self.labelled(label);
                }
                let decision = Decision { at, action, rss, available, pressure, cause };
                self.run.decisions.push(decision);
                Record::Decision(DecisionRecord::from((&decision, &self.run.operations)))
            }
            Event::Operation(name) => {
                self.current = if name.is_empty() { None } else { self.labelled(Some(name)) };
                Record::Operation(OperationRecord { t_ns: at, name: name.into() })
            }
            Event::Cache(name, limit_mb) => {
                self.cache(name, limit_mb);
                Record::Cache(CacheRecord { t_ns: at, name: name.to_owned(), limit_mb })
            }
            Event::Libraries(names) => {
                for name in &names {
                    if !self.run.libraries.contains(name) {
                        self.run.libraries.push(name.clone());
                    }
                }
                Record::Libraries(LibrariesRecord { t_ns: at, names })
            }
            Event::Note(text, thinning, lost_records) => {
                self.lost = self.lost.max(lost_records.unwrap_or(0));
                Record::Note(Note { t_ns: at, text, thinning, lost_records, unsampled: false })
            }
        };
        self.records.push(record);
    }

    fn batch_start(
        &mut self,
        at: Offset,
        label: Option<&str>,
        size: u32,
        items: u64,
        rss: Option<Mib>,
        live: LiveRecord,
    ) -> Record {
        let operation = self.labelled(label);
        let batch = self.run.batches.len() as u64;
        let started = Batch { operation, size, items, start: at, rss_start: rss, ..Batch::default() };
        self.run.batches.push(started);
        self.live(at, false, &live);
        let operation = label.map(str::to_owned);
        Record::BatchStart(BatchStart {
            t_ns: at,
            batch,
            operation,
            batch_size: size,
            items,
            rss_mb: rss,
            live,
        })
    }

    /// Ends the newest open batch; where none is open, the reader ignores the record.
    fn batch_end(&mut self, record: &mut BatchEnd) {
        let open = self.run.batches.iter().rposition(|batch| batch.end.is_none());
        if let Some(index) = open {
            let batch = &mut self.run.batches[index];
            record.batch = index as u64;
            (batch.end, batch.rss_end) = (Some(record.t_ns), record.rss_mb);
            batch.retained = record.retained_mb;
            self.live(record.t_ns, true, &record.live);
            let batch = &mut self.run.batches[index];
            (batch.rss_peak, batch.peak_source) = (record.peak_rss_mb, record.peak_source);
            (batch.overlapping, batch.cpu_seconds) = (record.overlapping, record.seconds_cpu);
        }
    }

    /// What the reader makes of a snapshot: levels and counts that are left out follow.
    fn snapshot(&mut self, record: &SnapshotRecord, kind: SnapshotKind, label: Option<&str>) {
        let seen =
            record.rss_mb.map(|rss| Observation { at: record.t_ns, rss, available: record.available_mb });
        let computed = seen.map(|seen| pressure(&self.run.config, seen).level);
        self.missing += usize::from(seen.is_none());
        self.collections = record.gc_collections.or(self.collections);
        let operation = self.labelled(label);
        self.run.snapshots.push(Snapshot {
            at: record.t_ns,
            rss: record.rss_mb,
            children_rss: record.children_rss_mb,
            shared: record.shared_mb,
            pss: record.pss_mb,
            vms: record.vms_mb,
            system_percent: record.percent,
            available: record.available_mb,
            level: record.pressure_level.or(computed),
            gc_collections: self.collections,
            batch_size: record.batch_size,
            kind,
            operation,
        });
        self.live(record.t_ns, false, &record.live);
        let source = Some(PeakSource::HighWaterMark);
        self.mark(record.peak_rss_mb.map(|rss| Peak { rss, source }));
        let charged = self.run.group_peak.into_iter().chain(record.group_mb);
        self.run.group_peak = charged.max_by(|a, b| a.get().total_cmp(&b.get()));
    }

    fn live(&mut self, at: Offset, batch_end: bool, record: &LiveRecord) {
        let LiveRecord { heap_used_mb: heap_used, heap_free_mb: heap_free, py_blocks, meters } =
            record.clone();
        if (heap_used, heap_free, py_blocks) != (None, None, None) {
            self.run.live.samples.push(LiveSample { at, batch_end, heap_used, heap_free, py_blocks });
        }
        for (name, value) in meters {
            match self.run.live.meters.iter_mut().find(|meter| meter.name == name) {
                Some(meter) => meter.values.push((at, value)),
                None => self.run.live.meters.push(Meter { name, values: vec![(at, value)] }),
            }
        }
    }

    fn mark(&mut self, peak: Option<Peak>) {
        self.run.stated_peak = self.run.stated_peak.into_iter().chain(peak).reduce(Peak::max);
    }

    fn cache(&mut self, name: &str, limit: Option<Mib>) {
        let cache = Cache { name: name.to_owned(), limit };
        match self.run.caches.iter_mut().find(|known| known.name == name) {
            Some(known) => *known = cache,
            None => self.run.caches.push(cache),
        }
    }

    /// A batch without an end overlaps every other that was open at or after its start.
    fn mark_unended(&mut self) {
        let spans: Vec<_> = self.run.batches.iter().map(|batch| (batch.start, batch.end)).collect();
        for (index, batch) in self.run.batches.iter_mut().enumerate().filter(|(_, b)| b.end.is_none()) {
            let others = spans.iter().enumerate().filter(|(other, _)| *other != index);
            batch.overlapping =
                others.map(|(_, span)| span.1).any(|end| end.is_none_or(|end| end > batch.start));
        }
    }

    fn close(&mut self, at: Offset, lost_records: u64, mark: Option<Peak>, fate: Option<Fate>) {
        self.mark_unended();
        let counters = Counters { total_gc_collections: 3, ..Counters::default() };
        self.run.counters = Some(counters);
        self.mark(mark);
        self.run.fate.clone_from(&fate);
        let lost = self.lost.max(lost_records);
        let warnings = &mut self.run.warnings;
        warnings.extend((self.missing > 0).then_some(Warning::MissingRss(self.missing)));
        warnings.extend((lost > 0).then_some(Warning::LostRecords(lost)));
        let (peak_rss_mb, peak_source) = mark.map(|mark| (mark.rss, mark.source)).unzip();
        self.records.push(Record::Footer(Footer {
            t_ns: at,
            counters,
            lost_records,
            peak_rss_mb,
            peak_source: peak_source.flatten(),
            fate,
            ..Footer::default()
        }));
    }

    fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for record in &self.records {
            write_record(&mut text, record).expect("memory takes it");
        }
        text
    }
}

#[test]
fn records_read_back_as_the_run_they_describe() {
    let config =
        Config { rng_seed: RngSeed::Fixed(SEED), failure_persistence: None, ..Config::with_cases(256) };
    let gaps = 1..100_000_000_000_i64;
    let mark = prop::option::of((sizes(), prop::option::of(sources())));
    let strategy =
        (prop::collection::vec((gaps, events()), 0..60), 0..3_u64, mark, prop::option::of(fates()));
    let checked = TestRunner::new(config).run(&strategy, |(events, lost, mark, fate)| {
        let mut writer = Writer::new();
        let mut at = 0;
        for (gap, event) in events {
            at += gap;
            writer.write(Offset::from_nanos(at), event);
        }
        let mark = mark.map(|(rss, source)| Peak { rss, source });
        writer.close(Offset::from_nanos(at + 1), lost, mark, fate);
        let readable = writer.run.snapshots.iter().any(|s| s.rss.is_some());
        match read_run(&writer.text()) {
            Ok(run) => prop_assert_eq!(run, writer.run),
            Err(error) => prop_assert!(!readable, "{}", error),
        }
        Ok(())
    });
    if let Err(error) = checked {
        panic!("{error}");
    }
}
