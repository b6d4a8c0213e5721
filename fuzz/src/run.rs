//! Runs from a fuzzer's bytes, by way of the stream that a recorder would have written.

use std::fmt::Display;

use libfuzzer_sys::arbitrary::{Error, Result, Unstructured};
use memtool_profile_model::stream::current::{
    BatchEnd, BatchStart, Footer, GcRecord, Header, LiveRecord, OperationRecord, Record, SnapshotRecord,
    VERSION,
};
use memtool_profile_model::stream::{append_line, read_stream};
use memtool_profile_model::{Host, Mib, Offset, Process, Run};

use crate::draw::{config, size};

/// Labels of operations: few, so that they come again.
const LABELS: [&str; 4] = ["load", "büro\u{7}", "", "<b>"];

/// Lines of a stream, and the moment of the last.
struct Lines {
    text: Vec<u8>,
    at: i64,
    batch: u64,
}

impl Lines {
    fn push(&mut self, record: &Record) {
        append_line(&mut self.text, record).expect("a record has a JSON form");
    }

    /// A moment after the last, mostly by less than a second; rarely before it.
    fn next(&mut self, bytes: &mut Unstructured<'_>) -> Result<Offset> {
        let step = i64::from(bytes.arbitrary::<u8>()?);
        let step = if step == 255 { i64::from(bytes.arbitrary::<i16>()?) * 1_000 } else { step * 10 };
        self.at = (self.at + step * 1_000_000).max(0);
        Ok(Offset::from_nanos(self.at))
    }

    fn snapshot(&mut self, bytes: &mut Unstructured<'_>) -> Result<()> {
        let has: u8 = bytes.arbitrary()?;
        let if_bit = |bit: u8| has & (1 << bit) != 0;
        let mut any = |bit| if if_bit(bit) { size(bytes).map(Some) } else { Ok(None) };
        let (available_mb, shared_mb, pss_mb) = (any(0)?, any(1)?, any(2)?);
        let label = if_bit(3).then(|| bytes.choose(&LABELS)).transpose()?;
        let record = SnapshotRecord {
            t_ns: self.next(bytes)?,
            rss_mb: Some(size(bytes)?).filter(|_| !if_bit(7)),
            batch_size: if if_bit(4) { Some(bytes.arbitrary::<u16>()?.into()) } else { None },
            gc_collections: if if_bit(5) { Some(bytes.arbitrary::<u8>()?.into()) } else { None },
            operation: label.map(ToString::to_string),
            available_mb,
            shared_mb,
            pss_mb,
            ..SnapshotRecord::default()
        };
        self.push(&Record::Snapshot(record));
        Ok(())
    }

    fn batch(&mut self, bytes: &mut Unstructured<'_>) -> Result<()> {
        self.batch += 1;
        let start = BatchStart {
            t_ns: self.next(bytes)?,
            batch: self.batch,
            operation: Some((*bytes.choose(&LABELS)?).to_owned()),
            batch_size: bytes.arbitrary::<u16>()?.into(),
            items: bytes.arbitrary::<u16>()?.into(),
            rss_mb: Some(size(bytes)?),
            live: LiveRecord::default(),
        };
        self.push(&Record::BatchStart(start));
        if bytes.ratio(7, 8)? {
            let end = BatchEnd {
                t_ns: self.next(bytes)?,
                batch: self.batch,
                peak_rss_mb: Some(size(bytes)?),
                rss_mb: Some(size(bytes)?),
                seconds_cpu: Some(f64::from(bytes.arbitrary::<u8>()?) / 64.0),
                ..BatchEnd::default()
            };
            self.push(&Record::BatchEnd(end));
        }
        Ok(())
    }

    fn gc(&mut self, bytes: &mut Unstructured<'_>) -> Result<()> {
        let record = GcRecord {
            t_ns: self.next(bytes)?,
            forced: bytes.arbitrary()?,
            seconds: Some(f64::from(bytes.arbitrary::<u8>()?) / 100.0),
            rss_before_mb: Some(size(bytes)?),
            rss_after_mb: Some(size(bytes)?),
            objects: Some(bytes.arbitrary::<u16>()?.into()),
        };
        self.push(&Record::Gc(record));
        Ok(())
    }

    fn add(&mut self, bytes: &mut Unstructured<'_>) -> Result<()> {
        match bytes.int_in_range(0..=9)? {
            0..=5 => self.snapshot(bytes),
            6 | 7 => self.batch(bytes),
            8 => self.gc(bytes),
            _ => {
                let name = (*bytes.choose(&LABELS)?).to_owned();
                let t_ns = self.next(bytes)?;
                self.push(&Record::Operation(OperationRecord { t_ns, name }));
                Ok(())
            }
        }
    }
}

fn header(bytes: &mut Unstructured<'_>) -> Result<Header> {
    let limit = size(bytes)?;
    let limit_mb = Some(limit).filter(|limit| limit.get() > 0.0);
    Ok(Header {
        version: VERSION,
        run_id: "fuzzed".to_owned(),
        started: "2026-01-01T00:00:00Z".to_owned(),
        host: Host { cores: Some(2), total_mb: Some(Mib::from_gib(8.0)), limit_mb, ..Host::default() },
        process: Process { pid: 7, job: Some("fuzzed".to_owned()), ..Process::default() },
        config: config(bytes)?,
        origin: None,
    })
}

fn refused(error: impl Display) -> Error {
    let _reason = error.to_string();
    Error::IncorrectFormat
}

/// A run of the records that the bytes stand for, until they are used up.
///
/// # Errors
/// Where they are used up before the first sample, or the run is one that readers refuse.
pub fn run(bytes: &mut Unstructured<'_>) -> Result<Run> {
    let mut lines = Lines { text: Vec::new(), at: 0, batch: 0 };
    lines.push(&Record::Header(header(bytes)?));
    while !bytes.is_empty() && lines.add(bytes).is_ok() {}
    if lines.at % 20_000_000 == 0 {
        lines.push(&Record::Footer(Footer { t_ns: Offset::from_nanos(lines.at), ..Footer::default() }));
    }
    let text = String::from_utf8(lines.text).map_err(refused)?;
    read_stream(&text).map_err(refused)
}
