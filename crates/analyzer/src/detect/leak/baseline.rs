//! The baseline of a trace: the memory that is left when a batch's own objects are gone.
//!
//! Two views of it. *Troughs*: where RSS falls by a good part of its range and rises again, the
//! lowest point between is memory that no batch held. *Envelope*: at each moment the least RSS
//! that is still to come. Memory that is never given back is below it, memory that is given
//! back later is not in it; it never falls. Troughs serve where the saw is large against the
//! growth, the envelope where it is small.
//!
//! What is seen after the work is no part of the baseline: see `work`.

use super::turning_points::{troughs, turning_points};
use super::work::{LeftOut, Work};
use crate::series::Series;
use crate::stats::{median, quantiles, trend};

/// Share of the range that RSS falls by between two batches, tried in this order.
const DEEP: [f64; 2] = [0.30, 0.15];
/// Troughs that make a baseline.
const FEWEST_TROUGHS: usize = 6;
/// Troughs that do where memory after batches is recorded: five in order are a chance of 1 in 120.
const FEWEST_EXACT: usize = 5;
/// Falls of memory after batches that make a saw.
const FEWEST_FALLS: usize = 3;
/// Share of the work that troughs must span.
const LEAST_SPAN: f64 = 0.4;
/// Troughs kept for the baseline's shape.
const MOST_TROUGHS: usize = 40;
/// Troughs kept for its order: a sample meets the lowest point of one in a few neighbours only. Ten
/// points carry a trend test, and each then stands for as many neighbours as the run has.
const MOST_ORDERED: usize = 10;
/// Share of the work that counts as start-up.
const START_UP: f64 = 0.05;
/// Start-up of the envelope, which looks ahead and so takes a little more.
const ENVELOPE_START: f64 = 0.08;
/// Where the envelope ends: its last stretch shows the batch that is running.
const ENVELOPE_END: f64 = 0.95;
/// Points of the envelope.
const ENVELOPE_POINTS: usize = 25;
/// Snapshots that suffice for the range of RSS.
const RANGE_SAMPLE: usize = 8192;

/// Where the points of a baseline come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::detect) enum Basis {
    /// The lowest points between batches, as samples meet them.
    Troughs,
    /// Memory after recorded batches.
    AfterBatches,
    /// The lowest points of phases that take turns.
    Phases,
    /// Bytes in use after recorded batches.
    LiveBytes,
    /// What recorded collections left of a heap.
    AfterCollections,
    /// The least RSS still to come.
    Envelope,
}

impl Basis {
    /// The rule's name in evidence.
    pub(in crate::detect) const fn rule(self) -> &'static str {
        match self {
            Self::Troughs => "memory_leak.troughs",
            Self::AfterBatches => "memory_leak.after_batches",
            Self::Phases => "memory_leak.phases",
            Self::LiveBytes => "memory_leak.live_bytes",
            Self::AfterCollections => "memory_leak.after_collections",
            Self::Envelope => "memory_leak.envelope",
        }
    }

    /// The memory it speaks of, as words of a reason.
    pub(super) const fn describe(self) -> &'static str {
        match self {
            Self::Troughs | Self::AfterBatches => "memory between batches",
            Self::Phases => "memory at the lowest of each phase",
            Self::LiveBytes => "number of bytes in use between batches",
            Self::AfterCollections => "memory that collections left",
            Self::Envelope => "memory that is never given back",
        }
    }
}

/// Points of the baseline, in order of time.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::detect) struct Baseline {
    pub(in crate::detect) minutes: Vec<f64>,
    pub(super) rss_mb: Vec<f64>,
    pub(in crate::detect) basis: Basis,
    /// Moments between batches that the run recorded.
    pub(super) recorded: usize,
    /// The same with fewer troughs, each the lowest of more neighbours.
    pub(super) lowest: (Vec<f64>, Vec<f64>),
    /// Completed falls of RSS, small ones too.
    pub(in crate::detect) cycles: usize,
    /// Falls by a good part of the range.
    pub(super) deep: usize,
    /// RSS at the first snapshot.
    pub(super) opening_mb: f64,
    /// Least RSS after the work, where the trace shows it.
    pub(super) closing_mb: Option<f64>,
    /// The end of the process, where the trace shows it: no part of the work.
    pub(super) left_out: Option<LeftOut>,
    /// Median RSS of the work.
    pub(in crate::detect) level_mb: f64,
    /// 5th to 95th percentile of RSS.
    pub(super) range_mb: f64,
}

/// The baseline of a run; `between_batches` is RSS at moments when no batch held anything.
pub(super) fn baseline(series: &Series, between_batches: &[(f64, f64)]) -> Option<Baseline> {
    let work = Work::of(series, between_batches);
    let (from, to) = (*work.seconds.first()?, *work.seconds.last()?);
    let length = to - from;
    let [low, level_mb, high] = range(&work.rss_mb)?;
    let range_mb = high - low;
    let start = from + START_UP * length;
    let fine = (0.01 * range_mb).max(1.5);
    let turning = turning_points(&work.rss_mb, 0..work.rss_mb.len(), fine);
    let falls = |share: f64| troughs(&work.rss_mb, &turning, (share * range_mb).max(2.0));
    let large = falls(DEEP[0]);
    let fewest = if between_batches.is_empty() { FEWEST_TROUGHS } else { FEWEST_EXACT };
    let deep = large.len().saturating_sub(1);
    let inner = |mut found: Vec<usize>| {
        found.retain(|i| work.seconds[*i] >= start && *i + 1 < work.seconds.len());
        let spans = match (found.first(), found.last()) {
            (Some(a), Some(b)) => work.seconds[*b] - work.seconds[*a] >= LEAST_SPAN * length,
            _ => false,
        };
        (found.len() >= fewest && spans).then_some(found)
    };
    let of_troughs = || inner(large).or_else(|| inner(falls(DEEP[1])));
    let after_batches = after_batches(&work, between_batches);
    let (points, basis) = if let Some(after) = after_batches.filter(|after| !is_saw(after, range_mb)) {
        (lowest_in_time(&after), Basis::AfterBatches)
    } else if let Some(found) = of_troughs() {
        (lowest(&work, &found), Basis::Troughs)
    } else {
        (envelope(&work, &turning, range_mb, level_mb), Basis::Envelope)
    };
    let in_minutes = |points: &[(f64, f64)]| points.iter().map(|(at, rss)| (at / 60.0, *rss)).unzip();
    let (minutes, rss_mb) = in_minutes(&points);
    let ordered = match basis {
        Basis::Envelope => points,
        _ => lowest_of(&points, MOST_ORDERED),
    };
    Some(Baseline {
        recorded: between_batches.len(),
        minutes,
        rss_mb,
        basis,
        lowest: in_minutes(&ordered),
        deep,
        cycles: turning.len().div_ceil(2).saturating_sub(1),
        opening_mb: *series.rss_mb.first()?,
        closing_mb: work.closing_mb,
        left_out: work.left_out,
        level_mb,
        range_mb,
    })
}

/// Memory after the batches past the start-up, where enough are recorded: a fifth of them, or of the time if that is less.
fn after_batches(work: &Work<'_>, between_batches: &[(f64, f64)]) -> Option<Vec<(f64, f64)>> {
    let (from, to) = (*work.seconds.first()?, *work.seconds.last()?);
    let fifth = between_batches.get(between_batches.len() / 5)?.0;
    let start = fifth.min(from + (to - from) / 5.0).max(from);
    let within = between_batches.iter().filter(|(at, _)| *at <= to && *at >= start);
    let points: Vec<(f64, f64)> = within.copied().collect();
    let span = points.last()?.0 - points.first()?.0;
    (points.len() >= 6 && span >= LEAST_SPAN * (to - from)).then_some(points)
}

/// Whether memory after batches falls and rises by a good part of the range again and again: work spans several batches then, and
/// what a batch leaves is not what the work does.
fn is_saw(after: &[(f64, f64)], range_mb: f64) -> bool {
    let mb: Vec<f64> = after.iter().map(|(_, mb)| *mb).collect();
    turning_points(&mb, 0..mb.len(), DEEP[1] * range_mb).len() >= 2 * FEWEST_FALLS
}

/// 5th percentile, median and 95th percentile, from evenly spread values.
fn range(rss: &[f64]) -> Option<[f64; 3]> {
    let step = rss.len().div_ceil(RANGE_SAMPLE).max(1);
    let some: Vec<f64> = rss.iter().copied().step_by(step).collect();
    quantiles(&some, [0.05, 0.5, 0.95])
}

/// The troughs as points; of too many, the lowest of each few neighbours.
fn lowest(work: &Work<'_>, found: &[usize]) -> Vec<(f64, f64)> {
    let points: Vec<(f64, f64)> = found.iter().map(|i| (work.seconds[*i], work.rss_mb[*i])).collect();
    lowest_of(&points, MOST_TROUGHS)
}

fn lowest_of(points: &[(f64, f64)], most: usize) -> Vec<(f64, f64)> {
    let together = points.len().div_ceil(most).max(1);
    points.chunks(together).filter_map(|few| few.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1))).collect()
}

/// The lowest of each of forty equal stretches of time that has a point.
fn lowest_in_time(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    let span = (last.0 - first.0).max(f64::MIN_POSITIVE);
    let stretch = |point: &(f64, f64)| {
        let place = ((point.0 - first.0) / span * MOST_TROUGHS as f64).max(0.0) as usize;
        place.min(MOST_TROUGHS - 1)
    };
    points
        .chunk_by(|a, b| stretch(a) == stretch(b))
        .filter_map(|few| few.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1)))
        .collect()
}

/// The least RSS still to come, at equal times between start-up and the last batch.
#[expect(clippy::cast_precision_loss, reason = "a few points")]
fn envelope(work: &Work<'_>, turning: &[usize], range_mb: f64, level_mb: f64) -> Vec<(f64, f64)> {
    let mut least = work.rss_mb.to_vec();
    for i in (0..least.len().saturating_sub(1)).rev() {
        least[i] = least[i].min(least[i + 1]);
    }
    let (Some(from), Some(to)) = (work.seconds.first(), work.seconds.last()) else { return Vec::new() };
    let start = from + ENVELOPE_START * (to - from);
    let mut end = from + ENVELOPE_END * (to - from);
    let swing = (0.1 * range_mb).max(4.0).max(0.02 * level_mb);
    let turns = turning_points(&work.rss_mb, turning.iter().copied(), swing);
    // A fall without a rise after it ends no batch that is running.
    if let [.., last, _] = turns[..]
        && turns.len() % 2 == 0
        && turns.len() >= 6
        && work.seconds[last] > from + 0.6 * (to - from)
    {
        end = end.min(work.seconds[last]);
    }
    (0..ENVELOPE_POINTS)
        .filter_map(|k| {
            let at = start + (end - start) * k as f64 / (ENVELOPE_POINTS - 1) as f64;
            let index = work.seconds.partition_point(|s| *s < at).min(least.len().checked_sub(1)?);
            Some((at, least[index]))
        })
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "a few steps")]
fn at_steps(minutes: &[f64], rss_mb: &[f64], steps: usize) -> Vec<f64> {
    let (Some(from), Some(to)) = (minutes.first(), minutes.last()) else { return Vec::new() };
    (0..=steps).map(|k| at(minutes, rss_mb, from + (to - from) * k as f64 / steps as f64)).collect()
}

fn at(minutes: &[f64], rss_mb: &[f64], minute: f64) -> f64 {
    let after = minutes.partition_point(|m| *m < minute).clamp(1, minutes.len().max(2) - 1);
    let (Some(a), Some(b)) = (minutes.get(after - 1), minutes.get(after)) else {
        return rss_mb.first().copied().unwrap_or_default();
    };
    let share = if b > a { ((minute - a) / (b - a)).clamp(0.0, 1.0) } else { 1.0 };
    rss_mb[after - 1] + share * (rss_mb[after] - rss_mb[after - 1])
}

impl Baseline {
    /// Moves it by so many minutes and MiB.
    pub(super) fn shift(&mut self, minutes: f64, mb: f64) {
        for at in self.minutes.iter_mut().chain(&mut self.lowest.0) {
            *at += minutes;
        }
        for level in self.rss_mb.iter_mut().chain(&mut self.lowest.1) {
            *level += mb;
        }
    }

    /// The baseline at so many equal steps of time, straight between its points.
    pub(super) fn at_steps(&self, steps: usize) -> Vec<f64> {
        at_steps(&self.minutes, &self.rss_mb, steps)
    }

    /// The same of the few lowest points.
    pub(super) fn lowest_at_steps(&self, steps: usize) -> Vec<f64> {
        at_steps(&self.lowest.0, &self.lowest.1, steps)
    }

    /// What its few lowest points rise by over its length, by the Theil–Sen slope.
    pub(super) fn risen_mb(&self) -> f64 {
        trend(&self.lowest.0, &self.lowest.1).map_or(0.0, |trend| trend.slope * self.length())
    }

    /// What it has risen by from its first point to the last one before a minute.
    pub(super) fn risen_until(&self, minute: f64) -> f64 {
        let last = self.minutes.partition_point(|at| *at < minute).saturating_sub(1);
        self.rss_mb[last] - self.rss_mb[0]
    }

    /// First to last point, in minutes.
    pub(super) fn length(&self) -> f64 {
        match (self.minutes.first(), self.minutes.last()) {
            (Some(from), Some(to)) => to - from,
            _ => 0.0,
        }
    }

    /// Median of the first third of the points.
    pub(super) fn earliest_mb(&self) -> f64 {
        median(&self.rss_mb[..self.rss_mb.len().div_ceil(3)]).unwrap_or_default()
    }

    /// Median of the last third of the points: where the baseline has got to.
    pub(super) fn latest_mb(&self) -> f64 {
        median(&self.rss_mb[self.rss_mb.len() - self.rss_mb.len().div_ceil(3)..]).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::shapes::series;

    fn of(rss: &[f64]) -> Baseline {
        baseline(&series(1.0, rss), &[]).expect("a baseline")
    }

    #[test]
    fn the_floor_of_a_sawtooth_is_its_troughs() {
        let rss: Vec<f64> = (0..400).map(|i| 100.0 + f64::from(i % 10) * 50.0).collect();
        let baseline = of(&rss);
        assert_eq!(baseline.basis, Basis::Troughs);
        assert!(baseline.minutes.len() > 30 && baseline.rss_mb.iter().all(|r| *r == 100.0), "{baseline:?}");
        assert_eq!(baseline.cycles, 39);
    }

    #[test]
    fn the_envelope_forgets_what_is_given_back() {
        let rss: Vec<f64> = (0..400).map(|i| if i < 300 { 100.0 + f64::from(i) } else { 120.0 }).collect();
        let baseline = of(&rss);
        assert_eq!(baseline.basis, Basis::Envelope);
        assert!(baseline.rss_mb.iter().all(|r| *r == 120.0 || *r == 132.0), "{:?}", baseline.rss_mb);
    }

    #[test]
    fn a_fall_to_a_level_does_not_end_the_envelope() {
        // Batches that rise by 60 MiB each; after the last one memory falls by 60 and stays.
        let batches = (0..250).map(|i| 100.0 + f64::from(i / 25 * 5) + f64::from(i % 25) * 2.5);
        let rss: Vec<f64> = batches.chain([180.0; 150]).collect();
        let last_s = |rss: &[f64]| {
            let turning = turning_points(rss, 0..rss.len(), 1.5);
            envelope(&Work::of(&series(1.0, rss), &[]), &turning, 120.0, 170.0)[ENVELOPE_POINTS - 1].0
        };
        assert!((last_s(&rss) - 0.95 * 399.0).abs() < 1.0);
        assert_eq!(last_s(&rss[..248]), 225.0, "the last batch runs");
    }

    #[test]
    fn what_follows_the_last_boundary_is_no_floor() {
        let rss: Vec<f64> = (0..100).map(|i| if i < 98 { 100.0 + f64::from(i) } else { 50.0 }).collect();
        let mut run = series(1.0, &rss);
        run.boundary[98] = true;
        let baseline = baseline(&run, &[]).expect("a baseline");
        assert_eq!((baseline.opening_mb, baseline.closing_mb), (100.0, Some(50.0)));
        assert!(baseline.rss_mb.iter().all(|r| *r > 100.0), "{:?}", baseline.rss_mb);
    }

    #[test]
    fn memory_between_batches_is_part_of_the_trace() {
        let run = series(1.0, &[500.0; 60]);
        let between: Vec<(f64, f64)> = (1..59).map(|i| (f64::from(i) + 0.5, 90.0)).collect();
        let baseline = baseline(&run, &between).expect("a baseline");
        assert_eq!(baseline.basis, Basis::AfterBatches);
        assert!(baseline.rss_mb.iter().all(|r| *r == 90.0));
    }

    #[test]
    fn work_that_spans_several_batches_is_judged_at_its_troughs() {
        let at = |i: usize| 100.0 + i as f64 / 10.0 + (i % 50) as f64 * 8.0;
        let run = series(0.1, &(0..600).map(at).collect::<Vec<_>>());
        let after: Vec<(f64, f64)> = (5..600).step_by(10).map(|i| (i as f64 * 0.1, at(i))).collect();
        assert_eq!(baseline(&run, &after).expect("a baseline").basis, Basis::Troughs);
        let level: Vec<(f64, f64)> = after.iter().map(|(at, _)| (*at, 100.0 + at)).collect();
        assert_eq!(baseline(&run, &level).expect("a baseline").basis, Basis::AfterBatches);
    }

    #[test]
    fn many_small_batches_weigh_by_their_time() {
        let points: Vec<(f64, f64)> = (0..10)
            .map(|i| (f64::from(i), 5.0))
            .chain((0..90).map(|i| (9.0 + f64::from(i) / 90.0, 7.0)))
            .collect();
        let lowest = lowest_in_time(&points);
        assert_eq!((lowest.len(), lowest[9].1), (13, 5.0), "{lowest:?}");
    }

    #[test]
    fn steps_lie_on_straight_lines() {
        let baseline =
            Baseline { minutes: vec![0.0, 1.0, 4.0], rss_mb: vec![0.0, 10.0, 40.0], ..of(&[1.0, 2.0]) };
        assert_eq!(baseline.at_steps(4), [0.0, 10.0, 20.0, 30.0, 40.0]);
    }
}
