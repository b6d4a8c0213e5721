//! What a chart draws of a run's snapshots, gathered in one pass.

use memtool_profile_model::{AdaptiveConfig, Mib, Operations, SharedHistory, Snapshot, SnapshotKind};

use crate::phase::{Walk, label};

/// The lines and marks of a chart; times are seconds since the first snapshot with a readable RSS.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct ChartColumns {
    pub(crate) seconds: Vec<f64>,
    pub(crate) rss_mb: Vec<f64>,
    /// From when on which batch size was in force.
    pub(crate) batch_sizes: Vec<(f64, u32)>,
    /// When a forced collection had ended.
    pub(crate) gc_marks: Vec<f64>,
    /// Where the fallback size was in force.
    pub(crate) fallback_spans: Vec<(f64, f64)>,
    /// When which phase began.
    pub(crate) phases: Vec<(f64, String)>,
    in_fallback: bool,
    walk: Walk,
    phase: Option<u32>,
    start_s: Option<f64>,
    shared: SharedHistory,
}

impl ChartColumns {
    /// For this many snapshots.
    pub(super) fn new(snapshots: usize) -> Self {
        Self {
            seconds: Vec::with_capacity(snapshots),
            rss_mb: Vec::with_capacity(snapshots),
            ..Self::default()
        }
    }

    /// The same beside samples that are columns already.
    pub(super) fn with_samples(self, seconds: Vec<f64>, rss_mb: Vec<f64>) -> Self {
        Self { seconds, rss_mb, ..self }
    }

    /// Takes the next snapshot of a run with these settings.
    pub(super) fn take(&mut self, config: &AdaptiveConfig, operations: &Operations, snapshot: &Snapshot) {
        if let Some((at, rss)) = self.mark(config, operations, snapshot) {
            self.shared.push(snapshot);
            self.seconds.push(at);
            self.rss_mb.push(rss.get());
        }
    }

    /// Takes what is drawn of the next snapshot beside its memory; gives that with its time.
    pub(super) fn mark(
        &mut self,
        config: &AdaptiveConfig,
        operations: &Operations,
        snapshot: &Snapshot,
    ) -> Option<(f64, Mib)> {
        let phase = self.walk.step(label(snapshot).map(|id| operations.name(id)));
        let rss = snapshot.rss?;
        let start = *self.start_s.get_or_insert(snapshot.at.seconds());
        let at = snapshot.at.seconds() - start;
        if let Some(size) = snapshot.batch_size
            && self.batch_sizes.last().is_none_or(|(_, last)| *last != size)
        {
            self.batch_sizes.push((at, size));
        }
        if snapshot.kind == SnapshotKind::PostGc {
            self.gc_marks.push(at);
        }
        if let Some(id) = phase.filter(|_| phase != self.phase) {
            self.phases.push((at, self.walk.name(id).to_owned()));
        }
        self.phase = phase;
        self.fall_back(at, snapshot.batch_size.is_some_and(|size| is_fallback(config, size)));
        Some((at, rss))
    }

    /// Seconds from the run's start to the first snapshot with a readable RSS.
    pub(crate) fn start_s(&self) -> f64 {
        self.start_s.unwrap_or(0.0)
    }

    /// Counts pages that processes share once, where that is known: to be called behind the last snapshot.
    pub(super) fn count_once(&mut self) {
        for (rss, deduction) in self.rss_mb.iter_mut().zip(self.shared.deductions().unwrap_or_default()) {
            *rss = (*rss - deduction).max(0.0);
        }
    }

    fn fall_back(&mut self, at: f64, now: bool) {
        match self.fallback_spans.last_mut().filter(|_| self.in_fallback) {
            Some(span) => span.1 = at,
            None if now => self.fallback_spans.push((at, at)),
            None => {}
        }
        self.in_fallback = now;
    }
}

/// Whether a batch size in force is that of fallback: no other level may have it, and a predicted size may happen to be
/// it too.
fn is_fallback(config: &AdaptiveConfig, size: u32) -> bool {
    let sizes = &config.batch_sizes;
    size == sizes.fallback
        && ![sizes.low, sizes.medium, sizes.high].contains(&size)
        && !config.predictive.enabled
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::{BatchSizes, Offset};

    use super::*;

    fn columns_of(config: &AdaptiveConfig) -> ChartColumns {
        let (mut columns, mut operations) = (ChartColumns::new(6), Operations::default());
        let sizes = [500, 100, 100, 250, 500, 100];
        for (second, size) in sizes.into_iter().enumerate() {
            let label =
                ["load_start", "", "load_complete", "", "report", ""].get(second).filter(|l| !l.is_empty());
            let operation = label.map(|label| operations.intern(label));
            let snapshot = Snapshot {
                at: Offset::from_seconds(second as f64 + 7.0),
                rss: Some(Mib::new(1.0)).filter(|_| second != 4),
                batch_size: Some(size),
                kind: if second == 3 { SnapshotKind::PostGc } else { SnapshotKind::Regular },
                operation,
                ..Snapshot::default()
            };
            columns.take(config, &operations, &snapshot);
        }
        columns
    }

    #[test]
    fn fallback_is_where_its_size_was_in_force() {
        let config = AdaptiveConfig::default();
        assert_eq!(columns_of(&config).fallback_spans, [(1.0, 3.0), (5.0, 5.0)]);
        let sizes = BatchSizes { low: 100, ..config.batch_sizes };
        assert_eq!(columns_of(&AdaptiveConfig { batch_sizes: sizes, ..config }).fallback_spans, []);
    }

    #[test]
    fn times_count_from_the_first_snapshot_and_a_failed_probe_is_left_out() {
        let found = columns_of(&AdaptiveConfig::default());
        assert_eq!(found.seconds, [0.0, 1.0, 2.0, 3.0, 5.0]);
        assert_eq!(found.batch_sizes, [(0.0, 500), (1.0, 100), (3.0, 250), (5.0, 100)]);
        assert_eq!(found.gc_marks, [3.0]);
        let phases: Vec<_> = found.phases.iter().map(|(at, name)| (*at, name.as_str())).collect();
        assert_eq!(phases, [(0.0, "load"), (5.0, "report")]);
    }
}
