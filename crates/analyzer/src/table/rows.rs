//! The rows of the three tables, as columns.

use memtool_profile_model::{Batch, Mib, PeakSource, Run, Snapshot};

use super::column::Column;

/// One finding of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingRow {
    /// Its kind.
    pub kind: String,
    /// `high`, `medium` or `low`.
    pub severity: String,
    /// How sure, 0 to 1.
    pub confidence: f64,
    /// The rule that found it.
    pub rule: String,
    /// From when to when, in seconds since the first snapshot.
    pub window_s: (f64, f64),
    /// What was measured.
    pub statistic: String,
    /// How much of it.
    pub value: f64,
    /// Bounds of the value, where it has some.
    pub interval: Option<(f64, f64)>,
    /// What to do.
    pub action: String,
}

fn size(value: Option<Mib>) -> Option<f64> {
    value.map(Mib::get)
}

/// A count as Parquet has it: what does not fit is left out.
fn long(value: u64) -> Option<i64> {
    i64::try_from(value).ok()
}

fn int(value: u32) -> Option<i32> {
    i32::try_from(value).ok()
}

pub(super) fn snapshots(name: &str, run: &Run, some: &[Snapshot]) -> Vec<Column> {
    let started = run.started.as_microsecond();
    let each = || some.iter();
    vec![
        Column::texts("run", each().map(|_| Some(name))),
        Column::times("time", each().map(|s| started.saturating_add(s.at.nanos() / 1_000))),
        Column::offsets("t_ns", each().map(|s| s.at.nanos())),
        Column::doubles("rss_mb", each().map(|s| size(s.rss))),
        Column::doubles("children_rss_mb", each().map(|s| size(s.children_rss))),
        Column::doubles("shared_mb", each().map(|s| size(s.shared))),
        Column::doubles("pss_mb", each().map(|s| size(s.pss))),
        Column::doubles("vms_mb", each().map(|s| size(s.vms))),
        Column::doubles("percent", each().map(|s| s.system_percent)),
        Column::doubles("available_mb", each().map(|s| size(s.available))),
        Column::ints("pressure_level", each().map(|s| s.level.map(|level| level as i32))),
        Column::longs("gc_collections", each().map(|s| s.gc_collections.and_then(long))),
        Column::ints("batch_size", each().map(|s| s.batch_size.and_then(int))),
        Column::texts("kind", each().map(|s| s.kind.label())),
        Column::texts("operation", each().map(|s| s.operation.map(|id| run.operations.name(id)))),
    ]
}

pub(super) fn batches(name: &str, run: &Run, some: &[Batch]) -> Vec<Column> {
    let each = || some.iter();
    vec![
        Column::texts("run", each().map(|_| Some(name))),
        Column::texts("operation", each().map(|b| b.operation.map(|id| run.operations.name(id)))),
        Column::ints("batch_size", each().map(|b| int(b.size))),
        Column::longs("items", each().map(|b| long(b.items))),
        Column::offsets("start_ns", each().map(|b| b.start.nanos())),
        Column::longs("end_ns", each().map(|b| b.end.map(|end| end.nanos()))),
        Column::doubles("rss_start_mb", each().map(|b| size(b.rss_start))),
        Column::doubles("peak_rss_mb", each().map(|b| size(b.rss_peak))),
        Column::texts("peak_source", each().map(|b| b.peak_source.map(peak_source))),
        Column::doubles("rss_end_mb", each().map(|b| size(b.rss_end))),
        Column::doubles("retained_mb", each().map(|b| size(b.retained))),
        Column::bools("overlapping", each().map(|b| b.overlapping)),
        Column::doubles("cpu_s", each().map(|b| b.cpu_seconds)),
    ]
}

/// All sources of a peak by their names in the table.
pub(super) const PEAK_SOURCES: [PeakSource; 3] =
    [PeakSource::HighWaterMark, PeakSource::CgroupPeak, PeakSource::Sampled];

pub(super) const fn peak_source(source: PeakSource) -> &'static str {
    match source {
        PeakSource::HighWaterMark => "high_water_mark",
        PeakSource::CgroupPeak => "cgroup_peak",
        PeakSource::Sampled => "sampled",
    }
}

pub(super) fn findings(name: &str, some: &[FindingRow]) -> Vec<Column> {
    let each = || some.iter();
    vec![
        Column::texts("run", each().map(|_| Some(name))),
        Column::texts("kind", each().map(|f| Some(f.kind.as_str()))),
        Column::texts("severity", each().map(|f| Some(f.severity.as_str()))),
        Column::doubles("confidence", each().map(|f| Some(f.confidence))),
        Column::texts("rule", each().map(|f| Some(f.rule.as_str()))),
        Column::doubles("from_s", each().map(|f| Some(f.window_s.0))),
        Column::doubles("to_s", each().map(|f| Some(f.window_s.1))),
        Column::texts("statistic", each().map(|f| Some(f.statistic.as_str()))),
        Column::doubles("value", each().map(|f| Some(f.value))),
        Column::doubles("low", each().map(|f| f.interval.map(|interval| interval.0))),
        Column::doubles("high", each().map(|f| f.interval.map(|interval| interval.1))),
        Column::texts("action", each().map(|f| Some(f.action.as_str()))),
    ]
}
