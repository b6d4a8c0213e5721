//! Quantiles by linear interpolation between order statistics (Hyndman and Fan's type 7, the
//! default of NumPy and R).

use super::order::pairs;

/// More values are not copied to be put in order.
const MOST_COPIED: usize = 1 << 11;

/// Several quantiles of the same values, each probability in 0..=1; `None` without values.
///
/// Of few values each takes a pass over what lies above the one before it: cheapest in ascending order.
#[must_use]
pub fn quantiles<const N: usize>(values: &[f64], probabilities: [f64; N]) -> Option<[f64; N]> {
    if values.is_empty() {
        return None;
    }
    if values.len() > MOST_COPIED {
        let at = probabilities.map(|probability| position(values.len(), probability));
        let found = pairs(values.iter().copied(), at.map(|(below, _)| below))?;
        return Some(std::array::from_fn(|which| {
            let ((lower, upper), (_, share)) = (found[which], at[which]);
            lower + share * (upper - lower)
        }));
    }
    // Only the values asked for are put in place.
    let mut values = values.to_vec();
    let mut placed = 0;
    Some(probabilities.map(|probability| {
        let (below, share) = position(values.len(), probability);
        let from = if below >= placed { placed } else { 0 };
        placed = below;
        let (_, lower, above) = values[from..].select_nth_unstable_by(below - from, f64::total_cmp);
        let upper = above.iter().copied().min_by(f64::total_cmp).unwrap_or(*lower);
        *lower + share * (upper - *lower)
    }))
}

/// The median; `None` without values.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    if values.len() <= MOST_COPIED {
        return median_of(values.to_vec());
    }
    median_of_largest(values.len(), values.iter().copied())
}

/// The median of the `count` largest of all values, without a copy of them.
#[must_use]
pub fn median_of_largest(largest: usize, all: impl ExactSizeIterator<Item = f64> + Clone) -> Option<f64> {
    let place = all.len() - largest + largest.checked_sub(1)? / 2;
    let [(lower, upper)] = pairs(all, [place])?;
    // The middle one of an odd number, or half way between the two.
    Some(if largest.is_multiple_of(2) { lower + 0.5 * (upper - lower) } else { lower + 0.0 })
}

/// The median of values that are no longer needed.
#[must_use]
pub fn median_of(mut values: Vec<f64>) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    // Only the middle is put in place: a million values need no order.
    let middle = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = below.iter().copied().max_by(f64::total_cmp).filter(|_| even).unwrap_or(*upper);
    Some(lower + 0.5 * (*upper - lower))
}

/// 1.4826 times the median absolute deviation: the standard deviation where values are normal.
#[must_use]
pub fn robust_deviation(values: &[f64]) -> Option<f64> {
    let middle = median(values)?;
    let distances: Vec<f64> = values.iter().map(|v| (v - middle).abs()).collect();
    median(&distances).map(|mad| 1.4826 * mad)
}

/// The value at or below a quantile, by its place in order, and the share of the way to the next.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a position within the values, not negative"
)]
fn position(values: usize, probability: f64) -> (usize, f64) {
    let position = probability.clamp(0.0, 1.0) * (values - 1) as f64;
    (position.floor() as usize, position.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_two_values_it_interpolates() {
        assert_eq!(quantiles(&[4.0, 1.0, 3.0, 2.0], [0.0, 0.5, 1.0]), Some([1.0, 2.5, 4.0]));
        let [p95] = quantiles(&[4.0, 1.0, 3.0, 2.0], [0.95]).expect("values");
        assert!((p95 - 3.85).abs() < 1e-12);
        assert_eq!(median(&[7.0]), Some(7.0));
        assert_eq!(median(&[4.0, 1.0, 9.0, 2.0]), Some(3.0));
        assert_eq!(median(&[4.0, 1.0, 9.0]), Some(4.0));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn any_order_of_probabilities_gives_the_same_values() {
        let values: Vec<f64> = (0..101).map(|i| f64::from(i * 37 % 101)).collect();
        let found = quantiles(&values, [0.99, 0.25, 0.255, 0.0, 1.0]).expect("values");
        for (found, expected) in found.iter().zip([99.0, 25.0, 25.5, 0.0, 100.0]) {
            assert!((found - expected).abs() < 1e-9, "{found} for {expected}");
        }
    }

    #[test]
    fn the_robust_deviation_ignores_an_outlier() {
        let deviation = robust_deviation(&[1.0, 2.0, 3.0, 4.0, 1000.0]).expect("values");
        assert!((deviation - 1.4826).abs() < 1e-12);
    }
}
