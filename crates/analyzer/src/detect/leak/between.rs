//! Memory between batches, where batches are recorded, or at the lowest of each phase, where a job's phases take turns.
//!
//! What a batch leaves in the heap depends on its operation: a heap holds the pages of a wide one longer. Where two operations or
//! more take turns, each point loses its own operation's level (fixed effects: all points of one operation are moved by the median
//! distance from lines of one slope, Theil–Sen's within operations), so that growth is seen within each operation and not in their order. Limits: operations that
//! come once each, one after the other, are moved too far: what grows from one to the next is then not seen.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::detect::observed::ObservedBatch;
use crate::series::Series;
use crate::stats::{median, trend};

/// Points of an operation without which its level is not known.
const FEWEST: usize = 4;
/// Points of all operations that their levels are taken from.
const MOST_POINTS: usize = 128;
/// Turns from one operation to another without which they do not take turns.
const FEWEST_TURNS: usize = 3;

/// One moment after a batch.
struct Point {
    operation: Option<u32>,
    at_s: f64,
    mb: f64,
}

/// Seconds and MiB after each batch; `rest` is what counts of its RSS at that time.
pub(super) fn after_batches(batches: &[ObservedBatch], rest: impl Fn(f64, f64) -> f64) -> Vec<(f64, f64)> {
    let point = |batch: &ObservedBatch| {
        let mb = rest(batch.end_s, batch.after_mb?);
        Some(Point { operation: batch.operation, at_s: batch.end_s, mb })
    };
    let points: Vec<Point> = batches.iter().filter_map(point).collect();
    in_turn(&points).unwrap_or_else(|| points.iter().map(|point| (point.at_s, point.mb)).collect())
}

/// Seconds and MiB at the lowest sample of each stretch of one phase; none where phases do not take turns.
pub(super) fn lowest_of_phases(series: &Series) -> Vec<(f64, f64)> {
    // Two that take turns come so often each.
    if series.phase.values().iter().flatten().count() < 2 * FEWEST {
        return Vec::new();
    }
    let lowest =
        |samples: Range<usize>| samples.min_by(|a, b| series.rss_mb[*a].total_cmp(&series.rss_mb[*b]));
    let point = |(samples, phase): (Range<usize>, Option<u32>)| {
        let at = phase.and_then(|_| lowest(samples))?;
        Some(Point { operation: phase, at_s: series.seconds[at], mb: series.rss_mb[at] })
    };
    let points: Vec<Point> = series.phase.stretches().filter_map(point).collect();
    in_turn(&points).unwrap_or_default()
}

/// The points of operations that take turns, each on the lowest one's line, without those that come a few times only; `None`
/// where none take turns.
fn in_turn(points: &[Point]) -> Option<Vec<(f64, f64)>> {
    let mut counts: BTreeMap<Option<u32>, usize> = BTreeMap::new();
    for point in points {
        *counts.entry(point.operation).or_default() += 1;
    }
    let often: Vec<&Point> = points.iter().filter(|point| counts[&point.operation] >= FEWEST).collect();
    let turns = often.windows(2).filter(|pair| pair[0].operation != pair[1].operation).count();
    (turns >= FEWEST_TURNS).then(|| level(&often))
}

/// Each operation's points on the lowest one's line: medians, since a first batch leaves less than all later ones.
fn level(points: &[&Point]) -> Vec<(f64, f64)> {
    let courses = courses(points);
    let slopes: Vec<f64> = courses.values().filter_map(|(at_s, mb)| Some(trend(at_s, mb)?.slope)).collect();
    let slope = median(&slopes).unwrap_or_default();
    let offset = |(at_s, mb): &(Vec<f64>, Vec<f64>)| {
        let above: Vec<f64> = at_s.iter().zip(mb).map(|(at_s, mb)| mb - slope * at_s).collect();
        median(&above).unwrap_or_default()
    };
    let offsets: BTreeMap<Option<u32>, f64> =
        courses.iter().map(|(operation, course)| (*operation, offset(course))).collect();
    let lowest = offsets.values().copied().fold(f64::INFINITY, f64::min);
    let levelled = |point: &&Point| (point.at_s, point.mb - offsets[&point.operation] + lowest);
    points.iter().map(levelled).collect()
}

/// Times and memory of each operation, of at most so many points that pairs of them are few.
fn courses(points: &[&Point]) -> BTreeMap<Option<u32>, (Vec<f64>, Vec<f64>)> {
    let every = points.len().div_ceil(MOST_POINTS).max(1);
    let mut courses: BTreeMap<Option<u32>, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    let mut seen: BTreeMap<Option<u32>, usize> = BTreeMap::new();
    for point in points {
        let count = seen.entry(point.operation).or_default();
        if count.is_multiple_of(every) {
            let course = courses.entry(point.operation).or_default();
            course.0.push(point.at_s);
            course.1.push(point.mb);
        }
        *count += 1;
    }
    courses
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::examples::batch;
    use crate::series::shapes::series;

    /// Batches of a second whose operation and memory at the end are given by their number.
    fn batches(operation: impl Fn(u32) -> u32, after_mb: impl Fn(u32) -> f64) -> Vec<ObservedBatch> {
        let at = |i: u32| ObservedBatch {
            operation: Some(operation(i)),
            after_mb: Some(after_mb(i)),
            ..batch(f64::from(i), f64::from(i) + 1.0, 500.0, true)
        };
        (0..24).map(at).collect()
    }

    fn levelled(batches: &[ObservedBatch]) -> Vec<f64> {
        after_batches(batches, |_, mb| mb).into_iter().map(|(_, mb)| mb).collect()
    }

    #[test]
    fn operations_in_turn_lose_their_own_level_and_keep_their_growth() {
        let in_turn = |i: u32| i / 3 % 2;
        let found =
            levelled(&batches(in_turn, |i| 100.0 + 2.0 * f64::from(i) + 80.0 * f64::from(in_turn(i))));
        for (i, mb) in found.iter().enumerate() {
            assert!((mb - 100.0 - 2.0 * i as f64).abs() < 1e-6, "{found:?}");
        }
    }

    #[test]
    fn phases_in_turn_are_judged_at_their_lowest() {
        let saw = |i: usize| 100.0 + (i / 100) as f64 * 10.0 + 80.0 * (i / 50 % 2) as f64 + (i % 50) as f64;
        let mut run = series(0.1, &(0..600).map(saw).collect::<Vec<_>>());
        run.phase = (0..600).map(|i| Some(i / 50 % 2)).collect();
        let found = lowest_of_phases(&run);
        let mb: Vec<f64> = found.iter().map(|(_, mb)| mb.round()).collect();
        assert_eq!(found.len(), 12);
        assert!(mb.windows(2).all(|pair| pair[1] >= pair[0] - 5.0 && pair[1] <= pair[0] + 10.0), "{mb:?}");
        run.phase = (0..600).map(|i| Some(i / 300)).collect();
        assert_eq!(lowest_of_phases(&run), [], "phases that come once");
    }

    #[test]
    fn one_operation_and_operations_that_come_once_are_left_alone() {
        let after = |i: u32| 100.0 + f64::from(i);
        assert_eq!(levelled(&batches(|_| 0, after))[5], 105.0);
        assert_eq!(levelled(&batches(|i| i / 12, after))[20], 120.0);
    }
}
