//! A run with its batch records, from the events and samples that a harness wrote beside the profile.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use memtool_profile_model::{
    Batch, Collection, Format, Host, Mib, Offset, Operations, PeakSource, Run, Warning,
};
use serde::Deserialize;

use super::outcome::RunOutcome;

#[derive(Deserialize)]
struct SampleRecord {
    t: f64,
    rss_mb: f64,
    shared_mb: Option<f64>,
}

#[derive(Deserialize)]
struct EventRecord {
    t: f64,
    ev: String,
    batch: Option<u64>,
    operation: Option<String>,
    batch_size: Option<u32>,
    items: Option<u64>,
    rss_mb: Option<f64>,
    peak_rss_mb: Option<f64>,
    cpu_s: Option<f64>,
    retained_mb: Option<f64>,
    trigger: Option<String>,
    rss_before_mb: Option<f64>,
    rss_after_mb: Option<f64>,
    collected: Option<u64>,
    dur_s: Option<f64>,
}

fn lines<T: for<'a> Deserialize<'a>>(path: &Path) -> anyhow::Result<Vec<T>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    // A killed writer leaves a torn last line.
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

/// The run as the recorder would have written it.
///
/// # Errors
/// Where one of the two files cannot be read.
pub(super) fn of(profile: &Run, outcome: &RunOutcome, events: &Path, samples: &Path) -> anyhow::Result<Run> {
    let (events, samples) = (lines::<EventRecord>(events)?, lines::<SampleRecord>(samples)?);
    let mut run = profile.clone();
    run.format = Format::StreamV1;
    run.config = outcome.settings.config();
    run.host = Host {
        limit_mb: Some(Mib::new(outcome.limit_mb)),
        limit_source: Some("cgroup".to_owned()),
        ..Host::default()
    };
    place_samples(&mut run, &samples);
    let mut operations = Operations::default();
    for snapshot in &mut run.snapshots {
        let name = snapshot.operation.map(|id| profile.operations.name(id));
        snapshot.operation = name.map(|name| operations.intern(name));
    }
    run.batches = batches(&events, &mut operations);
    run.operations = operations;
    run.collections = events.iter().filter(|e| e.ev == "gc").map(collection).collect();
    if outcome.oom_killed {
        run.warnings.push(Warning::EndedWithoutClosing);
    }
    Ok(run)
}

/// Exact times and mapped memory, where the profile kept every sample.
fn place_samples(run: &mut Run, samples: &[SampleRecord]) {
    let mut samples: Vec<&SampleRecord> = samples.iter().filter(|sample| sample.rss_mb > 0.0).collect();
    samples.sort_by(|a, b| a.t.total_cmp(&b.t));
    if samples.len() != run.snapshots.len() {
        return;
    }
    for (snapshot, sample) in run.snapshots.iter_mut().zip(samples) {
        snapshot.at = Offset::from_seconds(sample.t);
        snapshot.shared = sample.shared_mb.map(Mib::new);
    }
}

fn collection(event: &EventRecord) -> Collection {
    Collection {
        at: Offset::from_seconds(event.t),
        forced: event.trigger.as_deref() == Some("controller"),
        seconds: event.dur_s,
        rss_before: event.rss_before_mb.map(Mib::new),
        rss_after: event.rss_after_mb.map(Mib::new),
        committed: None,
        young: false,
        objects: event.collected,
    }
}

fn batches(events: &[EventRecord], operations: &mut Operations) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    let mut numbers: Vec<Option<u64>> = Vec::new();
    for event in events {
        if event.ev == "batch_start" {
            numbers.push(event.batch);
            batches.push(opened(event, operations));
        } else if event.ev == "batch_end"
            && let Some(index) = numbers.iter().position(|number| *number == event.batch)
        {
            close(&mut batches[index], event);
        }
    }
    batches
}

fn opened(event: &EventRecord, operations: &mut Operations) -> Batch {
    Batch {
        operation: event.operation.as_deref().map(|name| operations.intern(name)),
        size: event.batch_size.unwrap_or(0),
        items: event.items.unwrap_or(0),
        start: Offset::from_seconds(event.t),
        rss_start: event.rss_mb.map(Mib::new),
        ..Batch::default()
    }
}

fn close(batch: &mut Batch, event: &EventRecord) {
    batch.end = Some(Offset::from_seconds(event.t));
    batch.rss_peak = event.peak_rss_mb.map(Mib::new);
    batch.peak_source = Some(PeakSource::HighWaterMark);
    batch.rss_end = event.rss_mb.map(Mib::new);
    batch.cpu_seconds = event.cpu_s;
    batch.retained = event.retained_mb.map(Mib::new);
}
