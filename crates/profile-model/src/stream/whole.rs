//! A whole run as a stream.

use std::io;

use super::v1::{Footer, Header, Record, SnapshotRecord, VERSION};
use super::write::append_line;
use crate::run::Run;
use crate::units::Offset;

/// A run as the text of a stream that was closed: its header, its samples, a footer.
///
/// # Errors
/// Only where a record has no JSON form.
pub fn stream_text(run: &Run) -> io::Result<String> {
    let mut lines = Vec::new();
    let header = Header {
        version: VERSION,
        run_id: run.id.clone().unwrap_or_else(|| format!("{}-{}", run.started, run.process.pid)),
        started: run.started.to_string(),
        host: run.host.clone(),
        process: run.process.clone(),
        config: run.config.clone(),
        origin: run.origin.clone().map(Box::new),
    };
    append_line(&mut lines, &Record::Header(header))?;
    for snapshot in &run.snapshots {
        let label = snapshot.kind.label().or(snapshot.operation.map(|id| run.operations.name(id)));
        let record = SnapshotRecord {
            t_ns: snapshot.at,
            rss_mb: snapshot.rss,
            vms_mb: snapshot.vms,
            shared_mb: snapshot.shared,
            children_rss_mb: snapshot.children_rss,
            pss_mb: snapshot.pss,
            percent: snapshot.system_percent,
            available_mb: snapshot.available,
            pressure_level: snapshot.level,
            gc_collections: snapshot.gc_collections,
            batch_size: snapshot.batch_size,
            operation: label.map(str::to_owned),
            ..SnapshotRecord::default()
        };
        append_line(&mut lines, &Record::Snapshot(record))?;
    }
    let last = run.snapshots.last().map_or(Offset::START, |snapshot| snapshot.at);
    let samples = run.snapshots.len() as u64;
    let counters = run.counters.unwrap_or_default();
    let peak = run.stated_peak;
    let footer = Footer {
        t_ns: last,
        counters,
        samples,
        peak_rss_mb: peak.map(|peak| peak.rss),
        peak_source: peak.and_then(|peak| peak.source),
        peak_of_one_mb: run.peak_of_one,
        fate: run.fate.clone(),
        ..Footer::default()
    };
    append_line(&mut lines, &Record::Footer(footer))?;
    String::from_utf8(lines).map_err(io::Error::other)
}
