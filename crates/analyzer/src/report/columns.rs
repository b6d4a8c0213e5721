//! A run's samples as columns, from a whole run or one by one while it is read.

use memtool_profile_model::{AdaptiveConfig, Operations, Run, Snapshot, SnapshotKind};

use crate::phase::{Walk, phases};
use crate::series::{Series, SeriesBuilder};

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
        let phases = phases(run);
        let series = Series::new(run, &phases);
        let first = run.snapshots.iter().find(|snapshot| snapshot.rss.is_some());
        Self { series, phases: phases.names, start_s: first.map_or(0.0, |first| first.at.seconds()) }
    }
}

/// Columns that grow sample by sample.
pub(super) struct ColumnsBuilder {
    series: SeriesBuilder,
    walk: Walk,
}

impl ColumnsBuilder {
    pub(super) fn new(snapshots: usize) -> Self {
        Self { series: SeriesBuilder::new(snapshots), walk: Walk::default() }
    }

    pub(super) fn take(&mut self, config: &AdaptiveConfig, operations: &Operations, snapshot: &Snapshot) {
        let label = snapshot.operation.filter(|_| snapshot.kind == SnapshotKind::Regular);
        let phase = self.walk.step(label.map(|id| operations.name(id)));
        self.series.push(config, snapshot, phase);
    }

    /// The columns of a run with these settings.
    pub(super) fn finish(self, config: &AdaptiveConfig) -> Columns {
        let start_s = self.series.start_s();
        Columns { series: self.series.finish(config), phases: self.walk.names(), start_s }
    }
}
