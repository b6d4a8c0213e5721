//! How the time of a batch depends on its size: seconds = τ(u) · items · (1 + fixed/items + items/strain).
//!
//! A batch has a cost of its own, `fixed` items' worth; a large one may slow its items down (caches,
//! page faults). τ drifts with the work: it is the median of a segment of batches. A grid of pairs is
//! weighted by how little they leave unexplained: inside each run by a Laplace likelihood, deviations
//! counted as dependent in fours; between the runs by the spread of their medians, which repeats of one size
//! have too. With one size all pairs explain the same, and the prior stays.
//!
//! Both `simulate` and `tune` take the time of an item from here.

use super::interval::quantile_of;

/// Costs of a batch, in items, where the largest batch has a thousand, and what makes items of large batches slower.
const FIXED: [f64; 11] = [0.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0];
const STRAIN: [f64; 4] = [f64::INFINITY, 10_000.0, 3_000.0, 1_000.0];
/// Before the data fewer items' worth than `CHEAP`, more than `COSTLY`, and strain are unlikely (logarithms): of 40 drawn
/// programs (part A) the fastest fixed size of 125 to 1,000 was 1,000 in 22, 500 in 12, 250 in 5 and 125 in one.
const CHEAP: f64 = 40.0;
const COSTLY: f64 = 300.0;
const UNUSUALLY_CHEAP: f64 = 1.5;
const UNUSUAL: f64 = 0.7;
const STRAINED: f64 = 3.0;
/// Segments of the work, each with this many batches at least.
const SEGMENTS: usize = 8;
const FEWEST: usize = 6;
/// So many neighbouring batches count as one.
const DEPENDENT: f64 = 4.0;
/// Processor time of repeats differs by so much (logarithm).
const REPEATS: f64 = 0.08;
/// Sizes closer than this ratio are one size.
const APART: f64 = 1.25;
/// Pairs of less weight are left out.
const NEGLIGIBLE: f64 = 0.002;

/// A batch and the seconds that it took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Timed {
    /// Position in the operation's work.
    pub(super) at: f64,
    pub(super) items: f64,
    pub(super) seconds: f64,
}

/// The fixed cost and the strain of a batch, with the weight of the pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BatchCost {
    pub(crate) weight: f64,
    /// In items.
    pub(crate) fixed: f64,
    /// What an item adds to the time of each other one of its batch.
    pub(crate) strain: f64,
}

impl BatchCost {
    /// The time of a batch over that of one item at no cost.
    pub(crate) fn of_batch(&self, items: f64) -> f64 {
        items + self.fixed + self.strain * items * items
    }
}

/// What batches of one operation cost, over all runs.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct BatchCosts {
    /// Most likely first.
    pairs: Vec<BatchCost>,
    /// Whether several sizes were timed.
    measured: bool,
}

impl BatchCosts {
    /// From the batches of each run; inferred ones (`recorded` is false) show no more than the seconds of an
    /// item.
    pub(super) fn of(runs: &[Vec<Timed>], recorded: bool) -> Self {
        let all = || runs.iter().flatten();
        let largest = all().map(|t| t.items).fold(0.0, f64::max);
        if largest <= 0.0 {
            return Self::default();
        }
        let smallest = all().map(|t| t.items).fold(largest, f64::min);
        let measured = recorded && all().count() >= FEWEST && smallest * APART < largest;
        // One size shows only its own time: the usual costs stay, in items as they are.
        let scale = if measured { largest / 1000.0 } else { 1.0 };
        let mut pairs: Vec<BatchCost> = pairs(scale, measured)
            .map(|pair| BatchCost { weight: pair.weight + log_likelihood(runs, &pair), ..pair })
            .collect();
        let best = pairs.iter().map(|pair| pair.weight).fold(f64::NEG_INFINITY, f64::max);
        pairs.iter_mut().for_each(|pair| pair.weight = (pair.weight - best).exp());
        let total: f64 = pairs.iter().map(|pair| pair.weight).sum();
        pairs.iter_mut().for_each(|pair| pair.weight /= total);
        pairs.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        pairs.retain(|pair| pair.weight > NEGLIGIBLE);
        Self { pairs, measured }
    }
}

/// The pace of one operation in one run.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Pace {
    /// Where each segment begins.
    begins: Vec<f64>,
    /// Each pair with the seconds of an item at no cost, per segment.
    fits: Vec<(BatchCost, Vec<f64>)>,
    /// Whether several sizes were timed.
    pub(crate) measured: bool,
}

impl Pace {
    /// The pace of a run's batches at the costs that all runs show.
    pub(super) fn of(batches: &[Timed], costs: &BatchCosts) -> Self {
        let segments = segments(batches);
        let seconds = |pair: &BatchCost| segments.iter().map(|s| median(s, pair).exp()).collect();
        Self {
            begins: segments.iter().map(|s| s[0].at).collect(),
            fits: costs.pairs.iter().map(|pair| (*pair, seconds(pair))).collect(),
            measured: costs.measured,
        }
    }

    /// The pair at a share of the weight.
    pub(crate) fn choose(&self, share: f64) -> Option<usize> {
        let mut left = share;
        for (place, (pair, _)) in self.fits.iter().enumerate() {
            left -= pair.weight;
            if left <= 0.0 {
                return Some(place);
            }
        }
        (!self.begins.is_empty() && !self.fits.is_empty()).then_some(0)
    }

    /// The pair at a place.
    pub(crate) fn cost(&self, place: usize) -> BatchCost {
        self.fits[place].0
    }

    /// Seconds of an item at a position, at no cost, by the pair at a place.
    pub(crate) fn seconds(&self, place: usize, at: f64) -> f64 {
        let segment = self.begins.partition_point(|begin| *begin <= at).saturating_sub(1);
        self.fits[place].1.get(segment).copied().unwrap_or(0.0)
    }

    /// Seconds of an item in batches of a size, over all segments and pairs; 0 where nothing was timed.
    pub(crate) fn seconds_per_item(&self, size: f64) -> f64 {
        let of = |(pair, seconds): &(BatchCost, Vec<f64>)| {
            #[expect(clippy::cast_precision_loss, reason = "a count of segments")]
            let mean = seconds.iter().sum::<f64>() / seconds.len().max(1) as f64;
            pair.weight * mean * pair.of_batch(size) / size
        };
        self.fits.iter().map(of).sum()
    }
}

fn segments(batches: &[Timed]) -> Vec<&[Timed]> {
    batches.chunks(batches.len().div_ceil(SEGMENTS).max(FEWEST)).collect()
}

/// All pairs with the logarithm of their prior weight. One size alone shall say neither that larger batches are faster nor
/// that they are slower: there only costs and strain beyond what is usual are unlikely.
fn pairs(scale: f64, measured: bool) -> impl Iterator<Item = BatchCost> {
    let (cheaply, strained) = if measured { (UNUSUALLY_CHEAP, STRAINED) } else { (0.0, UNUSUAL) };
    FIXED.into_iter().flat_map(move |fixed| {
        STRAIN.into_iter().map(move |strain| {
            let cost = match fixed {
                fixed if fixed < CHEAP => cheaply,
                fixed if fixed > COSTLY => UNUSUAL,
                _ => 0.0,
            };
            let slower = if strain.is_finite() { strained } else { 0.0 };
            BatchCost { weight: -cost - slower, fixed: fixed * scale, strain: 1.0 / (strain * scale) }
        })
    })
}

fn log_seconds(batch: &Timed, pair: &BatchCost) -> f64 {
    (batch.seconds / pair.of_batch(batch.items)).ln()
}

/// Logarithm of the seconds of an item at no cost.
fn median(batches: &[Timed], pair: &BatchCost) -> f64 {
    quantile_of(batches.iter().map(|batch| log_seconds(batch, pair)), 0.5).unwrap_or(0.0)
}

#[expect(clippy::cast_precision_loss, reason = "a count of batches")]
fn log_likelihood(runs: &[Vec<Timed>], pair: &BatchCost) -> f64 {
    let mut deviations: Vec<f64> = Vec::new();
    for segment in runs.iter().flat_map(|run| segments(run)) {
        let middle = median(segment, pair);
        deviations.extend(segment.iter().map(|batch| (log_seconds(batch, pair) - middle).abs()));
    }
    let deviation = (deviations.iter().sum::<f64>() / deviations.len().max(1) as f64).max(0.01);
    let inside = -(deviations.len() as f64) / DEPENDENT * deviation.ln();
    let medians: Vec<f64> = runs.iter().filter(|run| !run.is_empty()).map(|run| median(run, pair)).collect();
    let mean = medians.iter().sum::<f64>() / medians.len().max(1) as f64;
    let between: f64 = medians.iter().map(|median| ((median - mean) / REPEATS).powi(2)).sum();
    inside - 0.5 * between
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batches(items: f64, seconds: f64) -> Vec<Timed> {
        (0..12).map(|index| Timed { at: items * f64::from(index), items, seconds }).collect()
    }

    #[test]
    fn one_size_says_neither_that_larger_batches_are_faster_nor_that_they_are_slower() {
        let costs = BatchCosts::of(&[batches(1000.0, 1.0)], true);
        assert!(!costs.measured);
        // Seconds of an item at twice the size over those at the recorded one.
        let slower = |pair: &BatchCost| pair.of_batch(2000.0) / 2.0 / pair.of_batch(1000.0);
        let share = |test: &dyn Fn(f64) -> bool| {
            costs.pairs.iter().filter(|pair| test(slower(pair))).map(|pair| pair.weight).sum::<f64>()
        };
        assert!(share(&|ratio| ratio > 1.0) > 0.25 && share(&|ratio| ratio < 1.0) > 0.25, "{costs:?}");
    }

    #[test]
    fn runs_of_one_size_each_show_the_fixed_cost_together() {
        let law = |items: f64| 0.001 * (items + 80.0);
        let runs = [100.0, 250.0, 500.0, 1000.0].map(|items| batches(items, law(items)));
        let costs = BatchCosts::of(&runs, true);
        let pace = Pace::of(&runs[1], &costs);
        for size in [100.0, 400.0, 2000.0] {
            let ratio = pace.seconds_per_item(size) / pace.seconds_per_item(1000.0);
            assert!(
                (ratio / (law(size) / size / (law(1000.0) / 1000.0)) - 1.0).abs() < 0.08,
                "{size}: {ratio}"
            );
        }
    }

    #[test]
    fn noise_of_repeats_makes_large_batches_no_slower() {
        let runs = [(100.0, 1.6), (250.0, 1.20), (500.0, 1.12), (1000.0, 1.15)]
            .map(|(items, per_item)| batches(items, items * per_item));
        let pace = Pace::of(&runs[0], &BatchCosts::of(&runs, true));
        assert!(pace.seconds_per_item(1000.0) < 1.03 * pace.seconds_per_item(500.0), "{pace:?}");
    }

    #[test]
    fn what_grows_with_the_batch_makes_larger_ones_slower() {
        let law = |items: f64| 0.001 * items + 0.05 + 1e-6 * items * items;
        let runs = [100.0, 250.0, 500.0, 1000.0].map(|items| batches(items, law(items)));
        let pace = Pace::of(&runs[0], &BatchCosts::of(&runs, true));
        assert!(pace.seconds_per_item(250.0) < pace.seconds_per_item(1000.0), "{pace:?}");
        assert!(pace.seconds_per_item(250.0) < pace.seconds_per_item(20.0), "{pace:?}");
    }
}
