//! From a stream to a run: everything but a torn last line reads back.

use std::collections::HashMap;

use super::check;
use super::v1::{BatchEnd, BatchStart, DecisionRecord, GcRecord, Header, Record, SnapshotRecord, VERSION};
use crate::batch::{Batch, Collection};
use crate::decision::Decision;
use crate::error::ReadError;
use crate::operation::{OperationId, Operations};
use crate::profile::put_in_order;
use crate::run::{Format, Run, Warning};
use crate::snapshot::{Snapshot, SnapshotKind};
use crate::time;

/// Reads a stream's text as a run.
///
/// # Errors
/// Where the header is missing or of another version, or a line before the last is damaged.
pub fn read_stream(text: &str) -> Result<Run, ReadError> {
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let (_, first) = lines.next().ok_or(ReadError::Empty)?;
    let mut builder = RunBuilder::new(header_of(first)?)?;
    let mut pending: Option<(usize, serde_json::Error, &str)> = None;
    for (index, line) in lines {
        if let Some((bad, error, damaged)) = pending.take() {
            return Err(ReadError::json(&error, damaged, bad));
        }
        match serde_json::from_str::<Record>(line) {
            Ok(record) => builder.add(record, index + 1)?,
            Err(_) if is_unknown_kind(line) => builder.unknown += 1,
            Err(error) => pending = Some((index + 1, error, line)),
        }
    }
    // Only the very last line can be torn: one that ends in a line feed was written whole.
    match pending {
        Some((bad, error, damaged)) if text.ends_with('\n') => Err(ReadError::json(&error, damaged, bad)),
        Some((bad, _, _)) => builder.finish(Some(bad)),
        None => builder.finish(None),
    }
}

fn header_of(line: &str) -> Result<Header, ReadError> {
    #[derive(serde::Deserialize)]
    struct Tag {
        version: u64,
    }
    let tag: Tag = serde_json::from_str(line).map_err(|error| ReadError::json(&error, line, 1))?;
    if tag.version != VERSION {
        return Err(ReadError::Version { found: tag.version, supported: VERSION });
    }
    match serde_json::from_str(line).map_err(|error| ReadError::json(&error, line, 1))? {
        Record::Header(header) => Ok(header),
        _ => Err(ReadError::Value {
            place: "line 1".to_owned(),
            expected: "a header record",
            found: "another record".to_owned(),
        }),
    }
}

/// A later version may add record kinds: a whole object with a tag we do not know is skipped.
fn is_unknown_kind(line: &str) -> bool {
    const KNOWN: [&str; 9] =
        ["header", "snapshot", "batch_start", "batch_end", "gc", "decision", "operation", "note", "footer"];
    #[derive(serde::Deserialize)]
    struct Tag {
        r#type: String,
    }
    serde_json::from_str::<Tag>(line).is_ok_and(|tag| !KNOWN.contains(&tag.r#type.as_str()))
}

struct RunBuilder {
    run: Run,
    current: Option<OperationId>,
    open: HashMap<u64, usize>,
    unknown: usize,
    closed: bool,
}

impl RunBuilder {
    fn new(header: Header) -> Result<Self, ReadError> {
        let started = time::parse(&header.started).ok_or_else(|| ReadError::Value {
            place: "line 1, started".to_owned(),
            expected: "an RFC 3339 time",
            found: format!("{:?}", header.started.chars().take(60).collect::<String>()),
        })?;
        check::header(&header)?;
        let run = Run {
            format: Format::StreamV1,
            started: started.at,
            config: header.config,
            assumed: Vec::new(),
            host: header.host,
            process: header.process,
            operations: Operations::default(),
            snapshots: Vec::new(),
            batches: Vec::new(),
            collections: Vec::new(),
            decisions: Vec::new(),
            counters: None,
            recommendations: Vec::new(),
            warnings: Vec::new(),
        };
        Ok(Self { run, current: None, open: HashMap::new(), unknown: 0, closed: false })
    }

    fn add(&mut self, record: Record, line: usize) -> Result<(), ReadError> {
        check::record(&record, line)?;
        match record {
            Record::Header(_) => {
                return Err(ReadError::Value {
                    place: format!("line {line}"),
                    expected: "a record of the same run",
                    found: "a second header".to_owned(),
                });
            }
            Record::Snapshot(record) => self.snapshot(&record),
            Record::BatchStart(record) => self.batch_start(&record),
            Record::BatchEnd(record) => self.batch_end(&record),
            Record::Gc(record) => self.run.collections.push(collection_of(&record)),
            Record::Decision(record) => self.run.decisions.push(decision_of(&record)),
            Record::Operation(record) => self.current = Some(self.run.operations.intern(&record.name)),
            Record::Note(_) => {}
            Record::Footer(footer) => {
                self.closed = true;
                self.run.counters = Some(footer.counters);
                if footer.lost_records > 0 {
                    self.run.warnings.push(Warning::LostRecords(footer.lost_records));
                }
            }
        }
        Ok(())
    }

    fn snapshot(&mut self, record: &SnapshotRecord) {
        let kind = SnapshotKind::of_label(record.operation.as_deref());
        let own = record.operation.as_deref().filter(|_| kind == SnapshotKind::Regular);
        let operation = own.map(|name| self.run.operations.intern(name)).or(self.current);
        self.run.snapshots.push(Snapshot {
            at: record.t_ns,
            rss: record.rss_mb.filter(|rss| rss.get() > 0.0),
            vms: record.vms_mb,
            system_percent: record.percent,
            available: record.available_mb,
            level: record.pressure_level,
            gc_collections: record.gc_collections,
            batch_size: record.batch_size,
            kind,
            operation,
        });
    }

    fn batch_start(&mut self, record: &BatchStart) {
        let operation =
            record.operation.as_deref().map(|name| self.run.operations.intern(name)).or(self.current);
        self.open.insert(record.batch, self.run.batches.len());
        self.run.batches.push(Batch {
            operation,
            size: record.batch_size,
            items: record.items,
            start: record.t_ns,
            end: None,
            rss_start: record.rss_mb,
            rss_peak: None,
            peak_source: None,
            rss_end: None,
        });
    }

    fn batch_end(&mut self, record: &BatchEnd) {
        let Some(index) = self.open.remove(&record.batch) else { return };
        let batch = &mut self.run.batches[index];
        batch.end = Some(record.t_ns);
        batch.rss_peak = record.peak_rss_mb;
        batch.peak_source = record.peak_source;
        batch.rss_end = record.rss_mb;
    }

    fn finish(mut self, torn: Option<usize>) -> Result<Run, ReadError> {
        let run = &mut self.run;
        put_in_order(&mut run.snapshots, &mut run.warnings);
        let missing = run.snapshots.iter().filter(|s| s.rss.is_none()).count();
        if missing == run.snapshots.len() {
            return Err(ReadError::NoSamples("stream"));
        }
        let found = [
            (missing > 0).then_some(Warning::MissingRss(missing)),
            (self.unknown > 0).then_some(Warning::UnknownRecords(self.unknown)),
            torn.map(Warning::TornLastLine),
            (!self.closed).then_some(Warning::EndedWithoutClosing),
        ];
        run.warnings.extend(found.into_iter().flatten());
        Ok(self.run)
    }
}

fn collection_of(record: &GcRecord) -> Collection {
    Collection {
        at: record.t_ns,
        forced: record.forced,
        seconds: record.seconds,
        rss_before: record.rss_before_mb,
        rss_after: record.rss_after_mb,
        objects: record.objects,
    }
}

fn decision_of(record: &DecisionRecord) -> Decision {
    Decision {
        at: record.t_ns,
        action: record.action.into(),
        rss: record.rss_mb,
        available: record.available_mb,
        pressure: record.pressure_level,
        cause: record.cause,
    }
}
