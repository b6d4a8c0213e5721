//! The memory of one run over time.

use memtool_profile_model::{Run, Snapshot};

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
    /// The course of a run; `None` without a memory figure. A peak that the kernel counted between two samples is put
    /// where the largest sample is.
    pub(crate) fn of(run: &Run) -> Option<Self> {
        let first = run.snapshots.first()?.at;
        let point = |snapshot: &Snapshot| Some((snapshot.at.seconds_since(first), snapshot.rss?.get()));
        let mut points: Vec<(f64, f64)> =
            run.snapshots.iter().filter_map(point).filter(|(_, mb)| *mb > 0.0).collect();
        let largest = points.iter_mut().max_by(|a, b| a.1.total_cmp(&b.1))?;
        largest.1 = largest.1.max(run.peak(None).map_or(0.0, |peak| peak.rss.get()));
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
    use memtool_profile_model::{Mib, Offset, Peak};

    use super::*;

    fn sample(seconds: f64, rss: f64) -> Snapshot {
        Snapshot { at: Offset::from_seconds(seconds), rss: Some(Mib::new(rss)), ..Snapshot::default() }
    }

    #[test]
    fn a_cell_holds_its_largest_and_an_empty_one_what_was_before() {
        let snapshots = vec![sample(0.0, 10.0), sample(1.0, 90.0), sample(9.0, 20.0)];
        let course = Course::of(&Run { snapshots, ..Run::default() }).expect("figures");
        assert_eq!(course.cells(3.0), [90.0, 90.0, 90.0]);
        assert_eq!(course.cells(1.0), [10.0, 90.0, 90.0, 90.0, 90.0, 90.0, 90.0, 90.0, 90.0]);
        assert_eq!(course.cells(100.0), [90.0]);
    }

    #[test]
    fn a_peak_between_two_samples_is_where_the_largest_is() {
        let stated_peak = Some(Peak { rss: Mib::new(120.0), source: None });
        let snapshots = vec![sample(0.0, 10.0), sample(1.0, 90.0)];
        let course = Course::of(&Run { snapshots, stated_peak, ..Run::default() }).expect("figures");
        assert_eq!((course.points, course.peak_mb), (vec![(0.0, 10.0), (1.0, 120.0)], 120.0));
    }
}
