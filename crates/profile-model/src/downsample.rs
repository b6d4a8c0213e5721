//! A run that is too long for the memory given: some snapshots are kept, all are counted.
//!
//! Of every few snapshots in a row the lowest and the highest stay, in order of time; when room
//! runs out, twice as many in a row become one such pair. Peaks and the floor between batches
//! are therefore kept as they were, and the time of each to the snapshot. What is an average
//! over the run is counted over all its snapshots instead: see [`Totals`].

use serde::{Deserialize, Serialize};

use crate::level::PressureLevel;
use crate::snapshot::Snapshot;
use crate::snapshot_columns::SnapshotRows;
use crate::units::{Mib, Offset};

/// Steps of a power of two in the counts of values: a quantile is right to 1 in 128.
const STEPS_BITS: u32 = 6;

/// A snapshot stands for the time until the next, at most this many median spacings.
const LONGEST_HOLD: f64 = 3.0;

/// Figures over all snapshots of a run of which only some were kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// Snapshots with a readable RSS.
    pub samples: usize,
    /// Of this many in a row the lowest and the highest were kept.
    pub in_a_row: usize,
    /// Mean RSS in MiB.
    pub mean_rss_mb: f64,
    /// Mean RSS by the time that each snapshot stands for, in MiB.
    pub time_weighted_mean_rss_mb: f64,
    /// Median, 95th and 99th percentile of RSS in MiB, to 1 in 128.
    pub p50_p95_p99_rss_mb: [f64; 3],
    /// Seconds that snapshots stand for, by pressure level; `None` where the file has none.
    pub level_s: Option<[f64; 4]>,
    /// Seconds that all snapshots stand for.
    pub observed_s: f64,
}

/// What is counted of a snapshot: when it was taken, its level and its memory.
type Seen = (Offset, Option<PressureLevel>, Option<Mib>);

/// The memory of an end of a row.
fn held(end: Option<&(usize, Snapshot)>) -> Option<Mib> {
    end.and_then(|(_, snapshot)| snapshot.rss)
}

/// Snapshots in order of their lines, never more than a given number.
#[derive(Debug, Clone)]
pub struct Downsampler {
    kept: Vec<Snapshot>,
    most: usize,
    /// What came after the room ran out first.
    rest: Option<Box<Rest>>,
}

#[derive(Debug, Clone)]
struct Rest {
    in_a_row: usize,
    row: Row,
    first: Snapshot,
    last: Snapshot,
    counts: Counts,
}

/// The ends of a few snapshots in a row, each with its place among them.
#[derive(Debug, Clone, Default)]
struct Row {
    count: usize,
    low: Option<(usize, Snapshot)>,
    high: Option<(usize, Snapshot)>,
}

impl Row {
    /// Takes the next one by its memory; of equal ones the first stays, as in a run that is kept whole.
    #[inline]
    fn take(&mut self, rss: Option<Mib>, snapshot: impl Fn() -> Snapshot) {
        if let Some(rss) = rss {
            if held(self.low.as_ref()).is_none_or(|low| rss < low) {
                self.low = Some((self.count, snapshot()));
            }
            if held(self.high.as_ref()).is_none_or(|high| rss > high) {
                self.high = Some((self.count, snapshot()));
            }
        }
        self.count += 1;
    }

    /// The lowest and the highest, in their order.
    fn ends(&self) -> impl Iterator<Item = Snapshot> + use<> {
        let (mut first, mut second) = (self.low, self.high);
        if first.map(|(place, _)| place) > second.map(|(place, _)| place) {
            std::mem::swap(&mut first, &mut second);
        }
        let same = first.map(|(place, _)| place) == second.map(|(place, _)| place);
        first.into_iter().chain(second.filter(|_| !same)).map(|(_, snapshot)| snapshot)
    }
}

impl Downsampler {
    /// Room for this many snapshots, at least 16.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { kept: Vec::new(), most: most.max(16) / 4 * 4, rest: None }
    }

    /// How many there is room for.
    pub(crate) const fn most(&self) -> usize {
        self.most
    }

    /// Takes the next snapshot.
    pub fn push(&mut self, snapshot: Snapshot) {
        self.take((snapshot.at, snapshot.level, snapshot.rss), || snapshot);
        if let Some(rest) = &mut self.rest {
            rest.last = snapshot;
        }
    }

    /// Takes the next snapshots as [`push`](Self::push) takes one.
    pub(crate) fn append(&mut self, snapshots: &[Snapshot]) {
        let (kept, more) = snapshots.split_at(self.room().min(snapshots.len()));
        self.kept.extend_from_slice(kept);
        more.iter().for_each(|snapshot| self.push(*snapshot));
    }

    /// How many are kept as they come.
    fn room(&self) -> usize {
        if self.rest.is_some() { 0 } else { self.most.saturating_sub(self.kept.len()) }
    }

    /// Takes the next snapshots. Most are only counted, and are never put together.
    pub(crate) fn extend(&mut self, rows: &SnapshotRows<'_>) {
        let all_kept = self.room().min(rows.len());
        self.kept.extend(rows.rows(0..all_kept).snapshots());
        for row in all_kept..rows.len() {
            let level = rows.level.get(row).copied().flatten();
            let rss = rows.rss.get(row).copied().flatten();
            self.take((rows.at[row], level, rss), || rows.snapshot(row));
        }
        if let (Some(rest), Some(last)) = (&mut self.rest, rows.len().checked_sub(1)) {
            rest.last = rows.snapshot(last);
        }
    }

    #[inline]
    fn take(&mut self, seen: Seen, snapshot: impl Fn() -> Snapshot) {
        if self.kept.len() >= self.most {
            self.make_room();
        }
        match &mut self.rest {
            None => self.kept.push(snapshot()),
            Some(rest) => {
                let (_, _, rss) = seen;
                rest.counts.take(seen);
                rest.row.take(rss, snapshot);
                if rest.row.count == rest.in_a_row {
                    self.kept.extend(std::mem::take(&mut rest.row).ends());
                }
            }
        }
    }

    /// Snapshots so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rest.as_ref().map_or(self.kept.len(), |rest| rest.counts.all)
    }

    /// Whether there was none so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Keeps at most this many from now on, at least 16.
    pub fn shrink(&mut self, most: usize) {
        self.most = self.most.min(most.max(16) / 4 * 4);
        while self.kept.len() > self.most {
            self.make_room();
        }
    }

    pub(crate) fn kept(&self) -> &[Snapshot] {
        &self.kept
    }

    pub(crate) fn kept_mut(&mut self) -> &mut Vec<Snapshot> {
        &mut self.kept
    }

    fn make_room(&mut self) {
        let rest = self.rest.get_or_insert_with(|| {
            let mut counts = Counts::default();
            self.kept.iter().for_each(|snapshot| counts.take((snapshot.at, snapshot.level, snapshot.rss)));
            let (first, last) = (self.kept[0], self.kept[self.kept.len() - 1]);
            Box::new(Rest { in_a_row: 2, row: Row::default(), first, last, counts })
        });
        rest.in_a_row *= 2;
        // In place: at most as many as there were stand before the next four.
        let mut pairs = 0;
        for four in (0..self.kept.len()).step_by(4) {
            let few = four..self.kept.len().min(four + 4);
            for snapshot in ends(&self.kept[few]) {
                self.kept[pairs] = snapshot;
                pairs += 1;
            }
        }
        self.kept.truncate(pairs);
    }

    /// What was kept, and the figures over all where that is less.
    #[must_use]
    pub fn finish(mut self) -> (Vec<Snapshot>, Option<Totals>) {
        let Some(rest) = self.rest else { return (self.kept, None) };
        self.kept.extend(rest.row.ends());
        if !self.kept.contains(&rest.last) {
            self.kept.push(rest.last);
        }
        if !self.kept.contains(&rest.first) {
            self.kept.insert(0, rest.first);
        }
        (self.kept, Some(rest.counts.totals(rest.in_a_row)))
    }
}

/// The lowest and the highest of a few, in their order.
fn ends(few: &[Snapshot]) -> impl Iterator<Item = Snapshot> + use<> {
    let mut row = Row::default();
    few.iter().for_each(|snapshot| row.take(snapshot.rss, || *snapshot));
    row.ends()
}

/// Counts over all snapshots, in constant memory.
#[derive(Debug, Clone, Default)]
struct Counts {
    all: usize,
    samples: usize,
    sum_mb: f64,
    sizes: Histogram,
    /// Steps of time by level, and by level the sum of RSS times step.
    steps: [Histogram; 4],
    /// When the last one was taken, its level and its RSS in MiB.
    before: Option<(Offset, Option<PressureLevel>, f64)>,
    without_level: bool,
}

impl Counts {
    #[inline]
    fn take(&mut self, (at, level, rss): Seen) {
        self.all += 1;
        let Some(rss) = rss.map(Mib::get) else { return };
        self.samples += 1;
        self.sum_mb += rss;
        self.sizes.add(rss, rss);
        self.without_level |= level.is_none();
        if let Some((before, level, rss_before)) = self.before.replace((at, level, rss)) {
            let step = at.seconds_since(before).max(0.0);
            let level = level.unwrap_or(PressureLevel::Low);
            self.steps[level as usize].add(step, rss_before);
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 snapshots")]
    fn totals(&self, in_a_row: usize) -> Totals {
        let all_steps = Histogram::sum(&self.steps);
        let longest = LONGEST_HOLD * all_steps.quantile(0.5);
        let mut weighted_mb = 0.0;
        let level_s = [0, 1, 2, 3].map(|level| {
            self.steps[level].buckets().fold(0.0, |seconds, (step, bucket)| {
                let held = bucket.count as f64 * step.min(longest);
                weighted_mb += held * bucket.sum / (bucket.count as f64);
                seconds + held
            })
        });
        let observed_s: f64 = level_s.iter().sum();
        let mean_rss_mb = self.sum_mb / self.samples.max(1) as f64;
        Totals {
            samples: self.samples,
            in_a_row,
            mean_rss_mb,
            time_weighted_mean_rss_mb: if observed_s > 0.0 { weighted_mb / observed_s } else { mean_rss_mb },
            p50_p95_p99_rss_mb: [0.5, 0.95, 0.99].map(|share| self.sizes.quantile(share)),
            level_s: (!self.without_level).then_some(level_s),
            observed_s,
        }
    }
}

/// The powers of two that are counted apart: 2^-31 (a nanosecond, in seconds) to 2^33 (eight
/// pebibytes, in MiB, and 270 years).
const POWERS: (i32, i32) = (-31, 33);

/// Values counted by the first bits of their floating-point form: buckets of equal relative
/// width, as in HdrHistogram.
#[derive(Debug, Clone)]
struct Histogram(Vec<Bucket>);

#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    count: usize,
    sum: f64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self(vec![Bucket::default(); Self::place(2_f64.powi(POWERS.1)) + 1])
    }
}

impl Histogram {
    /// Counts a value, and adds up what belongs to it.
    fn add(&mut self, value: f64, belongs: f64) {
        let last = self.0.len() - 1;
        let bucket = &mut self.0[Self::place(value).min(last)];
        bucket.count += 1;
        bucket.sum += belongs;
    }

    /// Exponent and first bits of the mantissa.
    const fn bits(value: f64) -> u64 {
        value.to_bits() >> (52 - STEPS_BITS)
    }

    #[expect(clippy::cast_possible_truncation, reason = "18 bits are left")]
    fn place(value: f64) -> usize {
        Self::bits(value).saturating_sub(Self::bits(2_f64.powi(POWERS.0))) as usize
    }

    /// Each bucket that is not empty, with the middle of its values; the first holds 0 as well.
    fn buckets(&self) -> impl Iterator<Item = (f64, Bucket)> {
        let edge = |place: usize| {
            f64::from_bits((place as u64 + Self::bits(2_f64.powi(POWERS.0))) << (52 - STEPS_BITS))
        };
        let filled = self.0.iter().enumerate().filter(|(_, bucket)| bucket.count > 0);
        filled.map(move |(place, bucket)| match place {
            0 => (0.0, *bucket),
            place => (f64::midpoint(edge(place), edge(place + 1)), *bucket),
        })
    }

    fn sum(some: &[Self]) -> Self {
        let mut all = Self::default();
        for (sum, bucket) in some.iter().flat_map(|one| one.0.iter().enumerate()) {
            all.0[sum].count += bucket.count;
            all.0[sum].sum += bucket.sum;
        }
        all
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place among the values"
    )]
    fn quantile(&self, share: f64) -> f64 {
        let all: usize = self.0.iter().map(|bucket| bucket.count).sum();
        let place = (share * all.saturating_sub(1) as f64) as usize;
        let mut below = 0;
        for (value, bucket) in self.buckets() {
            below += bucket.count;
            if below > place {
                return value;
            }
        }
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(index: i64, rss: f64) -> Snapshot {
        Snapshot {
            at: Offset::from_nanos(index * 1_000_000_000),
            rss: Some(Mib::new(rss)),
            level: Some(if rss < 500.0 { PressureLevel::Low } else { PressureLevel::High }),
            ..Snapshot::default()
        }
    }

    fn sawtooth(index: i64) -> f64 {
        100.0 + f64::from(u32::try_from(index * 37 % 1000).expect("below 1000"))
    }

    fn thinned(samples: i64, most: usize) -> (Vec<Snapshot>, Option<Totals>) {
        let mut thinned = Downsampler::new(most);
        (0..samples).for_each(|index| thinned.push(snapshot(index, sawtooth(index))));
        assert_eq!(thinned.len(), usize::try_from(samples).expect("few"));
        thinned.finish()
    }

    #[test]
    fn first_and_last_stay_in_their_order() {
        // Neither is an end of its row: both are in the middle of their values.
        let mut thinned = Downsampler::new(16);
        for index in 0..100 {
            let rss = if [0, 99].contains(&index) { 500.0 } else { sawtooth(index) };
            thinned.push(snapshot(index, rss));
        }
        let (kept, _) = thinned.finish();
        assert!(kept.is_sorted_by_key(|snapshot| snapshot.at));
        let ends = [0, kept.len() - 1].map(|at| kept[at].at);
        assert_eq!(ends, [snapshot(0, 0.0).at, snapshot(99, 0.0).at]);
    }

    #[test]
    fn what_fits_is_kept_whole() {
        let (kept, totals) = thinned(64, 64);
        assert_eq!((kept.len(), totals), (64, None));
    }

    #[test]
    fn the_ends_of_every_stretch_stay_in_order() {
        let (kept, totals) = thinned(100_000, 1024);
        let totals = totals.expect("thinned");
        assert!(kept.len() <= 1026 && kept.windows(2).all(|pair| pair[0].at < pair[1].at), "{}", kept.len());
        assert_eq!((kept[0].at, kept[kept.len() - 1].at.seconds()), (Offset::START, 99_999.0));
        let rss: Vec<f64> = kept.iter().filter_map(|s| s.rss).map(Mib::get).collect();
        for stretch in 0..100_000 / totals.in_a_row {
            let from = i64::try_from(stretch * totals.in_a_row).expect("few");
            let to = from + i64::try_from(totals.in_a_row).expect("few");
            let lowest = (from..to).map(sawtooth).fold(f64::INFINITY, f64::min);
            let highest = (from..to).map(sawtooth).fold(0.0, f64::max);
            assert!(rss.contains(&lowest) && rss.contains(&highest));
        }
    }

    #[test]
    fn averages_are_over_all_snapshots() {
        let totals = thinned(100_000, 1024).1.expect("thinned");
        assert_eq!(totals.samples, 100_000);
        assert!((totals.mean_rss_mb - 599.5).abs() < 1e-6, "{totals:?}");
        assert!((totals.time_weighted_mean_rss_mb - 599.5).abs() < 0.01, "{totals:?}");
        for (found, exact) in totals.p50_p95_p99_rss_mb.iter().zip([599.5, 1049.0, 1089.0]) {
            assert!((found / exact - 1.0).abs() < 1.0 / 128.0, "{found} for {exact}");
        }
        let [low, _, high, _] = totals.level_s.expect("levels");
        assert!((low / (low + high) - 0.4).abs() < 0.001, "{totals:?}");
    }
}
