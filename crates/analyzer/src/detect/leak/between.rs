//! Memory between batches, where batches are recorded.
//!
//! What a batch leaves in the heap depends on its operation: a heap holds the pages of a wide one longer. Where two operations or
//! more take turns, each point loses its own operation's level (fixed effects: all points of one operation are moved by the distance of
//! their mean from a common line), so that growth is seen within each operation and not in their order. Limits: operations that
//! come once each, one after the other, are moved too far: what grows from one to the next is then not seen.

use std::collections::BTreeMap;

use crate::detect::observed::ObservedBatch;

/// Points of an operation without which its level is not known.
const FEWEST: usize = 4;
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
    let mut points: Vec<Point> = batches.iter().filter_map(point).collect();
    if take_turns(&points) {
        level(&mut points);
    }
    points.into_iter().map(|point| (point.at_s, point.mb)).collect()
}

fn take_turns(points: &[Point]) -> bool {
    let turns = points.windows(2).filter(|pair| pair[0].operation != pair[1].operation).count();
    let mut counts: BTreeMap<Option<u32>, usize> = BTreeMap::new();
    for point in points {
        *counts.entry(point.operation).or_default() += 1;
    }
    turns >= FEWEST_TURNS && counts.values().all(|count| *count >= FEWEST)
}

/// Moves each operation's points onto the lowest one's line.
fn level(points: &mut [Point]) {
    let means = means(points);
    let of = |point: &Point| means[&point.operation];
    let (mut products, mut squares) = (0.0, 0.0);
    for point in points.iter() {
        let (at_s, mb) = of(point);
        products += (point.at_s - at_s) * (point.mb - mb);
        squares += (point.at_s - at_s).powi(2);
    }
    let slope = if squares > 0.0 { products / squares } else { 0.0 };
    let offset = |(at_s, mb): (f64, f64)| mb - slope * at_s;
    let lowest = means.values().copied().map(offset).fold(f64::INFINITY, f64::min);
    for point in points.iter_mut() {
        point.mb -= offset(means[&point.operation]) - lowest;
    }
}

/// Mean time and memory of each operation.
#[expect(clippy::cast_precision_loss, reason = "a count")]
fn means(points: &[Point]) -> BTreeMap<Option<u32>, (f64, f64)> {
    let mut sums: BTreeMap<Option<u32>, (f64, f64, usize)> = BTreeMap::new();
    for point in points {
        let sum = sums.entry(point.operation).or_default();
        *sum = (sum.0 + point.at_s, sum.1 + point.mb, sum.2 + 1);
    }
    let mean = |(at_s, mb, count): (f64, f64, usize)| (at_s / count as f64, mb / count as f64);
    sums.into_iter().map(|(operation, sum)| (operation, mean(sum))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::examples::batch;

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
    fn one_operation_and_operations_that_come_once_are_left_alone() {
        let after = |i: u32| 100.0 + f64::from(i);
        assert_eq!(levelled(&batches(|_| 0, after))[5], 105.0);
        assert_eq!(levelled(&batches(|i| i / 12, after))[20], 120.0);
    }
}
