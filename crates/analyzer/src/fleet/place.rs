//! Where a change is, and whether a version brought it.
//!
//! The likelihood of each place is that of Laplace's distribution around the two levels; how far an outlier lies says
//! nothing. Before the peaks are looked at, a version is [`VERSION_ODDS`] times as likely to have brought a lasting change as
//! all other times together; it is named where it is likelier than not.

use super::split::{FEWEST, inner};
use crate::stats::median;

/// Odds that a lasting change came with a version.
const VERSION_ODDS: f64 = 4.0;
/// Scales from the level from which a run is an outlier: of 55 runs one lies further away.
const OUTLIER: f64 = 4.0;
/// How often the levels are taken anew from the place that they gave.
const ROUNDS: usize = 2;

/// The place of a change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// The first run after it.
    pub(super) at: usize,
    /// Whether that is the first run of a version which brought it.
    pub(super) is_version: bool,
    /// What the choice of the place costs, as BIC counts it.
    pub(super) cost: f64,
}

impl Place {
    /// The place of the one change among some peaks, near `near`, where versions begin at `firsts`.
    pub(super) fn of(logs: &[f64], near: usize, firsts: &[usize]) -> Self {
        let n = logs.len();
        let mut best = near;
        let mut losses = Losses::default();
        for _ in 0..ROUNDS {
            losses = Losses::around(logs, best);
            best = losses.least().unwrap_or(near);
        }
        let versions: Vec<usize> = inner(firsts, n).collect();
        let count = versions.len() as f64;
        let others = losses.places().filter(|at| versions.binary_search(at).is_err());
        let all =
            VERSION_ODDS * losses.mean_likelihood(versions.iter().copied()) + losses.mean_likelihood(others);
        let weighed = |at: usize| (at, VERSION_ODDS * losses.likelihood(at) / count);
        let likeliest = versions.iter().map(|at| weighed(*at)).max_by(|a, b| a.1.total_cmp(&b.1));
        match likeliest.filter(|(_, likelihood)| *likelihood > all / 2.0) {
            Some((at, _)) => Self { at, is_version: true, cost: 2.0 * (count / VERSION_ODDS).ln().max(0.0) },
            None => Self { at: best, is_version: false, cost: (n as f64).ln() },
        }
    }
}

/// Sums of the runs' distances from the two levels of a change, in scales and above the least sum, by its place from
/// [`FEWEST`] on.
#[derive(Default)]
struct Losses(Vec<f64>);

impl Losses {
    /// With the levels of a change at `near`; none where there is no room for one.
    fn around(logs: &[f64], near: usize) -> Self {
        if logs.len() < 2 * FEWEST {
            return Self::default();
        }
        let levels = [&logs[..near], &logs[near..]];
        let [before, after] = levels.map(|level| median(level).unwrap_or_default());
        let distances = |logs: &[f64], level: f64| logs.iter().map(|log| (log - level).abs()).sum::<f64>();
        let all = distances(levels[0], before) + distances(levels[1], after);
        let scale = (all / logs.len() as f64).max(f64::MIN_POSITIVE);
        let loss = |log: f64, level: f64| ((log - level).abs() / scale).min(OUTLIER);
        let mut sum: f64 = logs.iter().map(|log| loss(*log, after)).sum();
        let moved = logs.iter().map(|log| {
            sum += loss(*log, before) - loss(*log, after);
            sum
        });
        let sums: Vec<f64> = moved.take(logs.len() - FEWEST).skip(FEWEST - 1).collect();
        let least = sums.iter().copied().fold(f64::INFINITY, f64::min);
        Self(sums.into_iter().map(|sum| sum - least).collect())
    }

    fn places(&self) -> impl Iterator<Item = usize> {
        FEWEST..FEWEST + self.0.len()
    }

    /// The likeliest place.
    fn least(&self) -> Option<usize> {
        self.places().min_by(|a, b| self.0[a - FEWEST].total_cmp(&self.0[b - FEWEST]))
    }

    /// How likely a place is, of 1 for the likeliest.
    fn likelihood(&self, at: usize) -> f64 {
        (-self.0[at - FEWEST]).exp()
    }

    fn mean_likelihood(&self, places: impl Iterator<Item = usize>) -> f64 {
        let (sum, count) =
            places.fold((0.0, 0.0), |(sum, count), at| (sum + self.likelihood(at), count + 1.0));
        if count > 0.0 { sum / count } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A level of 1, and from `at` on one of 1.1, both with a little noise.
    fn step(at: usize, n: usize) -> Vec<f64> {
        let noise = |index: usize| 0.01 * ((index * 7 % 10) as f64 - 4.5) / 4.5;
        (0..n).map(|index| if index < at { 1.0 } else { 1.1 } + noise(index)).collect()
    }

    #[test]
    fn a_place_is_found_from_another_and_a_version_there_is_named() {
        let logs = step(30, 50);
        let place = Place::of(&logs, 26, &[0, 10, 20, 30, 40]);
        assert_eq!((place.at, place.is_version), (30, true));
        let elsewhere = Place::of(&logs, 26, &[0, 10, 20, 40]);
        assert_eq!((elsewhere.at, elsewhere.is_version), (30, false));
    }

    #[test]
    fn one_outlier_before_a_version_takes_nothing_from_it() {
        let mut logs = step(30, 50);
        logs[29] = 1.3;
        assert!(Place::of(&logs, 29, &[0, 30]).is_version);
        logs[26..30].fill(1.1);
        assert_eq!(Place::of(&logs, 29, &[0, 30]).at, 26, "four are none");
    }

    #[test]
    fn where_every_run_has_its_version_the_place_decides() {
        let every: Vec<usize> = (0..50).collect();
        let place = Place::of(&step(30, 50), 30, &every);
        assert_eq!((place.at, place.is_version), (30, true));
        assert_eq!(Place::of(&[1.0; 4], 2, &every).at, 2, "no room");
    }
}
