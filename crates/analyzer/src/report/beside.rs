//! Two files of one run: the log of a runtime's heap, and the process's memory beside it.

use std::path::PathBuf;

use memtool_profile_model::{Measure, Mib, Run};

use super::chart_input::{ChartInput, chart_input};
use super::columns::Columns;
use super::profile_report::judged;
use super::reports::{Reports, ReportsError};
use super::run_report::ProfileReport;
use crate::chart::HeapLine;
use crate::files::{FileOptions, load_all};

/// Of the shorter of two files, this share of time must be in both.
const OVERLAP: f64 = 0.8;

/// Files without a date are of one run where they are the only two, of about one length.
const SAME_LENGTH: f64 = 0.25;

/// Judges each process's memory again beside the heap's log that lies in time beside it.
pub(super) fn judge_beside(reports: &mut Reports, files: &FileOptions) -> Result<(), ReportsError> {
    if !reports.figures().any(|run| run.is_heap_log) {
        return Ok(());
    }
    let spans: Vec<RunSpan> =
        reports.iter().map(|report| Ok(RunSpan::of(&*report?))).collect::<Result<_, ReportsError>>()?;
    for (at, heap) in pairs(&spans) {
        let own = reports.get(at)?.into_owned();
        let Some((run, heap)) = both(&own, &*reports.get(heap)?, files) else { continue };
        let columns = Columns::of(&run);
        let committed = committed(&heap, offset_s(&run, &heap, columns.start_s));
        let findings = judged(&run, &columns, committed).findings;
        reports.replace(at, ProfileReport { findings, ..own })?;
    }
    Ok(())
}

/// The charts of runs that a heap's log lies in time beside, with both on one, by the place of their reports.
#[must_use]
pub fn charts_beside(reports: &[ProfileReport], files: &FileOptions) -> Vec<(usize, ChartInput)> {
    let spans: Vec<RunSpan> = reports.iter().map(RunSpan::of).collect();
    let pairs = pairs(&spans).into_iter();
    pairs.filter_map(|(at, heap)| Some((at, chart_beside(&reports[at], &reports[heap], files)?))).collect()
}

fn chart_beside(own: &ProfileReport, heap: &ProfileReport, files: &FileOptions) -> Option<ChartInput> {
    let (run, log) = both(own, heap, files)?;
    let columns = Columns::of(&run);
    let committed = committed(&log, offset_s(&run, &log, columns.start_s));
    let findings = judged(&run, &columns, committed.clone()).findings;
    let report = ProfileReport { findings, ..own.clone() };
    let (seconds, committed_mb) = committed.into_iter().unzip();
    let label = heap.origin.as_ref().map(|origin| origin.tool.to_string()).unwrap_or_default();
    Some(chart_input(&run, report).with_heap(HeapLine { label, seconds, committed_mb }))
}

/// What a run's figures are of, and when it ran.
struct RunSpan {
    measure: Measure,
    samples: usize,
    duration_s: f64,
    /// From and to, in seconds since 1970, where the file has a date.
    dated_s: Option<(f64, f64)>,
}

impl RunSpan {
    fn of(report: &ProfileReport) -> Self {
        let started: Option<jiff::Timestamp> = report.started.parse().ok();
        let start = started.map(|started| started.as_duration().as_secs_f64());
        Self {
            measure: report.origin.as_ref().map_or_else(Measure::default, |origin| origin.measure),
            samples: report.samples,
            duration_s: report.duration_s,
            dated_s: start.map(|start| (start, start + report.duration_s)),
        }
    }
}

/// Each process's memory with the heap's log beside it. Logs are sought once: a folder may hold 100,000 runs and none.
fn pairs(runs: &[RunSpan]) -> Vec<(usize, usize)> {
    let is_log = |at: &usize| runs[*at].measure.is_heap() && runs[*at].samples > 1;
    let logs: Vec<usize> = (0..runs.len()).filter(is_log).collect();
    (0..runs.len()).filter_map(|at| Some((at, heap_of(runs, &logs, at)?))).collect()
}

/// The only one of some heap logs that lies in time beside a process's memory.
fn heap_of(runs: &[RunSpan], logs: &[usize], at: usize) -> Option<usize> {
    let own = &runs[at];
    if own.measure.is_heap() || own.measure == Measure::Machine || own.samples < 2 {
        return None;
    }
    let mut heaps = logs.iter().copied();
    let is_beside = |other: &usize| match (own.dated_s, runs[*other].dated_s) {
        (Some(a), Some(b)) => overlap(a, b) >= OVERLAP * (a.1 - a.0).min(b.1 - b.0),
        _ => runs.len() == 2 && same_length(own.duration_s, runs[*other].duration_s),
    };
    let first = heaps.by_ref().find(is_beside)?;
    heaps.find(is_beside).is_none().then_some(first)
}

fn overlap(a: (f64, f64), b: (f64, f64)) -> f64 {
    a.1.min(b.1) - a.0.max(b.0)
}

fn same_length(a: f64, b: f64) -> bool {
    (a - b).abs() <= SAME_LENGTH * a.max(b)
}

/// The runs of two reports, read again: reports do not hold samples.
fn both(own: &ProfileReport, heap: &ProfileReport, files: &FileOptions) -> Option<(Run, Run)> {
    let read = |wanted: &ProfileReport| {
        let loaded = load_all(&[PathBuf::from(&wanted.path)], files.clone(), |_, _| {});
        loaded.values.into_iter().map(|(_, run)| run).find(|run| {
            run.origin == wanted.origin
                && run.known_start().map(|at| at.to_string()).unwrap_or_default() == wanted.started
        })
    };
    Some((read(own)?, read(heap)?))
}

/// Seconds from the process's first sample to the moment that the heap log's times count from.
#[expect(clippy::cast_precision_loss, reason = "two times of one run are near each other")]
fn offset_s(own: &Run, heap: &Run, first_s: f64) -> f64 {
    match (own.known_start(), heap.known_start()) {
        (Some(own), Some(heap)) => (heap.as_nanosecond() - own.as_nanosecond()) as f64 / 1e9 - first_s,
        _ => -heap.snapshots.first().map_or(0.0, |first| first.at.seconds()),
    }
}

/// What the runtime had committed, in seconds of the process's columns; its largest use where the log
/// does not tell.
fn committed(heap: &Run, offset_s: f64) -> Vec<(f64, f64)> {
    let told = |collection: &memtool_profile_model::Collection| {
        let size = collection.committed.or(collection.rss_before)?;
        Some((collection.at.seconds() + offset_s, size.get()))
    };
    let mut points: Vec<(f64, f64)> = heap.collections.iter().filter_map(told).collect();
    if points.is_empty() {
        let used =
            |s: &memtool_profile_model::Snapshot| Some((s.at.seconds() + offset_s, s.rss.map(Mib::get)?));
        points = heap.snapshots.iter().filter_map(used).collect();
    }
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points
}
