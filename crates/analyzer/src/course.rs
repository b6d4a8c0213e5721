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
    /// The course of a run, shared pages counted once where PSS is recorded; `None` without a memory figure.
    ///
    /// PSS is read less often than RSS: in between, what the nearest reading shows is taken. A peak that the kernel counted
    /// between two samples is put where the largest sample is.
    pub(crate) fn of(run: &Run) -> Option<Self> {
        let first = run.snapshots.first()?.at;
        let time = |snapshot: &Snapshot| snapshot.at.seconds_since(first);
        let resident =
            run.snapshots.iter().filter_map(|snapshot| Some((time(snapshot), snapshot.rss?.get())));
        let mut points: Vec<(f64, f64)> = resident.filter(|(_, rss)| *rss > 0.0).collect();
        let largest = points.iter_mut().max_by(|a, b| a.1.total_cmp(&b.1))?;
        largest.1 = largest.1.max(run.peak(None).map_or(0.0, |peak| peak.rss.get()));
        let read = |snapshot: &Snapshot| {
            let (rss, pss) = (snapshot.rss?.get(), snapshot.pss?.get());
            (rss > 0.0 && pss > 0.0).then(|| Shared { at: time(snapshot), rss, pss: pss.min(rss) })
        };
        let readings: Vec<Shared> = run.snapshots.iter().filter_map(read).collect();
        points.iter_mut().for_each(|(at, mb)| *mb = counted_once(&readings, *at, *mb));
        let peak_mb = points.iter().map(|point| point.1).fold(0.0, f64::max);
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

/// A reading of both figures.
#[derive(Debug, Clone, Copy)]
struct Shared {
    at: f64,
    rss: f64,
    pss: f64,
}

/// Memory with shared pages counted once, by the nearest reading: it is taken to lack the same amount or the same share,
/// whichever leaves more.
fn counted_once(readings: &[Shared], at: f64, rss: f64) -> f64 {
    let next = readings.partition_point(|reading| reading.at < at);
    let around = &readings[next.saturating_sub(1)..(next + 1).min(readings.len())];
    let nearest = around.iter().min_by(|a, b| (a.at - at).abs().total_cmp(&(b.at - at).abs()));
    nearest.map_or(rss, |near| (rss * near.pss / near.rss).max(rss - (near.rss - near.pss)))
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::{Mib, Offset, SnapshotKind};

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
        let pool =
            [sample(0.0, 100.0, Some(100.0)), sample(1.0, 1000.0, Some(250.0)), sample(1.2, 1040.0, None)];
        let course = Course::of(&Run { snapshots: pool.to_vec(), ..Run::default() }).expect("figures");
        assert_eq!(course.points, [(0.0, 100.0), (1.0, 250.0), (1.2, 290.0)]);
    }

    #[test]
    fn a_reading_at_the_start_does_not_shrink_what_comes() {
        let snapshots = vec![sample(0.0, 11.0, Some(1.0)), sample(1.0, 90.0, None)];
        let course = Course::of(&Run { snapshots, ..Run::default() }).expect("figures");
        assert_eq!(course.peak_mb, 80.0);
    }
}
