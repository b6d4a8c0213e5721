//! A robust trend: the Theil–Sen slope and the Mann–Kendall test.
//!
//! The slope is the median of the slopes of all pairs of points. The test counts rising
//! against falling pairs, S, and compares it with its standard deviation without a trend.
//! Neighbouring points resemble each other, which makes S spread wider: Hamed and Rao (1998)
//! enlarge the variance by the significant autocorrelations of the detrended ranks. A factor
//! below 1 is not used: alternating noise must not make a trend surer. O(n²): for the few
//! points of a floor, not for raw samples.

use statrs::distribution::{ContinuousCDF, Normal};

use super::quantile::{median, quantiles};

/// Up to this many different points the trend test is exact.
const EXACT_BELOW: usize = 10;

/// A robust trend through points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// Theil–Sen slope.
    pub slope: f64,
    /// Bounds of its 95 % interval, by order statistics.
    pub interval: (f64, f64),
    /// Kendall's tau: rising less falling pairs, as a share of all that differ.
    pub tau: f64,
    /// One-sided probability of this many rising pairs without a trend.
    pub p_rising: f64,
}

/// The trend of `y` over an ascending `x`; `None` with fewer than four points or a constant `x`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a few thousand pairs")]
pub fn trend(x: &[f64], y: &[f64]) -> Option<Trend> {
    let n = x.len();
    if n < 4 || n != y.len() {
        return None;
    }
    let pairs = || (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)));
    let slopes: Vec<f64> =
        pairs().filter(|(i, j)| x[*j] > x[*i]).map(|(i, j)| (y[j] - y[i]) / (x[j] - x[i])).collect();
    let slope = median(&slopes)?;
    let s: f64 = pairs().map(|(i, j)| (y[j] - y[i]).partial_cmp(&0.0).map_or(0.0, |o| o as i8 as f64)).sum();
    let detrended: Vec<f64> = x.iter().zip(y).map(|(x, y)| y - slope * x).collect();
    let count = n as f64;
    let inflation = hamed_rao(&detrended);
    let variance = count * (count - 1.0) * (2.0 * count + 5.0) / 18.0 * inflation;
    let different = pairs().filter(|(i, j)| y[*j] != y[*i]).count();
    let p_rising = if s <= 0.0 {
        1.0
    } else if n <= EXACT_BELOW && inflation <= 1.0 && different == n * (n - 1) / 2 {
        at_least(n, s)
    } else {
        1.0 - Normal::standard().cdf((s - 1.0) / variance.sqrt())
    };
    // Half the pairs, less or more 1.96 standard deviations of S, bound the slope.
    let share = 1.96 * variance.sqrt() / (2.0 * slopes.len() as f64);
    let [low, high] = quantiles(&slopes, [0.5 - share, 0.5 + share])?;
    Some(Trend { slope, interval: (low, high), tau: s / different.max(1) as f64, p_rising })
}

/// The exact probability of an S so large among all orders of `n` different values (Kendall's
/// recurrence over inversions): the normal approximation is too careful for a few points.
#[expect(clippy::cast_precision_loss, reason = "a few dozen pairs")]
fn at_least(n: usize, s: f64) -> f64 {
    // The share of orders by number of falling pairs; each further value adds 0 to k of them.
    let mut share = vec![1.0];
    for k in 1..n {
        let mut next = vec![0.0; share.len() + k];
        for (falling, part) in share.iter().enumerate() {
            for more in 0..=k {
                next[falling + more] += part / (k + 1) as f64;
            }
        }
        share = next;
    }
    let all = (n * (n - 1) / 2) as f64;
    share
        .iter()
        .enumerate()
        .filter(|(falling, _)| all - 2.0 * *falling as f64 >= s)
        .map(|(_, part)| part)
        .sum()
}

/// The factor on the variance of S, at least 1.
#[expect(clippy::cast_precision_loss, reason = "a few dozen points")]
fn hamed_rao(detrended: &[f64]) -> f64 {
    let n = detrended.len() as f64;
    let ranks = ranks(detrended);
    let significant = 1.96 / n.sqrt();
    let sum: f64 = (1..detrended.len().saturating_sub(2))
        .map(|lag| (lag as f64, autocorrelation(&ranks, lag)))
        .filter(|(_, rho)| rho.abs() > significant)
        .map(|(lag, rho)| (n - lag) * (n - lag - 1.0) * (n - lag - 2.0) * rho)
        .sum();
    (1.0 + 2.0 / (n * (n - 1.0) * (n - 2.0)) * sum).max(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "a few dozen points")]
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    for (rank, index) in order.into_iter().enumerate() {
        ranks[index] = rank as f64;
    }
    ranks
}

/// Correlation of a series with itself, `lag` places on; 0 for a constant one.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "exact below 2^53 points")]
pub fn autocorrelation(values: &[f64], lag: usize) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    let total: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    if total <= 0.0 || lag >= values.len() {
        return 0.0;
    }
    values.iter().zip(&values[lag..]).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() / total
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::shapes::noise;

    fn times(n: usize) -> Vec<f64> {
        (0..n).map(|i| i as f64).collect()
    }

    #[test]
    fn a_ramp_has_its_slope_and_is_sure() {
        let x = times(30);
        let y: Vec<f64> = x.iter().zip(noise(7, 30)).map(|(x, e)| 2.0 * x + e).collect();
        let found = trend(&x, &y).expect("a trend");
        assert!((found.slope - 2.0).abs() < 0.1 && found.p_rising < 1e-6, "{found:?}");
        assert!(found.interval.0 < 2.0 && found.interval.1 > 2.0, "{found:?}");
    }

    #[test]
    fn noise_and_a_falling_line_do_not_rise() {
        let x = times(30);
        assert!(trend(&x, &noise(3, 30)).expect("a trend").p_rising > 0.05);
        let falling: Vec<f64> = x.iter().map(|x| -x).collect();
        assert!(trend(&x, &falling).expect("a trend").p_rising > 0.99);
    }

    #[test]
    fn all_equal_has_no_trend() {
        let found = trend(&times(10), &[5.0; 10]).expect("a trend");
        assert_eq!((found.slope, found.interval, found.p_rising), (0.0, (0.0, 0.0), 1.0));
    }

    #[test]
    fn a_few_points_in_order_are_as_rare_as_their_permutations() {
        assert!((at_least(5, 10.0) - 1.0 / 120.0).abs() < 1e-12);
        assert!((at_least(4, 4.0) - 4.0 / 24.0).abs() < 1e-12, "one or no falling pair");
        assert!((at_least(6, -15.0) - 1.0).abs() < 1e-12);
        let found = trend(&times(5), &[1.0, 3.0, 4.0, 8.0, 9.0]).expect("a trend");
        assert!((found.p_rising - 1.0 / 120.0).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn too_few_points() {
        assert_eq!(trend(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0]), None);
        assert_eq!(trend(&[1.0; 5], &[1.0, 2.0, 3.0, 4.0, 5.0]), None);
    }
}
