//! One run as plain columns, the input of every detector.
//!
//! Snapshots come at uneven times: forced checks cluster where the job works hardest, and a
//! library call that holds the interpreter makes gaps. Shares and means are therefore
//! weighted by time: a snapshot stands for the time until the next one, at most three median
//! spacings, so that a gap does not count as observed.

use memtool_profile_model::{PressureLevel, SnapshotKind};

use crate::size_column::SizeColumn;
use crate::stats::{median, median_of_largest, sum, sum_of};
use crate::step_column::StepColumn;

/// Median spacings after which a snapshot no longer speaks for the time that passes.
const LONGEST_HOLD: f64 = 3.0;

/// Steps that suffice for a rough spacing.
const ROUGH_STEPS: usize = 4096;

/// One run as columns of one length, but for two that may be empty, in order of time; snapshots without RSS left out.
///
/// Twenty-one bytes per sample where memory is in hundredths of a MiB and labels, sizes and counts change now and then.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// Seconds since the first snapshot.
    pub seconds: Vec<f64>,
    /// Resident memory in MiB.
    pub rss_mb: Vec<f64>,
    /// The part of it in mapped files and shared memory, in MiB; empty where the file has none.
    pub shared_mb: SizeColumn,
    /// The part of it that child processes hold, in MiB; empty where the file has none.
    pub children_mb: SizeColumn,
    /// Available memory in MiB.
    pub available_mb: SizeColumn,
    /// The pressure level recorded, or the policy's where the file has none.
    pub level: Vec<PressureLevel>,
    /// The batch size in force before the snapshot's own adjustment.
    pub batch_size: StepColumn<Option<u32>>,
    /// Why it was taken.
    pub kind: StepColumn<SnapshotKind>,
    /// The phase of the job, as an index into its names.
    pub phase: StepColumn<Option<u32>>,
    /// Collections since the interpreter started, all generations together.
    pub collections: StepColumn<Option<u64>>,
    /// Whether the job labelled it and the label is not the one before: a phase's boundary.
    pub boundary: StepColumn<bool>,
    /// The most seconds that a snapshot stands for: see [`timed`](Self::timed).
    pub longest_hold_s: f64,
    /// Seconds that all snapshots stand for together.
    pub held_s: f64,
    /// The largest sum of RSS, where memory is proportional (PSS) instead: it counts shared pages once in each process.
    pub summed_rss_mb: Option<f64>,
    /// What was taken from each sum of RSS then, in MiB; else empty.
    pub counted_twice_mb: Vec<f64>,
}

impl Series {
    /// The snapshots from one on, with times from it; each stands for the time that it stood for.
    #[must_use]
    pub(crate) fn after(&self, from: usize) -> Self {
        let start_s = self.seconds.get(from).copied().unwrap_or_default();
        Self {
            seconds: self.seconds[from..].iter().map(|s| s - start_s).collect(),
            rss_mb: self.rss_mb[from..].to_vec(),
            shared_mb: self.shared_mb.iter().skip(from).collect(),
            children_mb: self.children_mb.iter().skip(from).collect(),
            available_mb: self.available_mb.iter().skip(from).collect(),
            level: self.level[from..].to_vec(),
            batch_size: self.batch_size.iter().skip(from).collect(),
            kind: self.kind.iter().skip(from).collect(),
            phase: self.phase.iter().skip(from).collect(),
            collections: self.collections.iter().skip(from).collect(),
            boundary: self.boundary.iter().skip(from).collect(),
            held_s: sum((from..self.len()).map(|sample| self.weight_s(sample))),
            counted_twice_mb: self.counted_twice_mb.iter().skip(from).copied().collect(),
            ..*self
        }
    }

    /// The snapshots before one; each stands for the time that it stood for.
    #[must_use]
    pub(crate) fn before(&self, to: usize) -> Self {
        Self {
            seconds: self.seconds[..to].to_vec(),
            rss_mb: self.rss_mb[..to].to_vec(),
            shared_mb: self.shared_mb.iter().take(to).collect(),
            children_mb: self.children_mb.iter().take(to).collect(),
            available_mb: self.available_mb.iter().take(to).collect(),
            level: self.level[..to].to_vec(),
            batch_size: self.batch_size.iter().take(to).collect(),
            kind: self.kind.iter().take(to).collect(),
            phase: self.phase.iter().take(to).collect(),
            collections: self.collections.iter().take(to).collect(),
            boundary: self.boundary.iter().take(to).collect(),
            held_s: sum((0..to).map(|sample| self.weight_s(sample))),
            counted_twice_mb: self.counted_twice_mb.iter().take(to).copied().collect(),
            ..*self
        }
    }

    /// What a sum of RSS counts more than once at a time, in MiB.
    pub(crate) fn counted_twice_at(&self, second: f64) -> f64 {
        let after = self.seconds.partition_point(|s| *s <= second);
        let place = after.checked_sub(1).filter(|_| !self.counted_twice_mb.is_empty());
        place.map_or(0.0, |place| self.counted_twice_mb[place])
    }

    /// Snapshots.
    #[must_use]
    pub fn len(&self) -> usize {
        self.seconds.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seconds.is_empty()
    }

    /// Whether the interpreter's collections were counted at any snapshot.
    pub(crate) fn has_collections(&self) -> bool {
        self.collections.values().iter().any(Option::is_some)
    }

    /// First to last snapshot, in seconds.
    #[must_use]
    pub fn duration_s(&self) -> f64 {
        self.seconds.last().copied().unwrap_or_default()
    }

    /// The same in minutes, a thousandth of a second at least: what is counted per minute stays finite.
    #[must_use]
    pub(crate) fn minutes(&self) -> f64 {
        self.duration_s().max(1e-3) / 60.0
    }

    /// Median spacing of snapshots at different times, in seconds; 0 with fewer than two.
    #[must_use]
    pub fn spacing_s(&self) -> f64 {
        let steps = self.later().iter().zip(&self.seconds).map(|(next_s, at_s)| next_s - at_s);
        // Those that are left out are the least of all.
        let some = steps.clone().filter(|step| *step > 0.0).count();
        median_of_largest(some, steps).unwrap_or_default()
    }

    /// The same from a few thousand evenly chosen steps: enough for a rule, and quick.
    #[must_use]
    pub fn rough_spacing_s(&self) -> f64 {
        let every = self.len().div_ceil(ROUGH_STEPS).max(1);
        let chosen = self.seconds.windows(2).step_by(every);
        let steps: Vec<f64> = chosen.map(|w| w[1] - w[0]).filter(|step| *step > 0.0).collect();
        median(&steps).unwrap_or_default()
    }

    /// Seconds that a snapshot stands for: until the next one, or the longest. The last stands for none: nothing is
    /// known after it.
    #[inline]
    #[must_use]
    pub fn weight_s(&self, sample: usize) -> f64 {
        self.seconds.get(sample + 1).map_or(0.0, |next| self.until_s(self.seconds[sample], *next))
    }

    /// Seconds that a snapshot at one time stands for before one at another.
    #[inline]
    fn until_s(&self, at_s: f64, next_s: f64) -> f64 {
        let step = next_s - at_s;
        if step < self.longest_hold_s { step } else { self.longest_hold_s }
    }

    /// The times of all snapshots but the first.
    fn later(&self) -> &[f64] {
        self.seconds.get(1..).unwrap_or_default()
    }

    /// The seconds that each snapshot but the last stands for.
    fn weights(&self) -> impl Iterator<Item = f64> + '_ {
        self.seconds.windows(2).map(|pair| self.until_s(pair[0], pair[1]))
    }

    /// Works out for how long snapshots stand: to be called when all times are there.
    #[must_use]
    pub fn timed(mut self) -> Self {
        self.longest_hold_s = LONGEST_HOLD * self.spacing_s();
        self.held_s = sum_of([&self.seconds, self.later()], |[at_s, next_s]| self.until_s(at_s, next_s));
        self
    }

    /// Seconds that the snapshots stand for.
    #[must_use]
    pub const fn observed_s(&self) -> f64 {
        self.held_s
    }

    /// Share of the duration that is observed, 1 where there is no duration.
    #[must_use]
    pub fn coverage(&self) -> f64 {
        if self.duration_s() > 0.0 { (self.observed_s() / self.duration_s()).min(1.0) } else { 1.0 }
    }

    /// Share of the observed time for which a test of the snapshot's index holds.
    ///
    /// Where no time was observed (one snapshot), every snapshot counts the same.
    #[must_use]
    pub fn time_share(&self, mut holds: impl FnMut(usize) -> bool) -> f64 {
        self.time_weighted(|index| f64::from(u8::from(holds(index))))
    }

    /// Share of the observed time at each pressure level, in the order of
    /// [`PressureLevel::ALL`]: four [`time_share`](Self::time_share)s in one pass.
    #[must_use]
    pub fn level_shares(&self) -> [f64; 4] {
        let observed = self.observed_s();
        let mut shares = [0.0; 4];
        let mut from = 0;
        for same in self.level.chunk_by(|a, b| a == b) {
            let to = from + same.len();
            let share = &mut shares[same[0] as usize];
            *share = if observed > 0.0 {
                // The last sample stands for no time.
                let times = self.seconds[from..].iter().zip(&self.seconds[from + 1..]).take(same.len());
                times.fold(*share, |sum, (at_s, next_s)| sum + self.until_s(*at_s, *next_s))
            } else {
                same.iter().fold(*share, |sum, _| sum + 1.0)
            };
            from = to;
        }
        let all: f64 = shares.iter().sum();
        shares.map(|share| if all > 0.0 { share / all } else { 0.0 })
    }

    /// Mean RSS over the observed time.
    #[must_use]
    pub fn time_weighted_rss_mb(&self) -> f64 {
        let observed = self.observed_s();
        if observed > 0.0 {
            let columns = [&self.seconds[..], self.later(), &self.rss_mb];
            sum_of(columns, |[at_s, next_s, rss]| self.until_s(at_s, next_s) * rss) / observed
        } else {
            self.mean_rss_mb()
        }
    }

    /// Plain mean of RSS.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 snapshots")]
    pub fn mean_rss_mb(&self) -> f64 {
        sum_of([&self.rss_mb], |[rss]| rss) / self.len().max(1) as f64
    }

    /// Mean over the observed time of a value of the snapshot's index; each is asked for once, in order.
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 snapshots")]
    fn time_weighted(&self, mut value: impl FnMut(usize) -> f64) -> f64 {
        let observed = self.observed_s();
        if observed > 0.0 {
            let sum = sum(self.weights().enumerate().map(|(i, weight)| weight * value(i)));
            // The last one stands for no time.
            self.len().checked_sub(1).map(value);
            sum / observed
        } else {
            sum((0..self.len()).map(value)) / self.len().max(1) as f64
        }
    }

    /// The longest episode for which a test holds, as start and end in seconds; interruptions
    /// up to `bridge_s` are bridged.
    #[must_use]
    pub fn longest_episode(&self, bridge_s: f64, holds: impl Fn(usize) -> bool) -> Option<(f64, f64)> {
        let mut longest: Option<(f64, f64)> = None;
        let mut current: Option<(f64, f64)> = None;
        for index in (0..self.len()).filter(|i| holds(*i)) {
            let (from, to) = (self.seconds[index], self.seconds[index] + self.weight_s(index));
            let grown = match current {
                Some((start, end)) if from - end <= bridge_s => (start, to.max(end)),
                _ => (from, to),
            };
            current = Some(grown);
            if longest.is_none_or(|(start, end)| grown.1 - grown.0 > end - start) {
                longest = Some(grown);
            }
        }
        longest
    }
}

#[cfg(test)]
pub(crate) mod shapes {
    //! Named shapes for tests.

    use super::*;

    /// A series at a fixed spacing from values alone.
    pub(crate) fn series(spacing_s: f64, rss_mb: &[f64]) -> Series {
        let seconds: Vec<f64> = (0..rss_mb.len()).map(|i| i as f64 * spacing_s).collect();
        let n = rss_mb.len();
        Series {
            seconds,
            rss_mb: rss_mb.to_vec(),
            shared_mb: vec![None; n].into(),
            children_mb: vec![None; n].into(),
            available_mb: vec![Some(9000.0); n].into(),
            level: vec![PressureLevel::Low; n],
            batch_size: StepColumn::constant(Some(500), n),
            kind: StepColumn::constant(SnapshotKind::Regular, n),
            phase: StepColumn::constant(None, n),
            collections: StepColumn::constant(None, n),
            boundary: StepColumn::constant(false, n),
            ..Series::default()
        }
        .timed()
    }

    /// Seeded noise in −1..1.
    pub(crate) fn noise(seed: u64, n: usize) -> Vec<f64> {
        let mut state = seed;
        (0..n)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) as f64 / f64::from(1_u32 << 30) - 1.0
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::shapes::series;
    use super::*;

    #[test]
    fn a_gap_counts_for_three_spacings_only() {
        let seconds = vec![0.0, 1.0, 2.0, 3.0, 100.0, 101.0];
        let run = Series { seconds, ..series(1.0, &[1.0; 6]) }.timed();
        let weights = [1.0, 1.0, 1.0, 3.0, 1.0, 0.0];
        assert_eq!(run.weights().collect::<Vec<_>>(), weights[..5]);
        assert_eq!([0, 1, 2, 3, 4, 5].map(|sample| run.weight_s(sample)), weights);
    }

    #[test]
    fn forced_checks_at_one_time_do_not_weigh() {
        let mut run = series(1.0, &[1.0, 1.0, 9.0, 9.0, 9.0, 1.0]);
        run.seconds = vec![0.0, 1.0, 2.0, 2.0, 2.0, 3.0];
        run = run.timed();
        assert!((run.time_share(|i| run.rss_mb[i] > 5.0) - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn levels_share_the_observed_time() {
        let mut run = series(1.0, &[1.0; 6]);
        run.level[2] = PressureLevel::High;
        run.level[5] = PressureLevel::Critical;
        assert_eq!(run.level_shares(), [0.8, 0.0, 0.2, 0.0]);
        let mut alone = series(1.0, &[1.0]);
        alone.level[0] = PressureLevel::Moderate;
        assert_eq!(alone.level_shares(), [0.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn one_snapshot_still_has_a_share_and_a_mean() {
        let run = series(1.0, &[7.0]);
        assert_eq!(run.time_share(|_| true), 1.0);
        assert_eq!(run.time_weighted_rss_mb(), 7.0);
        assert_eq!(run.coverage(), 1.0);
    }

    #[test]
    fn short_interruptions_are_bridged() {
        let run = series(1.0, &[9.0, 9.0, 1.0, 9.0, 9.0, 1.0, 1.0, 1.0, 1.0, 9.0, 9.0]);
        let high = |i: usize| run.rss_mb[i] > 5.0;
        assert_eq!(run.longest_episode(1.5, high), Some((0.0, 5.0)));
        assert_eq!(run.longest_episode(0.5, high), Some((0.0, 2.0)));
        assert_eq!(run.longest_episode(0.5, |_| false), None);
    }
}
