//! Places that may split the peaks of a job into lower and higher ones.
//!
//! Two tests by ranks, each of which has half of the chance of a false alarm. Pettitt's (1979) looks anywhere:
//! K = max |2 Σ rank − t(n + 1)|, p ≈ 2 exp(−6K² / (n³ + n²)). Mann's and Whitney's looks where a version begins, as often
//! as there are versions: it needs no luck with the place, and sees a change that a few late runs alone show.

use statrs::distribution::{ContinuousCDF, Normal};

/// Runs on each side of a change, at least.
pub(super) const FEWEST: usize = 5;
/// A smaller change is not worth a line: peaks of the same job on the same data differ by as much.
pub(super) const LEAST_SHARE: f64 = 0.05;

/// Where a part may be split.
#[derive(Debug, Clone, Copy)]
pub(super) struct Split {
    /// The first run after it.
    pub(super) at: usize,
    /// The exponent of its probability, as if neighbouring runs did not resemble each other.
    exponent: f64,
    test: Test,
    /// How many tests were made, by their share of the chance.
    tests: f64,
}

/// What found a split.
#[derive(Debug, Clone, Copy)]
enum Test {
    /// Pettitt's.
    Anywhere,
    /// Mann's and Whitney's.
    AtVersion,
}

impl Split {
    /// The surest split of some peaks, of which versions begin at `firsts`; `None` where both sides of it are not
    /// large enough.
    pub(super) fn surest(values: &[f64], firsts: &[usize]) -> Option<Self> {
        let n = values.len();
        let (count, mut sum) = (n as f64, 0.0);
        let statistics: Vec<f64> = (1..=n)
            .zip(middle_ranks(values))
            .map(|(at, rank)| {
                sum += rank;
                (2.0 * sum - at as f64 * (count + 1.0)).abs()
            })
            .collect();
        let versions: Vec<usize> = inner(firsts, n).collect();
        let ways = if versions.is_empty() { 1.0 } else { 2.0 };
        let largest = (1..=n).max_by(|a, b| statistics[a - 1].total_cmp(&statistics[b - 1]).then(b.cmp(a)));
        let anywhere = largest.filter(|at| (FEWEST..=n.saturating_sub(FEWEST)).contains(at)).map(|at| Self {
            at,
            exponent: 6.0 * statistics[at - 1].powi(2) / (count.powi(3) + count.powi(2)),
            test: Test::Anywhere,
            tests: ways,
        });
        let at_version = versions.iter().map(|&at| Self {
            at,
            exponent: statistics[at - 1].powi(2) / (2.0 * variance(at as f64, count)),
            test: Test::AtVersion,
            tests: ways * versions.len() as f64,
        });
        at_version.chain(anywhere).min_by(|a, b| a.p(0.0).total_cmp(&b.p(0.0)))
    }

    /// The same split of a series that the part begins at `from` of.
    pub(super) const fn moved(self, from: usize) -> Self {
        Self { at: self.at + from, ..self }
    }

    /// Probability of such a split without a change, where neighbours have an autocorrelation of `rho`.
    pub(super) fn p(&self, rho: f64) -> f64 {
        let exponent = self.exponent * (1.0 - rho) / (1.0 + rho);
        let tail = match self.test {
            Test::Anywhere => (-exponent).exp(),
            Test::AtVersion => Normal::standard().sf((2.0 * exponent).sqrt()),
        };
        (2.0 * self.tests * tail).min(1.0)
    }
}

/// The variance of 2 Σ rank over the first `at` of `n` values.
fn variance(at: f64, n: f64) -> f64 {
    at * (n - at) * (n + 1.0) / 3.0
}

/// The places with runs enough on both sides.
pub(super) fn inner(places: &[usize], n: usize) -> impl Iterator<Item = usize> {
    places.iter().copied().filter(move |at| (FEWEST..=n.saturating_sub(FEWEST)).contains(at))
}

/// Ranks from 1; equal values share the middle of theirs.
fn middle_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    for equal in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let below = order.partition_point(|index| values[*index] < values[equal[0]]);
        let rank = below as f64 + (equal.len() + 1) as f64 / 2.0;
        equal.iter().for_each(|index| ranks[*index] = rank);
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_runs_of_the_latest_version_are_enough_where_its_start_is_known() {
        let peaks: Vec<f64> =
            (0..50).map(|i| f64::from(i * 7 % 10) + if i < 40 { 0.0 } else { 8.0 }).collect();
        let anywhere = Split::surest(&peaks, &[]).expect("a split");
        let known = Split::surest(&peaks, &[0, 20, 40]).expect("a split");
        assert_eq!(known.at, 40);
        assert!(known.p(0.0) < 1e-4 && anywhere.p(0.0) > 1e-3, "{known:?} {anywhere:?}");
        assert!(known.p(0.5) > known.p(0.0), "neighbours that resemble each other say less");
    }

    #[test]
    fn a_few_runs_have_no_split() {
        assert!(Split::surest(&[1.0, 2.0, 3.0], &[0, 1]).is_none());
        assert!(Split::surest(&[], &[]).is_none());
    }

    #[test]
    fn equal_values_share_a_rank() {
        assert_eq!(middle_ranks(&[5.0, 1.0, 5.0, 0.0]), [3.5, 2.0, 3.5, 1.0]);
    }
}
