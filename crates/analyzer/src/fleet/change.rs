//! When the peaks of a job changed, and whether they grow steadily.
//!
//! A change is a place that splits the peaks in order of time into lower and higher ones: Pettitt's test (1979), which
//! uses ranks alone, K = max |2 Σ rank − t(n + 1)|, p ≈ 2 exp(−6K² / (n³ + n²)). Both parts are split again.
//! Neighbouring runs resemble each other, so that the exponent is divided by (1 + ρ) / (1 − ρ), ρ being the
//! autocorrelation that is left once all levels are taken off. Steps or steady growth is decided by BIC under Laplace's
//! distribution, 2n ln(Σ|residual| / n) + p ln n; steady growth is the Theil–Sen slope through medians of runs.
//! Everything is in logarithms: a change is a share.

use crate::stats::{autocorrelation, median, robust_deviation, trend};

/// Runs on each side of a change, at least.
const FEWEST: usize = 5;
/// Chance of one false change over all groups of a fleet.
const FALSE_ALARM: f64 = 0.01;
/// A smaller change is not worth a line: peaks of the same job on the same data differ by as much.
const LEAST_SHARE: f64 = 0.05;
/// A change is at least so much of the deviation around it, so that thousands of runs do not make noise sure.
const LEAST_DEVIATIONS: f64 = 0.5;
/// How often parts are split again.
const DEEPEST: usize = 3;
/// Medians that a slope is drawn through: its cost grows with their square.
const MEDIANS: usize = 48;
/// Fewer runs have no slope.
const FEWEST_FOR_SLOPE: usize = 12;

/// A step of the peaks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    /// The first run after it.
    pub(super) at: usize,
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

/// How peaks, in order of their days, went over time; one of `groups` series that are tested.
pub(super) fn course(days: &[f64], peak_mb: &[f64], groups: usize) -> Course {
    let logs: Vec<f64> = peak_mb.iter().map(|peak| peak.max(f64::MIN_POSITIVE).ln()).collect();
    let largest_p = FALSE_ALARM / groups.max(1) as f64;
    let steps = steps(&logs, largest_p);
    let slope = slope(days, &logs);
    let is_steady = slope.as_ref().is_some_and(|slope| {
        let rises = slope.interval.0 > 0.0 || slope.interval.1 < 0.0;
        rises && slope.p <= largest_p && is_line(days, &logs, slope.slope, &steps)
    });
    let growth_per_day =
        slope.map(|slope| [slope.slope, slope.interval.0, slope.interval.1].map(f64::exp_m1));
    Course { steps: if is_steady { Vec::new() } else { steps }, growth_per_day, is_steady }
}

/// Where a part may be split.
#[derive(Debug, Clone, Copy)]
struct Split {
    at: usize,
    /// Pettitt's exponent, 6K² / (n³ + n²), as if neighbouring runs did not resemble each other.
    exponent: f64,
}

impl Split {
    fn p(&self, rho: f64) -> f64 {
        (2.0 * (-self.exponent * (1.0 - rho) / (1.0 + rho)).exp()).min(1.0)
    }
}

/// The places that split the peaks: of all that would if neighbours did not resemble each other those that still do,
/// once it is known how much they do.
fn steps(logs: &[f64], largest_p: f64) -> Vec<Step> {
    let mut splits = Vec::new();
    split(logs, 0, DEEPEST, largest_p, &mut splits);
    splits.sort_by_key(|split| split.at);
    loop {
        let levels = Levels::of(logs, &splits);
        let found: Vec<Step> =
            splits.iter().enumerate().map(|(index, split)| levels.step(index, split)).collect();
        let unsure = |step: &&Step| step.p > largest_p || step.share.ln_1p().abs() < levels.least;
        let Some(worst) = found.iter().filter(unsure).max_by(|a, b| a.p.total_cmp(&b.p)) else {
            return found;
        };
        splits.retain(|split| split.at != worst.at);
    }
}

fn split(logs: &[f64], from: usize, depth: usize, largest_p: f64, splits: &mut Vec<Split>) {
    if depth == 0 || logs.len() < 2 * FEWEST {
        return;
    }
    let (at, statistic) = pettitt(logs);
    let n = logs.len() as f64;
    let found = Split { at: from + at, exponent: 6.0 * statistic * statistic / (n.powi(3) + n.powi(2)) };
    if at < FEWEST || logs.len() - at < FEWEST || found.p(0.0) > largest_p {
        return;
    }
    let (before, after) = logs.split_at(at);
    split(before, from, depth - 1, largest_p, splits);
    split(after, from + at, depth - 1, largest_p, splits);
    splits.push(found);
}

/// The levels between splits, and what is left without them.
struct Levels {
    medians: Vec<f64>,
    rho: f64,
    /// The least change that counts.
    least: f64,
}

impl Levels {
    fn of(logs: &[f64], splits: &[Split]) -> Self {
        let (mut medians, mut left, mut from) = (Vec::new(), Vec::with_capacity(logs.len()), 0);
        for to in splits.iter().map(|split| split.at).chain([logs.len()]) {
            let middle = median(&logs[from..to]).unwrap_or_default();
            left.extend(logs[from..to].iter().map(|log| log - middle));
            medians.push(middle);
            from = to;
        }
        let deviation = robust_deviation(&left).unwrap_or_default();
        let least = LEAST_SHARE.ln_1p().max(LEAST_DEVIATIONS * deviation);
        Self { medians, rho: autocorrelation(&left, 1).clamp(0.0, 0.99), least }
    }

    fn step(&self, index: usize, split: &Split) -> Step {
        let shift = self.medians[index + 1] - self.medians[index];
        Step { at: split.at, share: shift.exp_m1(), p: split.p(self.rho) }
    }
}

/// The place of Pettitt's largest statistic, as the first value after it, and that statistic.
fn pettitt(values: &[f64]) -> (usize, f64) {
    let (mut sum, mut best) = (0.0, (0, 0.0));
    let n = values.len() as f64;
    for (index, rank) in middle_ranks(values).into_iter().enumerate() {
        sum += rank;
        let statistic = (2.0 * sum - (index + 1) as f64 * (n + 1.0)).abs();
        if statistic > best.1 {
            best = (index + 1, statistic);
        }
    }
    best
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

/// A robust slope a day.
struct Slope {
    slope: f64,
    interval: (f64, f64),
    /// Probability of so much growth, or decline, without any.
    p: f64,
}

/// The slope through medians of as many runs each.
fn slope(days: &[f64], logs: &[f64]) -> Option<Slope> {
    if logs.len() < FEWEST_FOR_SLOPE {
        return None;
    }
    let each = logs.len().div_ceil(MEDIANS);
    let middles = |values: &[f64]| values.chunks(each).filter_map(median).collect::<Vec<f64>>();
    let (x, y) = (middles(days), middles(logs));
    let rising = trend(&x, &y)?;
    let falling = y.iter().map(|y| -y).collect::<Vec<f64>>();
    let p_falling = trend(&x, &falling)?.p_rising;
    Some(Slope { slope: rising.slope, interval: rising.interval, p: 2.0 * rising.p_rising.min(p_falling) })
}

/// Whether a line fits better than the steps, and rises by a change worth a line.
fn is_line(days: &[f64], logs: &[f64], slope: f64, steps: &[Step]) -> bool {
    let span = days.last().copied().unwrap_or_default() - days.first().copied().unwrap_or_default();
    if (slope * span).abs() < LEAST_SHARE.ln_1p() {
        return false;
    }
    let tilted: Vec<f64> = days.iter().zip(logs).map(|(day, log)| log - slope * day).collect();
    let mut loss_of_steps = 0.0;
    let mut from = 0;
    for to in steps.iter().map(|step| step.at).chain([logs.len()]) {
        loss_of_steps += loss(&logs[from..to]);
        from = to;
    }
    let n = logs.len() as f64;
    let bic = |loss: f64, parameters: usize| {
        2.0 * n * (loss / n).max(f64::MIN_POSITIVE).ln() + parameters as f64 * n.ln()
    };
    bic(loss(&tilted), 2) < bic(loss_of_steps, 1 + 2 * steps.len())
}

/// The sum of distances from the median.
fn loss(values: &[f64]) -> f64 {
    let middle = median(values).unwrap_or_default();
    values.iter().map(|value| (value - middle).abs()).sum()
}

/// The first run of a version that is where a step is, of those that start near it. A change comes as likely with a
/// version as at all other places together, so that a version may fit worse than the likeliest place by the odds of
/// naming that one among all.
pub(super) fn version_at(peak_mb: &[f64], step: &Step, firsts: &[usize]) -> Option<usize> {
    let logs: Vec<f64> = peak_mb.iter().map(|peak| peak.max(f64::MIN_POSITIVE).ln()).collect();
    let n = logs.len() as f64;
    let loss_at = |at: usize| loss(&logs[..at]) + loss(&logs[at..]);
    let least = loss_at(step.at);
    // The scale of Laplace's distribution, to which a difference of losses is a logarithm of odds.
    let scale = (least / n).max(f64::MIN_POSITIVE);
    let most = (n / firsts.len().max(1) as f64).ln();
    let near = |at: &usize| *at > 0 && at.abs_diff(step.at) <= (logs.len() / 10).max(FEWEST);
    let candidates = firsts.iter().copied().filter(near).map(|at| (at, (loss_at(at) - least) / scale));
    candidates.filter(|(_, odds)| *odds <= most).min_by(|a, b| a.1.total_cmp(&b.1)).map(|(at, _)| at)
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
            let course = course(&days(200), &peaks, 500);
            let [step] = course.steps[..] else { panic!("seed {seed}: {course:?}") };
            assert!(step.at.abs_diff(120) <= 12 && (step.share - 0.1).abs() < 0.03, "seed {seed}: {step:?}");
            assert_eq!(version_at(&peaks, &step, &[0, 40, 120, 160]), Some(120), "seed {seed}: {step:?}");
            assert_eq!(version_at(&peaks, &step, &[0, 40, 170]), None, "seed {seed}");
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
                let course = course(&days(150), &peaks, 200);
                assert!(course.steps.is_empty() && !course.is_steady, "seed {seed}: {course:?}");
            }
        }
    }

    #[test]
    fn steady_growth_is_no_step() {
        let peaks = peaks(3, 200, 0.03, |share| (0.3 * share).exp());
        let course = course(&days(200), &peaks, 100);
        let [growth, low, high] = course.growth_per_day.expect("a slope");
        assert!(course.is_steady && course.steps.is_empty());
        assert!((growth - 0.003).abs() < 3e-4 && low < 0.003 && 0.003 < high, "{growth} {low} {high}");
    }

    #[test]
    fn two_steps_are_two() {
        let up_and_back = |share: f64| if (0.3..0.7).contains(&share) { 1.3 } else { 1.0 };
        let course = course(&days(200), &peaks(5, 200, 0.04, up_and_back), 100);
        let places: Vec<usize> = course.steps.iter().map(|step| step.at).collect();
        assert!(places.len() == 2 && places[0].abs_diff(60) < 6 && places[1].abs_diff(140) < 6, "{places:?}");
    }

    #[test]
    fn a_few_runs_and_equal_ones_say_nothing() {
        assert_eq!(course(&days(9), &[1.0; 9], 1).steps, []);
        let equal = course(&days(50), &[100.0; 50], 1);
        assert!(equal.steps.is_empty() && !equal.is_steady);
        assert_eq!(course(&[], &[], 0), Course::default());
        let exact: Vec<f64> = (0..40).map(|i| if i < 20 { 100.0 } else { 120.0 }).collect();
        assert_eq!(course(&days(40), &exact, 10).steps.len(), 1);
    }
}
