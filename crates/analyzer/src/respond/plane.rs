//! Peak of a batch on its items and on the memory at its start.
//!
//! Peak less start is what a batch needs only where its memory is returned. An allocator that
//! keeps memory for the next batch lifts the start and not the peak, so that the difference comes
//! out too small, by half at worst. Fitting the peak itself, with the start beside the items,
//! lets the batches say which it is: the start counts for nothing where memory is used again,
//! and fully where it is held. It also undoes the policy's hand: a policy that chose the items by
//! the memory at the start is accounted for by that very regressor.
//!
//! Least squares in closed form, refitted once without outliers (4 robust standard deviations).

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::interval::{Interval, quantile_of};

/// Fewer batches do not determine a plane and its error.
const FEWEST: usize = 8;
/// Residuals beyond so many robust standard deviations are left out of the second fit.
const OUTLIER: f64 = 4.0;
/// Memory is not quite a plane: least error of the need of an item, whatever the scatter says.
const MODEL_ERROR: f64 = 0.05;
/// Share of the start's scatter that items must leave unexplained, or the two cannot be told apart.
const LEAST_APART: f64 = 0.01;

/// One batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub(super) items: f64,
    pub(super) start: f64,
    pub(super) peak: f64,
}

/// What the batches say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plane {
    /// Memory per item, with its 90 % interval.
    pub(super) per_item: Interval,
    /// How far the peak follows the start.
    per_start: f64,
    intercept: f64,
}

impl Plane {
    /// What is left of a batch's peak.
    pub(super) fn residual(&self, point: &Point) -> f64 {
        point.peak - self.intercept - self.per_item.median * point.items - self.per_start * point.start
    }
}

/// The plane through the batches; `None` where they do not determine one.
pub(super) fn fit(points: &[Point]) -> Option<Plane> {
    let first = least_squares(points)?;
    let scale = 1.4826 * quantile_of(points.iter().map(|p| first.residual(p).abs()), 0.5)?;
    let near: Vec<Point> =
        points.iter().filter(|p| first.residual(p).abs() <= OUTLIER * scale.max(0.01)).copied().collect();
    least_squares(&near)
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn least_squares(points: &[Point]) -> Option<Plane> {
    if points.len() < FEWEST {
        return None;
    }
    let n = points.len() as f64;
    let mean = |of: fn(&Point) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (items, start, peak) = (mean(|p| p.items), mean(|p| p.start), mean(|p| p.peak));
    let sum = |of: &dyn Fn(&Point) -> f64| points.iter().map(of).sum::<f64>();
    let (xi, xs) = (|p: &Point| p.items - items, |p: &Point| p.start - start);
    let y = |p: &Point| p.peak - peak;
    let (ii, ss, is) = (sum(&|p| xi(p) * xi(p)), sum(&|p| xs(p) * xs(p)), sum(&|p| xi(p) * xs(p)));
    let (iy, sy) = (sum(&|p| xi(p) * y(p)), sum(&|p| xs(p) * y(p)));
    if ii <= 1e-9 * items.abs().max(1.0) {
        return None;
    }
    // A start that hardly moves, or only with the items, is no regressor of its own.
    let apart = ss - is * is / ii;
    let (per_item, per_start, variance) = if ss > 1.0 && apart > LEAST_APART * ss {
        let determinant = ii * apart;
        let per_start = ((sy * ii - iy * is) / determinant).clamp(0.0, 1.0);
        ((iy - per_start * is) / ii, per_start, ss / determinant)
    } else {
        (iy / ii, 0.0, 1.0 / ii)
    };
    let intercept = peak - per_item * items - per_start * start;
    let plane = Plane { per_item: Interval::exactly(per_item), per_start, intercept };
    let squares = sum(&|p| plane.residual(p).powi(2));
    let freedom = n - 3.0;
    let t = StudentsT::new(0.0, 1.0, freedom).ok()?.inverse_cdf(0.95);
    let half = t * (squares / freedom * variance).sqrt();
    let half = half + MODEL_ERROR * per_item.abs();
    half.is_finite().then_some(Plane { per_item: plane.per_item.widened(half), ..plane })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sizes and starts that do not move together.
    fn points(peak: impl Fn(f64, f64) -> f64) -> Vec<Point> {
        let mut points = Vec::new();
        for (size, items) in [100.0, 200.0, 400.0, 150.0, 300.0].into_iter().enumerate() {
            for turn in 0..4_u32 {
                let start = 50.0 + f64::from((turn * 7 + u32::try_from(size).unwrap_or(0) * 3) % 11) * 9.0;
                points.push(Point { items, start, peak: peak(items, start) });
            }
        }
        points
    }

    #[track_caller]
    fn assert_near(found: Option<Plane>, expected: f64) {
        let per_item = found.expect("a plane").per_item.median;
        assert!((per_item - expected).abs() < 0.01 * expected, "{per_item} instead of {expected}");
    }

    #[test]
    fn memory_that_is_used_again_and_memory_that_is_held_give_the_same_need() {
        assert_near(fit(&points(|items, _| 40.0 + 0.5 * items)), 0.5);
        assert_near(fit(&points(|items, start| start + 0.5 * items)), 0.5);
        assert_near(fit(&points(|items, start| 20.0 + 0.6 * start + 0.5 * items)), 0.5);
    }

    #[test]
    fn one_wild_batch_does_not_move_it() {
        let mut points = points(|items, start| start + 0.5 * items);
        points[3].peak += 4_000.0;
        assert_near(fit(&points), 0.5);
    }

    #[test]
    fn too_few_batches_or_one_size_give_none() {
        assert!(fit(&points(|items, start| start + items)[..5]).is_none());
        let one_size = [Point { items: 5.0, start: 1.0, peak: 9.0 }; 20];
        assert!(fit(&one_size).is_none());
    }
}
