//! A run's samples as columns, from a whole run or one by one while it is read.

use memtool_profile_model::{AdaptiveConfig, Operations, Run, SnapshotColumns, SnapshotRows};

use crate::phase::{Walk, same_label};
use crate::series::Series;
use crate::series_builder::SeriesBuilder;

/// A run's samples as columns.
pub(super) struct Columns {
    pub(super) series: Series,
    /// Names of the phases that the series refers to.
    pub(super) phases: Vec<String>,
    /// Seconds from the run's start to the first sample of the series.
    pub(super) start_s: f64,
}

impl Columns {
    /// The columns of a whole run.
    pub(super) fn of(run: &Run) -> Self {
        let mut builder = ColumnsBuilder::new(run.snapshots.len());
        SnapshotColumns::each(&run.snapshots, |rows| builder.take(&run.config, &run.operations, &rows));
        builder.finish(&run.config)
    }
}

/// Columns that grow some samples at a time.
pub(super) struct ColumnsBuilder {
    series: SeriesBuilder,
    walk: Walk,
}

impl ColumnsBuilder {
    pub(super) fn new(snapshots: usize) -> Self {
        Self { series: SeriesBuilder::new(snapshots), walk: Walk::default() }
    }

    pub(super) fn take(&mut self, config: &AdaptiveConfig, operations: &Operations, rows: &SnapshotRows<'_>) {
        same_label(rows, |label, some| {
            let phase = self.walk.stretch(label.map(|id| operations.name(id)), some.len());
            self.series.extend(config, some, phase);
        });
    }

    /// The columns of a run with these settings.
    pub(super) fn finish(self, config: &AdaptiveConfig) -> Columns {
        let start_s = self.series.start_s();
        Columns { series: self.series.finish(config), phases: self.walk.names(), start_s }
    }
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::{Mib, Offset, Snapshot, SnapshotKind};

    use super::*;

    #[test]
    fn samples_that_are_taken_together_make_the_columns_of_single_ones() {
        let mut operations = Operations::default();
        let labels = ["load_start", "load_end", "report"].map(|label| operations.intern(label));
        let snapshot = |index: usize| Snapshot {
            at: Offset::from_seconds(5.0 + index as f64),
            rss: Some(Mib::new(700.5 * (index % 7) as f64)).filter(|_| !index.is_multiple_of(11)),
            children_rss: Some(Mib::new(1.25)).filter(|_| index > 300 && index.is_multiple_of(5)),
            available: Some(Mib::new(9000.125)).filter(|_| !index.is_multiple_of(3)),
            batch_size: u32::try_from(index / 100).ok(),
            gc_collections: Some(index as u64 / 40),
            kind: if index.is_multiple_of(90) { SnapshotKind::PostGc } else { SnapshotKind::Regular },
            operation: (index / 50 % 2 == 1).then(|| labels[index / 100 % 3]),
            ..Snapshot::default()
        };
        let (config, snapshots) = (AdaptiveConfig::default(), (0..900).map(snapshot).collect::<Vec<_>>());
        let columns = |at_once: usize| {
            let mut builder = ColumnsBuilder::new(0);
            for some in snapshots.chunks(at_once) {
                SnapshotColumns::each(some, |rows| builder.take(&config, &operations, &rows));
            }
            builder.finish(&config)
        };
        let single = columns(1);
        assert_eq!(single.series.len(), 818);
        for at_once in [2, 97, 900] {
            let together = columns(at_once);
            assert_eq!((together.start_s, &together.phases), (single.start_s, &single.phases));
            // As text: a gap among floats is not equal to itself.
            assert_eq!(format!("{:?}", together.series), format!("{:?}", single.series), "{at_once} at once");
        }
    }
}
