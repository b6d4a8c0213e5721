//! The memory of one run over time.

use memtool_profile_model::{Mib, Run};

/// The memory of one run over time: from each moment to the next one it is taken to stay.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Course {
    /// Seconds since the start, and MiB.
    pub(crate) points: Vec<(f64, f64)>,
    /// How long the run took, in seconds.
    pub(crate) seconds: f64,
    /// Its largest memory, in MiB.
    pub(crate) peak_mb: f64,
}

impl Course {
    /// The course of a run, shared pages counted once where PSS is recorded; `None` without a memory figure.
    ///
    /// PSS is read less often than RSS: in between, the last ratio of the two holds. A peak that the kernel counted
    /// between two samples is put where the largest sample is.
    pub(crate) fn of(run: &Run) -> Option<Self> {
        let first = run.snapshots.first()?.at;
        let mut ratio = 1.0;
        let mut points = Vec::with_capacity(run.snapshots.len());
        for snapshot in &run.snapshots {
            let Some(rss) = snapshot.rss.map(Mib::get).filter(|rss| *rss > 0.0) else { continue };
            if let Some(pss) = snapshot.pss.map(Mib::get).filter(|pss| *pss > 0.0) {
                ratio = (pss / rss).min(1.0);
            }
            points.push((snapshot.at.seconds_since(first), rss * ratio));
        }
        let largest = points.iter_mut().max_by(|a, b| a.1.total_cmp(&b.1))?;
        let stated = run.peak(None).map_or(0.0, |peak| peak.rss.get()) * if ratio < 1.0 { 0.0 } else { 1.0 };
        largest.1 = largest.1.max(stated);
        let peak_mb = largest.1;
        let sampled = points.last().map_or(0.0, |last| last.0);
        let seconds = run.task.as_ref().and_then(|task| task.runtime_s).unwrap_or(sampled).max(sampled);
        Some(Self { points, seconds, peak_mb })
    }

    /// The largest memory in each cell of this many seconds, in MiB; at least one cell.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of cells, which the caller bounds"
    )]
    pub(crate) fn cells(&self, cell_s: f64) -> Vec<f64> {
        let count = (self.seconds / cell_s).ceil().max(1.0) as usize;
        let mut cells = vec![0.0_f64; count];
        let mut held = 0.0;
        let mut next = 0;
        for (place, cell) in cells.iter_mut().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "a count of cells")]
            let end = if place + 1 == count { f64::INFINITY } else { (place as f64 + 1.0) * cell_s };
            *cell = held;
            while let Some((_, mb)) = self.points.get(next).filter(|(at, _)| *at < end) {
                *cell = cell.max(*mb);
                held = *mb;
                next += 1;
            }
        }
        cells
    }

    /// Whether there is more than one figure.
    pub(crate) fn has_times(&self) -> bool {
        self.points.len() > 1
    }
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::{Offset, Snapshot, SnapshotKind};

    use super::*;

    fn sample(seconds: f64, rss: f64, pss: Option<f64>) -> Snapshot {
        Snapshot {
            at: Offset::from_seconds(seconds),
            rss: Some(Mib::new(rss)),
            children_rss: None,
            shared: None,
            pss: pss.map(Mib::new),
            vms: None,
            system_percent: None,
            available: None,
            level: None,
            gc_collections: None,
            batch_size: None,
            kind: SnapshotKind::Regular,
            operation: None,
        }
    }

    #[test]
    fn a_cell_holds_its_largest_and_an_empty_one_what_was_before() {
        let snapshots = vec![sample(0.0, 10.0, None), sample(1.0, 90.0, None), sample(9.0, 20.0, None)];
        let course = Course::of(&Run { snapshots, ..Run::default() }).expect("figures");
        assert_eq!(course.cells(3.0), [90.0, 90.0, 90.0]);
        assert_eq!(course.cells(1.0), [10.0, 90.0, 90.0, 90.0, 90.0, 90.0, 90.0, 90.0, 90.0]);
        assert_eq!(course.cells(100.0), [90.0]);
    }

    #[test]
    fn shared_pages_count_once() {
        let snapshots = vec![
            sample(0.0, 100.0, Some(100.0)),
            sample(1.0, 1000.0, Some(250.0)),
            sample(2.0, 2000.0, None),
        ];
        let course = Course::of(&Run { snapshots, ..Run::default() }).expect("figures");
        assert_eq!(course.peak_mb, 500.0);
    }
}
