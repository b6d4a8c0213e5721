//! Streams of random records, written line by line, read back as the run they describe.

use memtool_profile_model::policy::{Cause, Counters, LevelChange};
use memtool_profile_model::stream::current::{
    BatchEnd, BatchStart, Footer, GcRecord, Header, Note, OperationRecord, Record, SnapshotRecord,
};
use memtool_profile_model::stream::write_record;
use memtool_profile_model::{
    Action, AdaptiveConfig, Batch, Collection, Decision, Format, Host, Mib, Offset, OperationId, Operations,
    OptimizationLevel, PeakSource, PressureLevel, Process, Run, Snapshot, SnapshotKind, Warning, read_run,
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
        rest: [Option<Mib>; 2],
        level: Option<PressureLevel>,
        kind: SnapshotKind,
        label: Option<&'static str>,
    },
    Batch {
        label: Option<&'static str>,
        size: u32,
        items: u64,
        rss: Option<Mib>,
    },
    BatchEnd {
        peak: Option<(Mib, PeakSource)>,
        rss: Option<Mib>,
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
    },
    Operation(&'static str),
    Note(String),
}

fn sizes() -> impl Strategy<Value = Mib> {
    (1..1_u64 << 44).prop_map(Mib::from_bytes)
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
    let change =
        (levels(), levels(), any::<u32>(), any::<u32>()).prop_map(|(from, to, old_size, new_size)| {
            Action::ChangeLevel { change: LevelChange { from, to }, old_size, new_size }
        });
    prop_oneof![Just(Action::Collect), change]
}

fn events() -> impl Strategy<Value = Event> {
    let size = || prop::option::of(sizes());
    let sources =
        prop::sample::select(&[PeakSource::HighWaterMark, PeakSource::CgroupPeak, PeakSource::Sampled][..]);
    let causes = prop::sample::select(&[Cause::Rss, Cause::Available][..]);
    prop_oneof![
        5 => (size(), [size(), size()], prop::option::of(pressures()), kinds(), labels())
            .prop_map(|(rss, rest, level, kind, label)| Event::Snapshot { rss, rest, level, kind, label }),
        2 => (labels(), any::<u32>(), any::<u64>(), size())
            .prop_map(|(label, size, items, rss)| Event::Batch { label, size, items, rss }),
        2 => (prop::option::of((sizes(), sources)), size()).prop_map(|(peak, rss)| Event::BatchEnd { peak, rss }),
        1 => (any::<bool>(), prop::option::of(0.0..1e3_f64), size(), prop::option::of(any::<u64>()))
            .prop_map(|(forced, seconds, rss, objects)| Event::Gc { forced, seconds, rss, objects }),
        1 => (actions(), sizes(), size(), pressures(), causes)
            .prop_map(|(action, rss, available, pressure, cause)| Event::Decision { action, rss, available, pressure, cause }),
        1 => prop::sample::select(&LABELS[..]).prop_map(Event::Operation),
        1 => any::<String>().prop_map(Event::Note),
    ]
}

/// The run that the events make, beside the records that describe it.
struct Writer {
    run: Run,
    records: Vec<Record>,
    current: Option<OperationId>,
    missing: usize,
}

impl Writer {
    fn new() -> Self {
        let config = AdaptiveConfig::default();
        let host = Host { cores: Some(2), total_mb: Some(Mib::new(0.1)), ..Host::default() };
        let process = Process { pid: 7, command: Some("python".into()), job: Some("büro".into()) };
        let started = "2026-11-23T04:30:10.710838123Z";
        let header = Header {
            version: 1,
            run_id: "r".into(),
            started: started.into(),
            host: host.clone(),
            process: process.clone(),
            config: config.clone(),
        };
        let run = Run {
            format: Format::StreamV1,
            started: started.parse().expect("a time"),
            config,
            assumed: Vec::new(),
            host,
            process,
            operations: Operations::default(),
            snapshots: Vec::new(),
            batches: Vec::new(),
            collections: Vec::new(),
            decisions: Vec::new(),
            counters: None,
            recommendations: Vec::new(),
            warnings: Vec::new(),
        };
        Self { run, records: vec![Record::Header(header)], current: None, missing: 0 }
    }

    fn labelled(&mut self, label: Option<&str>) -> Option<OperationId> {
        label.map(|name| self.run.operations.intern(name)).or(self.current)
    }

    fn write(&mut self, at: Offset, event: Event) {
        let record = match event {
            Event::Snapshot { rss, rest: [vms, available], level, kind, label } => {
                let label = label.filter(|_| kind == SnapshotKind::Regular);
                let operation = self.labelled(label);
                self.missing += usize::from(rss.is_none());
                self.run.snapshots.push(Snapshot {
                    at,
                    rss,
                    vms,
                    system_percent: Some(12.5),
                    available,
                    level,
                    gc_collections: Some(u64::MAX),
                    batch_size: None,
                    kind,
                    operation,
                });
                Record::Snapshot(SnapshotRecord {
                    t_ns: at,
                    rss_mb: rss,
                    vms_mb: vms,
                    percent: Some(12.5),
                    available_mb: available,
                    pressure_level: level,
                    gc_collections: Some(u64::MAX),
                    batch_size: None,
                    operation: kind.label().or(label).map(str::to_owned),
                })
            }
            Event::Batch { label, size, items, rss } => self.batch_start(at, label, size, items, rss),
            Event::BatchEnd { peak, rss } => self.batch_end(at, peak, rss),
            Event::Gc { forced, seconds, rss, objects } => {
                let collection =
                    Collection { at, forced, seconds, rss_before: rss, rss_after: None, objects };
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
            Event::Decision { action, rss, available, pressure, cause } => {
                let decision = Decision { at, action, rss, available, pressure, cause };
                self.run.decisions.push(decision);
                Record::Decision((&decision).into())
            }
            Event::Operation(name) => {
                self.current = self.labelled(Some(name));
                Record::Operation(OperationRecord { t_ns: at, name: name.into() })
            }
            Event::Note(text) => Record::Note(Note { t_ns: at, text }),
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
    ) -> Record {
        let operation = self.labelled(label);
        let batch = self.run.batches.len() as u64;
        let started = Batch {
            operation,
            size,
            items,
            start: at,
            end: None,
            rss_start: rss,
            rss_peak: None,
            peak_source: None,
            rss_end: None,
        };
        self.run.batches.push(started);
        let operation = label.map(str::to_owned);
        Record::BatchStart(BatchStart { t_ns: at, batch, operation, batch_size: size, items, rss_mb: rss })
    }

    /// Ends the newest open batch; where none is open, the reader ignores the record.
    fn batch_end(&mut self, at: Offset, peak: Option<(Mib, PeakSource)>, rss: Option<Mib>) -> Record {
        let (peak, source) = peak.unzip();
        let open = self.run.batches.iter().rposition(|batch| batch.end.is_none());
        if let Some(index) = open {
            let batch = &mut self.run.batches[index];
            (batch.end, batch.rss_peak, batch.peak_source, batch.rss_end) = (Some(at), peak, source, rss);
        }
        let batch = open.map_or(u64::MAX, |index| index as u64);
        Record::BatchEnd(BatchEnd { t_ns: at, batch, peak_rss_mb: peak, peak_source: source, rss_mb: rss })
    }

    fn close(&mut self, at: Offset, lost_records: u64) {
        let counters = Counters { total_gc_collections: 3, ..Counters::default() };
        self.run.counters = Some(counters);
        let warnings = &mut self.run.warnings;
        warnings.extend((lost_records > 0).then_some(Warning::LostRecords(lost_records)));
        warnings.extend((self.missing > 0).then_some(Warning::MissingRss(self.missing)));
        self.records.push(Record::Footer(Footer { t_ns: at, counters, lost_records }));
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
    let strategy = (prop::collection::vec((gaps, events()), 0..60), 0..3_u64);
    let checked = TestRunner::new(config).run(&strategy, |(events, lost)| {
        let mut writer = Writer::new();
        let mut at = 0;
        for (gap, event) in events {
            at += gap;
            writer.write(Offset::from_nanos(at), event);
        }
        writer.close(Offset::from_nanos(at + 1), lost);
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
