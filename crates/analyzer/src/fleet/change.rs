//! When the peaks of a job changed, and whether they grow steadily.
//!
//! A change is a place that splits the peaks in order of time into lower and higher ones, by ranks; both parts are split
//! again. Where neighbouring runs resemble each other the exponent of its probability is divided by (1 + ρ) / (1 − ρ), ρ being
//! the autocorrelation that is left once all levels are taken off, less its standard error. Everything is in logarithms: a
//! change is a share.

use super::place::Place;
use super::split::{FEWEST, LEAST_SHARE, Split};
use super::steady::{is_line, slope};
use crate::stats::{autocorrelation, median, robust_deviation};

/// Chance of one false change over all groups of a fleet.
const FALSE_ALARM: f64 = 0.01;
/// A change is at least so much of the deviation around it, so that thousands of runs do not make noise sure.
const LEAST_DEVIATIONS: f64 = 0.5;
/// How often parts are split again.
const DEEPEST: usize = 3;

/// A step of the peaks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    /// The first run after it.
    pub(super) at: usize,
    /// Whether that is the first run of a version which brought it.
    pub(super) is_version: bool,
    /// Its size as a share: 0.1 is 10 % more.
    pub(super) share: f64,
    /// Probability of such a split without a change.
    pub(super) p: f64,
}

/// How peaks went over time.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Course {
    /// Steps in order of time.
    pub(super) steps: Vec<Step>,
    /// Growth a day as a share, and its 95 % interval, where there are runs enough.
    pub(super) growth_per_day: Option<[f64; 3]>,
    /// Whether it is growth rather than steps.
    pub(super) is_steady: bool,
}

/// How peaks, in order of their days, went over time, where versions begin at `firsts`; one of `groups` series that are
/// tested.
pub(super) fn course(days: &[f64], peak_mb: &[f64], firsts: &[usize], groups: usize) -> Course {
    let logs: Vec<f64> = peak_mb.iter().map(|peak| peak.max(f64::MIN_POSITIVE).ln()).collect();
    let largest_p = FALSE_ALARM / groups.max(1) as f64;
    let sure = sure_splits(&logs, firsts, largest_p);
    let places = places(&logs, firsts, &sure);
    let slope = slope(days, &logs);
    let is_steady = slope.as_ref().is_some_and(|slope| {
        let rises = slope.interval.0 > 0.0 || slope.interval.1 < 0.0;
        rises && slope.p <= largest_p && is_line(days, &logs, slope.slope, &places)
    });
    let growth_per_day =
        slope.map(|slope| [slope.slope, slope.interval.0, slope.interval.1].map(f64::exp_m1));
    let steps = if is_steady { Vec::new() } else { steps(&logs, &sure, &places) };
    Course { steps, growth_per_day, is_steady }
}

/// The places that split the peaks: of all that would if neighbours did not resemble each other those that still do,
/// once it is known how much they do; each with its probability.
fn sure_splits(logs: &[f64], firsts: &[usize], largest_p: f64) -> Vec<(usize, f64)> {
    let mut splits = Vec::new();
    split(logs, firsts, 0, DEEPEST, largest_p, &mut splits);
    splits.sort_by_key(|split| split.at);
    loop {
        let levels = Levels::of(logs, splits.iter().map(|split| split.at));
        let found = splits.iter().enumerate().map(|(index, split)| (index, split.at, split.p(levels.rho)));
        let unsure =
            found.filter(|(index, _, p)| *p > largest_p || levels.shift(*index).abs() < levels.least);
        let Some((worst, ..)) = unsure.max_by(|a, b| a.2.total_cmp(&b.2)) else {
            return splits.iter().map(|split| (split.at, split.p(levels.rho))).collect();
        };
        splits.remove(worst);
    }
}

fn split(logs: &[f64], firsts: &[usize], from: usize, depth: usize, largest_p: f64, splits: &mut Vec<Split>) {
    if depth == 0 || logs.len() < 2 * FEWEST {
        return;
    }
    let within = within(firsts, from, from + logs.len());
    let Some(found) = Split::surest(logs, &within).filter(|found| found.p(0.0) <= largest_p) else {
        return;
    };
    let (before, after) = logs.split_at(found.at);
    split(before, firsts, from, depth - 1, largest_p, splits);
    split(after, firsts, from + found.at, depth - 1, largest_p, splits);
    splits.push(found.moved(from));
}

/// Those of some places that lie in a part, counted from its start.
fn within(places: &[usize], from: usize, to: usize) -> Vec<usize> {
    places.iter().filter(|at| (from..to).contains(*at)).map(|at| at - from).collect()
}

/// Where the changes are, each between those beside it.
fn places(logs: &[f64], firsts: &[usize], sure: &[(usize, f64)]) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::with_capacity(sure.len());
    for (index, (at, _)) in sure.iter().enumerate() {
        let from = places.last().map_or(0, |before| before.at);
        let to = sure.get(index + 1).map_or(logs.len(), |after| after.0);
        let place = Place::of(&logs[from..to], at - from, &within(firsts, from, to));
        places.push(Place { at: place.at + from, ..place });
    }
    places
}

fn steps(logs: &[f64], sure: &[(usize, f64)], places: &[Place]) -> Vec<Step> {
    let levels = Levels::of(logs, places.iter().map(|place| place.at));
    let step = |(index, (place, (_, p))): (usize, (&Place, &(usize, f64)))| Step {
        at: place.at,
        is_version: place.is_version,
        share: levels.shift(index).exp_m1(),
        p: *p,
    };
    places.iter().zip(sure).enumerate().map(step).collect()
}

/// The levels between splits, and what is left without them.
struct Levels {
    medians: Vec<f64>,
    rho: f64,
    /// The least change that counts.
    least: f64,
}

impl Levels {
    fn of(logs: &[f64], splits: impl Iterator<Item = usize>) -> Self {
        let (mut medians, mut left, mut from) = (Vec::new(), Vec::with_capacity(logs.len()), 0);
        for to in splits.chain([logs.len()]) {
            let middle = median(&logs[from..to]).unwrap_or_default();
            left.extend(logs[from..to].iter().map(|log| log - middle));
            medians.push(middle);
            from = to;
        }
        let deviation = robust_deviation(&left).unwrap_or_default();
        let least = LEAST_SHARE.ln_1p().max(LEAST_DEVIATIONS * deviation);
        // Of a few runs some autocorrelation is chance.
        let by_chance = 1.0 / (logs.len().max(1) as f64).sqrt();
        Self { medians, rho: (autocorrelation(&left, 1) - by_chance).clamp(0.0, 0.99), least }
    }

    /// How far the level rises at a split.
    fn shift(&self, index: usize) -> f64 {
        self.medians[index + 1] - self.medians[index]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Random;

    fn days(n: usize) -> Vec<f64> {
        (0..n).map(|i| i as f64 / 2.0).collect()
    }

    fn peaks(seed: u64, n: usize, deviation: f64, factor: impl Fn(f64) -> f64) -> Vec<f64> {
        let mut random = Random::seeded(seed);
        (0..n).map(|i| 1000.0 * factor(i as f64 / n as f64) * (deviation * random.normal()).exp()).collect()
    }

    #[test]
    fn a_step_of_ten_percent_is_found_where_it_is() {
        for seed in 0..20 {
            let peaks = peaks(seed, 200, 0.04, |share| if share < 0.6 { 1.0 } else { 1.1 });
            let course = course(&days(200), &peaks, &[0, 40, 120, 160], 500);
            let [step] = course.steps[..] else { panic!("seed {seed}: {course:?}") };
            assert!(step.at.abs_diff(120) <= 12 && (step.share - 0.1).abs() < 0.03, "seed {seed}: {step:?}");
            assert!(step.is_version && step.at == 120, "seed {seed}: {step:?}");
            let elsewhere = super::course(&days(200), &peaks, &[0, 40, 170], 500).steps;
            assert!(matches!(elsewhere[..], [step] if !step.is_version), "seed {seed}: {elsewhere:?}");
        }
    }

    #[test]
    fn noise_of_any_kind_has_no_step_and_no_growth() {
        for seed in 0..200 {
            let level = peaks(seed, 150, 0.15, |_| 1.0);
            let week =
                peaks(seed, 150, 0.02, |share| 1.0 + 0.2 * (share * 10.0 * std::f64::consts::TAU).sin());
            let mut random = Random::seeded(seed + 1000);
            let modes: Vec<f64> =
                level.iter().map(|peak| if random.share() < 0.5 { *peak } else { 3.0 * peak }).collect();
            for peaks in [level, week, modes] {
                let course = course(&days(150), &peaks, &[0, 30, 60, 90, 120], 200);
                assert!(course.steps.is_empty() && !course.is_steady, "seed {seed}: {course:?}");
            }
        }
    }

    #[test]
    fn steady_growth_is_no_step() {
        let peaks = peaks(3, 200, 0.03, |share| (0.3 * share).exp());
        let course = course(&days(200), &peaks, &[0, 50, 100, 150], 100);
        let [growth, low, high] = course.growth_per_day.expect("a slope");
        assert!(course.is_steady && course.steps.is_empty());
        assert!((growth - 0.003).abs() < 3e-4 && low < 0.003 && 0.003 < high, "{growth} {low} {high}");
    }

    #[test]
    fn two_steps_are_two() {
        let up_and_back = |share: f64| if (0.3..0.7).contains(&share) { 1.3 } else { 1.0 };
        let course = course(&days(200), &peaks(5, 200, 0.04, up_and_back), &[], 100);
        let places: Vec<usize> = course.steps.iter().map(|step| step.at).collect();
        assert!(places.len() == 2 && places[0].abs_diff(60) < 6 && places[1].abs_diff(140) < 6, "{places:?}");
    }

    #[test]
    fn a_few_runs_and_equal_ones_say_nothing() {
        assert_eq!(course(&days(9), &[1.0; 9], &[0, 4], 1).steps, []);
        let equal = course(&days(50), &[100.0; 50], &[0, 20], 1);
        assert!(equal.steps.is_empty() && !equal.is_steady);
        assert_eq!(course(&[], &[], &[], 0), Course::default());
        let exact: Vec<f64> = (0..40).map(|i| if i < 20 { 100.0 } else { 120.0 }).collect();
        assert_eq!(course(&days(40), &exact, &[], 10).steps.len(), 1);
    }
}
