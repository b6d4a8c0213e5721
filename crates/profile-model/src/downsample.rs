//! A run that is too long for the memory given: some snapshots are kept, all are counted.
//!
//! Of so many snapshots in a row the lowest and the highest stay, in order of time; when room
//! runs out, twice as many in a row become one such pair. Peaks and the floor between batches
//! are therefore kept as they were, and the time of each to the snapshot. What is an average
//! over the run is counted over all its snapshots instead: see [`Totals`].

use serde::{Deserialize, Serialize};

use crate::level::PressureLevel;
use crate::snapshot::Snapshot;

/// Steps of a power of two in the counts of values: a quantile is right to 1 in 128.
const STEPS_BITS: u32 = 6;

/// A snapshot stands for the time until the next, at most so many median spacings.
const LONGEST_HOLD: f64 = 3.0;

/// Figures over all snapshots of a run of which only some were kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// Snapshots with a readable RSS.
    pub samples: usize,
    /// Of so many in a row the lowest and the highest were kept.
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
    row: Vec<Snapshot>,
    first: Snapshot,
    last: Snapshot,
    counts: Counts,
}

impl Downsampler {
    /// Room for so many snapshots, at least 16.
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
        if self.kept.len() >= self.most {
            self.make_room();
        }
        match &mut self.rest {
            None => self.kept.push(snapshot),
            Some(rest) => {
                rest.counts.take(&snapshot);
                rest.last = snapshot;
                rest.row.push(snapshot);
                if rest.row.len() == rest.in_a_row {
                    self.kept.extend(ends(&rest.row));
                    rest.row.clear();
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

    /// Keeps so many from now on, at least 16.
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
            self.kept.iter().for_each(|snapshot| counts.take(snapshot));
            let (first, last) = (self.kept[0], self.kept[self.kept.len() - 1]);
            Box::new(Rest { in_a_row: 2, row: Vec::new(), first, last, counts })
        });
        rest.in_a_row *= 2;
        let pairs: Vec<Snapshot> = self.kept.chunks(4).flat_map(ends).collect();
        self.kept = pairs;
    }

    /// What was kept, and the figures over all where that is less.
    #[must_use]
    pub fn finish(mut self) -> (Vec<Snapshot>, Option<Totals>) {
        let Some(rest) = self.rest else { return (self.kept, None) };
        self.kept.extend(ends(&rest.row));
        for (end, at) in [(rest.first, 0), (rest.last, self.kept.len())] {
            if !self.kept.contains(&end) {
                self.kept.insert(at.min(self.kept.len()), end);
            }
        }
        (self.kept, Some(rest.counts.totals(rest.in_a_row)))
    }
}

/// The lowest and the highest of a few, in their order.
fn ends(row: &[Snapshot]) -> impl Iterator<Item = Snapshot> + use<> {
    let rss = |at: &usize| row[*at].rss.map(|rss| rss.get());
    let seen = || (0..row.len()).filter(|at| row[*at].rss.is_some());
    let compare = |a: &usize, b: &usize| rss(a).partial_cmp(&rss(b)).unwrap_or(std::cmp::Ordering::Equal);
    // Of equal ones the first, as in a run that is kept whole.
    let (low, high) = (seen().min_by(compare), seen().rev().max_by(compare));
    let mut at: Vec<usize> = low.into_iter().chain(high).collect();
    at.sort_unstable();
    at.dedup();
    let found: Vec<Snapshot> = at.into_iter().map(|at| row[at]).collect();
    found.into_iter()
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
    before: Option<(Snapshot, f64)>,
    without_level: bool,
}

impl Counts {
    fn take(&mut self, snapshot: &Snapshot) {
        self.all += 1;
        let Some(rss) = snapshot.rss.map(|rss| rss.get()) else { return };
        self.samples += 1;
        self.sum_mb += rss;
        self.sizes.add(rss, rss);
        self.without_level |= snapshot.level.is_none();
        if let Some((before, rss_before)) = self.before.replace((*snapshot, rss)) {
            let step = snapshot.at.seconds_since(before.at).max(0.0);
            let level = before.level.unwrap_or(PressureLevel::Low);
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
    use crate::units::{Mib, Offset};

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
