//! Pages that several processes share: a sum of resident sizes counts them once in each.
//!
//! Proportional memory (PSS) counts them once. It is read seldom, and what the sum lies above it is deducted from the
//! sums that follow: growth since is taken to be a process's own.

use crate::run::Run;
use crate::snapshot::Snapshot;
use crate::units::{Mib, Offset};

/// What a sum of resident sizes counts more than once, by the latest readings.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SharedPages {
    has_counted_once: bool,
    counted_twice_mb: f64,
}

impl SharedPages {
    /// Takes a sum of resident sizes, the children's part of it, and proportional memory where it was read.
    pub fn update(&mut self, rss: Mib, children: Mib, pss: Option<Mib>) {
        if let Some(pss) = pss {
            self.has_counted_once |= children.get() > 0.0;
            self.counted_twice_mb = excess(rss, pss);
        }
        self.bound_by(children);
    }

    /// Takes a size that is charged for all processes together: what the sum lies above it is counted more than once.
    pub fn update_charge(&mut self, rss: Mib, children: Mib, charged: Mib) {
        self.counted_twice_mb = self.counted_twice_mb.max(excess(rss, charged));
        self.bound_by(children);
    }

    /// A page that is counted twice is in a child at least once.
    fn bound_by(&mut self, children: Mib) {
        self.counted_twice_mb = self.counted_twice_mb.min(children.get());
    }

    /// Whether proportional memory of several processes was read.
    #[must_use]
    pub const fn has_counted_once(self) -> bool {
        self.has_counted_once
    }

    /// What is counted more than once, in MiB.
    #[must_use]
    pub const fn counted_twice_mb(self) -> f64 {
        self.counted_twice_mb
    }

    /// A sum of resident sizes with each page counted once.
    #[must_use]
    pub fn of(self, rss: Mib) -> Mib {
        deducted(rss, self.counted_twice_mb)
    }

    /// Takes a snapshot of a run and returns its memory, counted once where that is known.
    pub fn of_snapshot(&mut self, snapshot: &Snapshot) -> Option<Mib> {
        let rss = snapshot.rss?;
        if let Some(children) = snapshot.children_rss {
            self.update(rss, children, snapshot.pss);
        }
        Some(if self.has_counted_once { self.of(rss) } else { rss })
    }
}

/// A size less a deduction in MiB, at least 0.
#[must_use]
pub fn deducted(size: Mib, deduction_mb: f64) -> Mib {
    if deduction_mb > 0.0 { Mib::new((size.get() - deduction_mb).max(0.0)).rounded() } else { size }
}

fn excess(rss: Mib, counted_once: Mib) -> f64 {
    (rss.get() - counted_once.get()).max(0.0)
}

impl Run {
    /// The run with pages that processes share counted once, and the largest sum that counts them in each, where
    /// proportional memory was recorded with child processes; as it is and `None` otherwise. Samples, batches and the stated peak are reduced by what is counted more than once
    /// at that time, and the part of a sample that is mapped files is left out: it is of one process.
    #[must_use]
    pub fn counted_once(mut self) -> (Self, Option<Mib>) {
        let mut shared = SharedPages::default();
        let mut sums = Vec::with_capacity(self.snapshots.len());
        for snapshot in &mut self.snapshots {
            let summed = snapshot.rss;
            let once = shared.of_snapshot(snapshot);
            let deduction_mb = summed.zip(once).map_or(0.0, |(summed, once)| excess(summed, once));
            sums.push(Sum { at: snapshot.at, rss_mb: summed.map_or(0.0, Mib::get), deduction_mb });
            if shared.has_counted_once() {
                // The level was that of the sum.
                *snapshot = Snapshot { rss: once, pss: None, level: None, ..*snapshot };
                snapshot.children_rss = snapshot.children_rss.map(|mb| deducted(mb, deduction_mb));
            }
        }
        if !shared.has_counted_once() {
            return (self, None);
        }
        self.snapshots.iter_mut().for_each(|snapshot| snapshot.shared = None);
        for batch in &mut self.batches {
            let (from, to) = (batch.start, batch.end.unwrap_or(batch.start));
            batch.rss_start = batch.rss_start.map(|mb| deducted(mb, deduction_at(&sums, from)));
            batch.rss_peak = batch.rss_peak.map(|mb| deducted(mb, deduction_at_peak(&sums, from, to)));
            batch.rss_end = batch.rss_end.map(|mb| deducted(mb, deduction_at(&sums, to)));
        }
        // It states the sum's, at an unknown time.
        self.stated_peak = None;
        let largest = sums.iter().map(|sum| sum.rss_mb).fold(0.0, f64::max);
        (self, Some(Mib::new(largest)))
    }
}

/// A sum of resident sizes, and what of it was counted more than once, in MiB.
struct Sum {
    at: Offset,
    rss_mb: f64,
    deduction_mb: f64,
}

/// The deduction in force at a time.
fn deduction_at(sums: &[Sum], at: Offset) -> f64 {
    let after = sums.partition_point(|sum| sum.at <= at);
    after.checked_sub(1).and_then(|place| sums.get(place)).map_or(0.0, |sum| sum.deduction_mb)
}

/// The deduction at the largest sum between two times; without a sample there, the smaller one of both.
fn deduction_at_peak(sums: &[Sum], from: Offset, to: Offset) -> f64 {
    let first = sums.partition_point(|sum| sum.at < from);
    let inside = sums[first..].iter().take_while(|sum| sum.at <= to);
    let largest = inside.max_by(|a, b| a.rss_mb.total_cmp(&b.rss_mb));
    largest.map_or_else(|| deduction_at(sums, from).min(deduction_at(sums, to)), |sum| sum.deduction_mb)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Batch;
    use crate::peak::Peak;
    use crate::snapshot::SnapshotKind;

    fn sample(seconds: f64, rss: f64, children: f64, pss: Option<f64>) -> Snapshot {
        Snapshot {
            at: Offset::from_seconds(seconds),
            rss: Some(Mib::new(rss)),
            children_rss: Some(Mib::new(children)),
            shared: Some(Mib::new(13.0)),
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

    fn memory(run: &Run) -> Vec<f64> {
        run.snapshots.iter().filter_map(|snapshot| snapshot.rss).map(Mib::get).collect()
    }

    #[test]
    fn growth_since_a_reading_is_a_processes_own_and_children_that_end_take_theirs_along() {
        let snapshots = vec![
            sample(0.0, 400.0, 0.0, Some(395.0)),
            sample(1.0, 3000.0, 2600.0, Some(500.0)),
            sample(2.0, 3050.0, 2650.0, None),
            sample(3.0, 1300.0, 900.0, None),
            sample(4.0, 400.0, 0.0, None),
        ];
        let (run, summed) = Run { snapshots, ..Run::default() }.counted_once();
        assert_eq!(summed, Some(Mib::new(3050.0)));
        assert_eq!(memory(&run), [400.0, 500.0, 550.0, 400.0, 400.0]);
        assert_eq!(run.snapshots[1].children_rss, Some(Mib::new(100.0)));
    }

    #[test]
    fn batches_are_counted_once_too() {
        let batch = Batch {
            operation: None,
            size: 10,
            items: 10,
            start: Offset::from_seconds(1.0),
            end: Some(Offset::from_seconds(2.5)),
            rss_start: Some(Mib::new(3000.0)),
            rss_peak: Some(Mib::new(3100.0)),
            peak_source: None,
            rss_end: Some(Mib::new(3010.0)),
            retained: None,
            overlapping: false,
            cpu_seconds: None,
        };
        let run = Run {
            snapshots: vec![sample(1.0, 3000.0, 2600.0, Some(500.0)), sample(2.0, 3050.0, 2650.0, None)],
            batches: vec![batch],
            stated_peak: Some(Peak { rss: Mib::new(3100.0), source: None }),
            ..Run::default()
        };
        let (run, _) = run.counted_once();
        let batch = &run.batches[0];
        let sizes = [batch.rss_start, batch.rss_peak, batch.rss_end].map(|mb| mb.map(Mib::get));
        assert_eq!(sizes, [Some(500.0), Some(600.0), Some(510.0)]);
        assert_eq!(run.peak(None).map(|peak| peak.rss.get()), Some(600.0));
    }

    #[test]
    fn without_children_or_their_proportional_memory_nothing_changes() {
        let alone = Run { snapshots: vec![sample(0.0, 400.0, 0.0, Some(300.0))], ..Run::default() };
        assert_eq!(alone.clone().counted_once(), (alone, None));
        let unread = Run { snapshots: vec![sample(0.0, 400.0, 200.0, None)], ..Run::default() };
        assert_eq!(unread.clone().counted_once(), (unread, None));
    }

    #[test]
    fn a_charge_below_the_sum_proves_double_counting() {
        let mut shared = SharedPages::default();
        shared.update(Mib::new(3110.0), Mib::new(3000.0), Some(Mib::new(647.0)));
        shared.update_charge(Mib::new(3710.0), Mib::new(3600.0), Mib::new(800.0));
        assert_eq!(shared.of(Mib::new(3710.0)), Mib::new(800.0));
    }
}
