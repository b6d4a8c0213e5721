//! Pages that several processes share: a sum of resident sizes counts them once in each.
//!
//! Proportional memory (PSS) counts them once. It is read seldom, and what the sum lies above it is deducted from the
//! sums beside it: growth since is taken to be a process's own.

use crate::batch::PeakSource;
use crate::peak::Peak;
use crate::run::Run;
use crate::snapshot::Snapshot;
use crate::snapshot_columns::SnapshotRows;
use crate::units::{Mib, Offset};

/// What a sum of resident sizes counts more than once, by the latest readings: for a run that goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SharedPages {
    reading: Option<Reading>,
    /// What the sum lay above the charge for all processes, since that reading, in MiB.
    above_charge_mb: f64,
    children_mb: f64,
}

/// Proportional memory as it was read.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Reading {
    /// What the sum lay above it, in MiB.
    excess_mb: f64,
    /// The children's part of the sum, in MiB.
    children_mb: f64,
}

impl Reading {
    /// What is counted more than once while children hold so much: a child that ended takes its part along.
    fn excess_with(self, children_mb: f64) -> f64 {
        if self.children_mb > 0.0 { self.excess_mb * (children_mb / self.children_mb).min(1.0) } else { 0.0 }
    }
}

/// Children that hold more than this times what they held at the reading, and more than this in MiB, began since: what
/// they share is not known before the next one.
const BEGUN: (f64, f64) = (1.25, 32.0);

impl SharedPages {
    /// Takes a sum of resident sizes, the children's part of it, and proportional memory where it was read.
    pub fn update(&mut self, rss: Mib, children: Mib, pss: Option<Mib>) {
        self.children_mb = children.get();
        if let Some(pss) = pss {
            self.reading = Some(Reading { excess_mb: excess(rss, pss), children_mb: children.get() });
            self.above_charge_mb = 0.0;
        }
    }

    /// Takes a size that is charged for all processes together: what the sum lies above it is counted more than once.
    pub fn update_charge(&mut self, rss: Mib, charged: Mib) {
        self.above_charge_mb = self.above_charge_mb.max(excess(rss, charged));
    }

    /// Whether proportional memory of several processes was read.
    #[must_use]
    pub fn has_counted_once(self) -> bool {
        self.reading.is_some_and(|reading| reading.children_mb > 0.0)
    }

    /// Whether no process began since the reading, so that a size counted once can be trusted.
    #[must_use]
    pub fn is_settled(self) -> bool {
        let before = self.reading.map_or(0.0, |reading| reading.children_mb);
        Self::may_trust(Mib::new(self.children_mb), Mib::new(before))
    }

    /// Whether children that hold so much now may still be those of a reading, when they held so much `before`: more
    /// is of some that began since.
    #[must_use]
    pub fn may_trust(now: Mib, before: Mib) -> bool {
        now.get() <= BEGUN.0 * before.get() + BEGUN.1
    }

    /// What is counted more than once, in MiB.
    #[must_use]
    pub fn counted_twice_mb(self) -> f64 {
        let by_reading = self.reading.map_or(0.0, |reading| reading.excess_with(self.children_mb));
        // A page that is counted twice is in a child at least once.
        by_reading.max(self.above_charge_mb).min(self.children_mb)
    }

    /// A sum of resident sizes with each page counted once.
    #[must_use]
    pub fn of(self, rss: Mib) -> Mib {
        deducted(rss, self.counted_twice_mb())
    }
}

/// What sums of resident sizes counted more than once, for a run that has ended: readings on both sides of a sample
/// tell what processes share that began between them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SharedHistory {
    /// Samples before the first reading with children.
    before: usize,
    /// What children held in each sample since, in MiB.
    children_mb: Vec<f64>,
    /// The readings, by the sample since the first one.
    readings: Vec<(usize, Reading)>,
}

impl SharedHistory {
    /// Takes the next snapshot; one without a resident size is left out.
    #[inline]
    pub fn push(&mut self, snapshot: &Snapshot) {
        let Some(rss) = snapshot.rss else { return };
        let children = snapshot.children_rss.filter(|mb| mb.get() > 0.0);
        if let Some((children, pss)) = children.zip(snapshot.pss) {
            let reading = Reading { excess_mb: excess(rss, pss), children_mb: children.get() };
            self.readings.push((self.children_mb.len(), reading));
        }
        if self.readings.is_empty() {
            self.before += 1;
        } else {
            self.children_mb.push(children.map_or(0.0, Mib::get));
        }
    }

    /// Takes the next samples.
    pub fn extend(&mut self, rows: &SnapshotRows<'_>) {
        if self.readings.is_empty() && (rows.children_rss.is_empty() || rows.pss.is_empty()) {
            self.before += rows.rss.iter().filter(|rss| rss.is_some()).count();
        } else {
            rows.snapshots().for_each(|snapshot| self.push(&snapshot));
        }
    }

    /// What each sample counted more than once, in MiB; `None` where proportional memory of several processes was never
    /// read.
    #[must_use]
    pub fn deductions(&self) -> Option<Vec<f64>> {
        let mut later = self.readings.iter().copied().peekable();
        let mut last = later.next()?.1;
        let mut deductions = vec![0.0; self.before];
        for (place, children) in self.children_mb.iter().enumerate() {
            while let Some((_, reading)) = later.next_if(|(at, _)| *at <= place) {
                last = reading;
            }
            let next = later.peek().map(|(_, reading)| *reading);
            deductions.push(between(last, next, *children));
        }
        Some(deductions)
    }
}

/// What is counted more than once between two readings, by what children hold: growth beyond both is their own.
fn between(last: Reading, next: Option<Reading>, children_mb: f64) -> f64 {
    let Some(next) = next else { return last.excess_with(children_mb) };
    let (from, to) = (last.children_mb, next.children_mb);
    if children_mb <= from.min(to) {
        return last.excess_with(children_mb).max(next.excess_with(children_mb));
    }
    let share = if to == from { 0.0 } else { ((children_mb - from) / (to - from)).clamp(0.0, 1.0) };
    (last.excess_mb + share * (next.excess_mb - last.excess_mb)).min(children_mb)
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
        let mut history = SharedHistory::default();
        self.snapshots.iter().for_each(|snapshot| history.push(snapshot));
        let Some(deductions) = history.deductions() else { return (self, None) };
        let mut sums = Vec::with_capacity(deductions.len());
        let readable = self.snapshots.iter_mut().filter(|snapshot| snapshot.rss.is_some());
        for (snapshot, deduction_mb) in readable.zip(deductions) {
            let rss_mb = snapshot.rss.map_or(0.0, Mib::get);
            sums.push(Sum { at: snapshot.at, rss_mb, deduction_mb });
            let less = |size: Option<Mib>| size.map(|mb| deducted(mb, deduction_mb));
            snapshot.rss = less(snapshot.rss);
            snapshot.children_rss = less(snapshot.children_rss);
        }
        // Levels were those of the sum, and mapped files are of one process.
        for snapshot in &mut self.snapshots {
            *snapshot = Snapshot { pss: None, shared: None, level: None, ..*snapshot };
        }
        for batch in &mut self.batches {
            let (from, to) = (batch.start, batch.end.unwrap_or(batch.start));
            batch.rss_start = batch.rss_start.map(|mb| deducted(mb, deduction_at(&sums, from)));
            batch.rss_peak = batch.rss_peak.map(|mb| deducted(mb, deduction_at_peak(&sums, from, to)));
            batch.rss_end = batch.rss_end.map(|mb| deducted(mb, deduction_at(&sums, to)));
        }
        // It states the sum's, at an unknown time. What one process held is in no page twice.
        self.stated_peak = self.peak_of_one.map(|rss| Peak { rss, source: Some(PeakSource::Sampled) });
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

    fn sample(seconds: f64, rss: f64, children: f64, pss: Option<f64>) -> Snapshot {
        Snapshot {
            at: Offset::from_seconds(seconds),
            rss: Some(Mib::new(rss)),
            children_rss: Some(Mib::new(children)),
            shared: Some(Mib::new(13.0)),
            pss: pss.map(Mib::new),
            ..Snapshot::default()
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
            sample(3.0, 1700.0, 1300.0, None),
            sample(4.0, 400.0, 0.0, None),
        ];
        let (run, summed) = Run { snapshots, ..Run::default() }.counted_once();
        assert_eq!(summed, Some(Mib::new(3050.0)));
        assert_eq!(memory(&run), [400.0, 500.0, 550.0, 450.0, 400.0]);
        assert_eq!(run.snapshots[1].children_rss, Some(Mib::new(100.0)));
    }

    #[test]
    fn what_processes_share_that_began_between_two_readings_is_known_from_the_second() {
        let snapshots = vec![
            sample(0.0, 1260.0, 830.0, Some(450.0)),
            sample(0.3, 2950.0, 2520.0, None),
            sample(2.0, 3020.0, 2590.0, Some(490.0)),
            sample(3.0, 4220.0, 3790.0, None),
            sample(4.0, 3020.0, 2590.0, Some(490.0)),
        ];
        let (run, _) = Run { snapshots, ..Run::default() }.counted_once();
        let found = memory(&run);
        assert!((found[1] - 490.0).abs() < 5.0, "{found:?}");
        assert_eq!(found[3], 1690.0, "growth beyond both is their own");
    }

    #[test]
    fn a_live_size_is_not_trusted_while_processes_began_since_the_reading() {
        let mut shared = SharedPages::default();
        shared.update(Mib::new(1260.0), Mib::new(830.0), Some(Mib::new(450.0)));
        assert!(shared.is_settled() && shared.of(Mib::new(1260.0)) == Mib::new(450.0));
        shared.update(Mib::new(2950.0), Mib::new(2520.0), None);
        assert!(!shared.is_settled());
        shared.update(Mib::new(3020.0), Mib::new(2590.0), Some(Mib::new(490.0)));
        assert!(shared.is_settled() && shared.of(Mib::new(3020.0)) == Mib::new(490.0));
    }

    #[test]
    fn batches_are_counted_once_too() {
        let batch = Batch {
            size: 10,
            items: 10,
            start: Offset::from_seconds(1.0),
            end: Some(Offset::from_seconds(2.5)),
            rss_start: Some(Mib::new(3000.0)),
            rss_peak: Some(Mib::new(3100.0)),
            rss_end: Some(Mib::new(3010.0)),
            ..Batch::default()
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
    fn the_peak_is_no_less_than_what_one_process_held_between_samples() {
        let run = Run {
            snapshots: vec![sample(1.0, 6.0, 3.0, Some(1.0)), sample(2.0, 13.0, 0.0, None)],
            stated_peak: Some(Peak { rss: Mib::new(45.0), source: None }),
            peak_of_one: Some(Mib::new(42.0)),
            ..Run::default()
        };
        let (run, _) = run.counted_once();
        assert_eq!(run.peak(None), Some(Peak { rss: Mib::new(42.0), source: Some(PeakSource::Sampled) }));
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
        shared.update(Mib::new(3710.0), Mib::new(3600.0), None);
        shared.update_charge(Mib::new(3710.0), Mib::new(800.0));
        assert_eq!(shared.of(Mib::new(3710.0)), Mib::new(800.0));
    }
}
