//! Quantiles, means, shares, ranks and interpolation.

/// The value at a share of the sorted values, on the line between its neighbours (Hyndman and Fan's type 7);
/// NaN without any.
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[expect(clippy::cast_precision_loss, reason = "an index")]
    let points: Vec<(f64, f64)> = sorted.iter().enumerate().map(|(i, value)| (i as f64, *value)).collect();
    points.last().and_then(|last| interpolate(&points, share * last.0)).unwrap_or(f64::NAN)
}

/// The mean; `None` without values.
pub(crate) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = values.fold((0_u32, 0.0), |(count, sum), value| (count + 1, sum + value));
    (count > 0).then(|| sum / f64::from(count))
}

/// A share; `None` of nothing.
#[expect(clippy::cast_precision_loss, reason = "counts")]
pub(crate) fn share(part: usize, of: usize) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

/// Kendall's τ-b of predicted and true values.
pub(crate) fn tau(values: &[(f64, f64)]) -> Option<f64> {
    let (mut sum, mut left, mut right) = (0.0, 0.0, 0.0);
    for (i, a) in values.iter().enumerate() {
        for b in &values[..i] {
            // Less than 1 % apart is a tie.
            let sign = |x: f64, y: f64| if (x / y - 1.0).abs() < 0.01 { 0.0 } else { (x - y).signum() };
            let (s, t) = (sign(a.0, b.0), sign(a.1, b.1));
            sum += s * t;
            left += s * s;
            right += t * t;
        }
    }
    (left > 0.0 && right > 0.0).then(|| sum / f64::sqrt(left * right))
}

/// The value at `x` on the lines through points in order of x; `None` outside of them.
pub(crate) fn interpolate(points: &[(f64, f64)], x: f64) -> Option<f64> {
    let above = points.iter().find(|point| point.0 >= x)?;
    let Some(below) = points.iter().rev().find(|point| point.0 < x) else {
        return (above.0 <= x).then_some(above.1);
    };
    Some(below.1 + (x - below.0) / (above.0 - below.0) * (above.1 - below.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_neighbours() {
        assert_eq!(quantile(&[3.0, 1.0, 2.0], 0.5), 2.0);
        assert_eq!(quantile(&[3.0, 1.0, 2.0], 1.0), 3.0);
        assert_eq!(quantile(&[4.0, 1.0], 0.5), 2.5);
        assert!(quantile(&[], 0.5).is_nan());
    }

    #[test]
    fn a_mean_needs_values() {
        assert_eq!(mean([1.0, 3.0].into_iter()), Some(2.0));
        assert_eq!(mean(std::iter::empty()), None);
    }

    #[test]
    fn a_line_joins_two_points() {
        let points = [(100.0, 200.0), (200.0, 300.0), (400.0, 900.0)];
        assert_eq!(interpolate(&points, 150.0), Some(250.0));
        assert_eq!(interpolate(&points, 100.0), Some(200.0));
        assert_eq!((interpolate(&points, 50.0), interpolate(&points, 500.0)), (None, None));
    }

    #[test]
    fn ranks_agree_or_do_not() {
        assert_eq!(tau(&[(1.0, 10.0), (2.0, 20.0), (3.0, 30.0)]), Some(1.0));
        assert_eq!(tau(&[(3.0, 10.0), (2.0, 20.0), (1.0, 30.0)]), Some(-1.0));
        // Less than 1 % apart is a tie.
        assert_eq!(tau(&[(3.0, 10.0), (2.0, 10.05)]), None);
    }
}
