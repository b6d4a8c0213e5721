//! The long frame: one row a snapshot, of one run or of many.

use memtool_profile_model::{Mib, Run, Snapshot};
use polars::prelude::{Column, DataFrame, IntoColumn, NamedFrom, PolarsResult, Series};

use crate::phase::Phases;

/// One row a snapshot with a readable RSS.
///
/// Columns: `run` (text), `t_s` (seconds since the run's start), `rss_mb`, `vms_mb`,
/// `system_percent`, `available_mb`, `pressure_level`, `gc_collections`, `batch_size`, `kind`
/// and `operation` (the innermost open stage). What a file does not say is null.
///
/// # Errors
/// Only where polars cannot build a frame.
pub fn snapshots(name: &str, run: &Run, phases: &Phases) -> PolarsResult<DataFrame> {
    let kept: Vec<(&Snapshot, Option<u32>)> = run
        .snapshots
        .iter()
        .zip(phases.of_snapshot.iter().copied())
        .filter(|(snapshot, _)| snapshot.rss.is_some())
        .collect();
    let size = |get: fn(&Snapshot) -> Option<Mib>| -> Vec<Option<f64>> {
        kept.iter().map(|(s, _)| get(s).map(Mib::get)).collect()
    };
    let times: Vec<f64> = kept.iter().map(|(s, _)| s.at.seconds()).collect();
    let levels: Vec<Option<&str>> = kept.iter().map(|(s, _)| s.level.map(|l| l.as_str())).collect();
    let kinds: Vec<&str> = kept.iter().map(|(s, _)| s.kind.label().unwrap_or("regular")).collect();
    let stages: Vec<Option<&str>> =
        kept.iter().map(|(_, stage)| stage.map(|id| phases.names[id as usize].as_str())).collect();
    let columns = vec![
        column("run", vec![name; kept.len()]),
        column("t_s", times),
        column("rss_mb", size(|s| s.rss)),
        column("vms_mb", size(|s| s.vms)),
        column("system_percent", kept.iter().map(|(s, _)| s.system_percent).collect::<Vec<_>>()),
        column("available_mb", size(|s| s.available)),
        column("pressure_level", levels),
        column("gc_collections", kept.iter().map(|(s, _)| s.gc_collections).collect::<Vec<_>>()),
        column("batch_size", kept.iter().map(|(s, _)| s.batch_size).collect::<Vec<_>>()),
        column("kind", kinds),
        column("operation", stages),
    ];
    DataFrame::new(kept.len(), columns)
}

pub(super) fn column<T>(name: &str, values: T) -> Column
where
    Series: NamedFrom<T, [<T as ColumnValues>::Item]>,
    T: ColumnValues,
{
    Series::new(name.into(), values).into_column()
}

/// The vectors a column is made of.
pub(super) trait ColumnValues {
    type Item;
}

impl<T> ColumnValues for Vec<T> {
    type Item = T;
}
