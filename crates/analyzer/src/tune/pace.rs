//! How fast the job works at a batch size: seconds per item = τ + c / b + δ · b.
//!
//! τ is the work, c the fixed cost of a batch, δ what a larger batch costs each item (caches,
//! page faults). Bigger is often not faster, so that δ is learned, none of the three below zero:
//! least squares of the relative error, with δ where BIC wants it at the deviation of repeats. Two sizes tell little of c: an assumed cost of 60 ± 100 items' work is
//! blended in. From whole runs of fixed sizes where there are two sizes or more, since nothing
//! steered those; else from the batches inside runs, operation by operation. Processor time
//! where it was recorded.
//!
//! Limits: load of the machine moves single runs by 8 to 15 %; sizes within 2 % count as equal.

use std::collections::BTreeMap;

use memtool_profile_model::Batch;

use super::evidence::Evidence;

/// Without any measurement: a batch's fixed cost is worth so many items, the middle of what
/// recorded jobs showed (2 to 500).
const ASSUMED_FIXED_COST: f64 = 60.0;
/// How far that may be wrong, in items.
const ASSUMED_SPREAD: f64 = 100.0;
/// Processor time of repeats differs by so much.
const REPEATS: f64 = 0.08;
/// Batches of a size and operation below which their mean says little.
const FEW: usize = 3;

/// Seconds per item as a function of the batch size.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pace {
    curves: Vec<(f64, Curve)>,
    pub(super) measured: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Curve {
    work: f64,
    fixed: f64,
    growing: f64,
}

impl Curve {
    fn seconds_per_item(&self, size: f64) -> f64 {
        self.work + self.fixed / size + self.growing * size
    }
}

/// Seconds per item at a size.
#[derive(Debug, Clone, Copy)]
struct Point {
    size: f64,
    seconds: f64,
    weight: f64,
}

impl Pace {
    pub(super) fn of(runs: &[Evidence]) -> Self {
        whole_runs(runs).or_else(|| inside_runs(runs)).unwrap_or(Self {
            curves: vec![(1.0, Curve { work: 1.0, fixed: ASSUMED_FIXED_COST, growing: 0.0 })],
            measured: false,
        })
    }

    /// Seconds that an item takes in batches of a size, up to a constant factor.
    pub(super) fn seconds_per_item(&self, size: u32) -> f64 {
        let size = f64::from(size.max(1));
        self.curves.iter().map(|(share, curve)| share * curve.seconds_per_item(size)).sum()
    }
}

fn whole_runs(runs: &[Evidence]) -> Option<Pace> {
    let points: Vec<Point> = runs
        .iter()
        .filter_map(|run| {
            let done: Vec<&Batch> = finished(run);
            let (items, seconds) = totals(&done)?;
            Some(Point { size: f64::from(run.fixed_size()?), seconds: seconds / items, weight: 1.0 })
        })
        .collect();
    Some(Pace { curves: vec![(1.0, fit(&points)?)], measured: true })
}

fn inside_runs(runs: &[Evidence]) -> Option<Pace> {
    let mut by_label: BTreeMap<&str, (f64, Vec<Point>)> = BTreeMap::new();
    for run in runs {
        let mut groups: BTreeMap<(&str, u64), Vec<&Batch>> = BTreeMap::new();
        for batch in finished(run) {
            let label = batch.operation.map_or("", |id| run.run.operations.name(id));
            groups.entry((label, batch.items)).or_default().push(batch);
        }
        for ((label, size), own) in groups {
            let Some((items, seconds)) = totals(&own) else { continue };
            let (all, points) = by_label.entry(label).or_default();
            *all += items;
            if own.len() >= FEW {
                let weight = count(own.len()) / (count(own.len()) + 4.0);
                points.push(Point { size: as_f64(size), seconds: seconds / items, weight });
            }
        }
    }
    let total: f64 = by_label.values().map(|(items, _)| items).sum();
    let curves: Vec<(f64, Curve)> =
        by_label.values().filter_map(|(items, points)| Some((items / total, fit(points)?))).collect();
    (!curves.is_empty()).then_some(Pace { curves, measured: true })
}

fn finished<'a>(run: &Evidence<'a>) -> Vec<&'a Batch> {
    run.run.batches.iter().filter(|batch| batch.end.is_some() && batch.items > 0).collect()
}

/// Items and seconds of some batches: processor time if all have it, else time on the clock.
fn totals(batches: &[&Batch]) -> Option<(f64, f64)> {
    let items: f64 = batches.iter().map(|batch| as_f64(batch.items)).sum();
    let cpu: Option<f64> = batches.iter().map(|batch| batch.cpu_seconds).sum();
    let clock = || {
        let span = |b: &&Batch| b.end.map_or(0.0, |end| end.seconds() - b.start.seconds());
        batches.iter().map(span).sum::<f64>()
    };
    let seconds = cpu.filter(|s| *s > 0.0).unwrap_or_else(clock);
    (items > 0.0 && seconds > 0.0 && seconds.is_finite()).then_some((items, seconds))
}

/// One equation: what its columns should come to, and how much it counts.
#[derive(Debug, Clone, Copy)]
struct Row {
    columns: [f64; 3],
    target: f64,
    weight: f64,
}

/// Which of work, fixed cost and growing cost a curve has, as bits; the second where a fixed cost
/// would come out negative.
const KEPT: [[u8; 2]; 2] = [[0b011, 0b111], [0b001, 0b101]];

/// The best curve without a negative part; `None` unless two sizes a quarter apart were seen.
fn fit(points: &[Point]) -> Option<Curve> {
    let least = points.iter().map(|p| p.size).reduce(f64::min)?;
    let most = points.iter().map(|p| p.size).reduce(f64::max)?;
    if most < 1.25 * least {
        return None;
    }
    // In units of the largest size, so that the columns are of one order.
    let of_point = |p: &Point| {
        let x = p.size / most;
        Row { columns: [1.0, 1.0 / x, x].map(|value| value / p.seconds), target: 1.0, weight: p.weight }
    };
    let typical = points.iter().map(|p| p.seconds).sum::<f64>() / count(points.len());
    let scale = REPEATS * most / (ASSUMED_SPREAD * typical);
    let assumed = [-ASSUMED_FIXED_COST / most * scale, scale, 0.0];
    let mut rows: Vec<Row> = points.iter().map(of_point).collect();
    rows.push(Row { columns: assumed, target: 0.0, weight: 1.0 });
    let price = |kept: u8| f64::from(kept.count_ones()) * count(rows.len()).ln();
    let judged = |kept: u8| {
        let parts = solve(&rows, kept)?;
        Some((error(&rows, &parts) / REPEATS.powi(2) + price(kept), parts))
    };
    let best_of = |kept: [u8; 2]| kept.into_iter().filter_map(judged).min_by(|a, b| a.0.total_cmp(&b.0));
    let (_, [work, fixed, growing]) = KEPT.into_iter().find_map(best_of)?;
    Some(Curve { work, fixed: fixed * most, growing: growing / most })
}

fn error(rows: &[Row], parts: &[f64; 3]) -> f64 {
    let miss = |row: &Row| row.columns.iter().zip(parts).map(|(x, y)| x * y).sum::<f64>() - row.target;
    rows.iter().map(|row| row.weight * miss(row).powi(2)).sum()
}

/// Least squares with the kept columns only, by Gauss' elimination of the normal equations;
/// `None` where they are singular or a part comes out negative.
fn solve(rows: &[Row], kept: u8) -> Option<[f64; 3]> {
    let keeps = |column: usize| kept & (1 << column) != 0;
    let mut system = [[0.0; 4]; 3];
    for row in rows {
        for i in (0..3).filter(|i| keeps(*i)) {
            for j in (0..3).filter(|j| keeps(*j)) {
                system[i][j] += row.weight * row.columns[i] * row.columns[j];
            }
            system[i][3] += row.weight * row.columns[i] * row.target;
        }
    }
    // Numbers of one order: a pivot far below the largest is none.
    let largest = (0..3).map(|i| system[i][i]).fold(0.0, f64::max);
    for i in (0..3).filter(|i| !keeps(*i)) {
        system[i][i] = largest;
    }
    for pivot in 0..3 {
        let scale = system[pivot][pivot];
        if scale.abs() <= 1e-12 * largest {
            return None;
        }
        system[pivot].iter_mut().for_each(|value| *value /= scale);
        let own = system[pivot];
        for (_, row) in system.iter_mut().enumerate().filter(|(i, _)| *i != pivot) {
            let factor = row[pivot];
            row.iter_mut().zip(own).for_each(|(value, above)| *value -= factor * above);
        }
    }
    let parts = [system[0][3], system[1][3], system[2][3]];
    parts.iter().all(|part| part.is_finite() && *part >= 0.0).then_some(parts)
}

#[expect(clippy::cast_precision_loss, reason = "items far below 2^52")]
fn as_f64(items: u64) -> f64 {
    items as f64
}

#[expect(clippy::cast_precision_loss, reason = "a count of batches")]
fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(points: &[(f64, f64)]) -> Option<Curve> {
        let points: Vec<Point> = points
            .iter()
            .map(|(size, seconds)| Point { size: *size, seconds: *seconds, weight: 1.0 })
            .collect();
        fit(&points)
    }

    #[test]
    fn a_fixed_cost_makes_larger_batches_faster() {
        let law = |b: f64| 0.001 * (1.0 + 80.0 / b);
        let curve = curve(&[100.0, 250.0, 500.0, 1000.0].map(|b| (b, law(b)))).expect("a curve");
        for b in [100.0, 400.0, 2000.0] {
            assert!((curve.seconds_per_item(b) / law(b) - 1.0).abs() < 0.02, "{b}: {curve:?}");
        }
    }

    #[test]
    fn what_grows_with_the_batch_makes_larger_ones_slower() {
        let law = |b: f64| 0.001 + 0.05 / b + 1e-6 * b;
        let curve = curve(&[100.0, 250.0, 500.0, 1000.0].map(|b| (b, law(b)))).expect("a curve");
        assert!(curve.seconds_per_item(250.0) < curve.seconds_per_item(1000.0), "{curve:?}");
        assert!(curve.seconds_per_item(250.0) < curve.seconds_per_item(20.0), "{curve:?}");
    }

    #[test]
    fn noise_of_repeats_makes_no_growing_cost() {
        let curve = curve(&[(100.0, 1.6), (250.0, 1.20), (500.0, 1.12), (1000.0, 1.15)]).expect("a curve");
        assert!(curve.growing == 0.0 && curve.fixed > 0.0, "{curve:?}");
    }

    #[test]
    fn no_part_is_negative_and_one_size_is_no_curve() {
        let falling = curve(&[(100.0, 2.0), (1000.0, 1.0)]).expect("a curve");
        assert!(falling.work >= 0.0 && falling.fixed > 0.0 && falling.growing >= 0.0);
        assert!(falling.seconds_per_item(1000.0) < falling.seconds_per_item(100.0));
        assert_eq!(curve(&[(500.0, 1.0), (500.0, 2.0)]), None);
    }
}
