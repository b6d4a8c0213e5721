//! How the time of a batch depends on its size: seconds = τ(u) · items · (1 + fixed/items + items/strain).
//!
//! A batch has a cost of its own, `fixed` items' worth; a large one may slow its items down (caches,
//! page faults). τ drifts with the work: it is the median of a segment of batches. A grid of pairs is
//! weighed by how little they leave unexplained (Laplace likelihood, deviations counted as dependent in
//! fours); with one size all pairs explain the same, and what was thought before stays.

use super::interval::quantile_of;
use super::work::Placed;

/// Costs of a batch, in items, where the largest batch has a thousand. From 2 to 500 items nothing is
/// known before the data; beyond is unlikely, as is strain.
const FIXED: [f64; 11] = [0.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0];
const STRAIN: [f64; 4] = [f64::INFINITY, 10_000.0, 3_000.0, 1_000.0];
const UNUSUAL: f64 = 0.7;
/// Segments of the work, each with so many batches at least.
const SEGMENTS: usize = 8;
const FEWEST: usize = 6;
/// So many neighbouring batches count as one.
const DEPENDENT: f64 = 4.0;

/// One pair with its weight and times.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tempo {
    pub(crate) weight: f64,
    fixed: f64,
    strain: f64,
    /// Seconds of an item at no cost, per segment.
    seconds: Vec<f64>,
}

/// The pace of one operation.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Pace {
    /// Where each segment begins.
    begins: Vec<f64>,
    pub(crate) tempos: Vec<Tempo>,
    /// Whether several sizes were timed.
    pub(crate) told: bool,
}

#[derive(Debug, Clone, Copy)]
struct Timed {
    at: f64,
    items: f64,
    seconds: f64,
}

impl Pace {
    /// From batches and what each took; guessed ones tell no more than the seconds of an item.
    pub(super) fn of(batches: &[(Placed, Option<f64>)], recorded: bool) -> Self {
        let timed: Vec<Timed> = batches
            .iter()
            .filter_map(|(b, seconds)| Some(Timed { at: b.at, items: b.piece.items, seconds: (*seconds)? }))
            .filter(|t| t.seconds > 0.0)
            .collect();
        let largest = batches.iter().map(|(b, _)| b.piece.items).fold(0.0, f64::max);
        if timed.is_empty() || largest <= 0.0 {
            return Self::default();
        }
        let smallest = timed.iter().map(|t| t.items).fold(largest, f64::min);
        let told = recorded && timed.len() >= FEWEST && smallest < 0.8 * largest;
        // What is told of one size alone is only its own time: the usual costs stay, in items as they are.
        let scale = if told { largest / 1000.0 } else { 1.0 };
        let each = timed.len().div_ceil(SEGMENTS).max(FEWEST);
        let segments: Vec<&[Timed]> = timed.chunks(each).collect();
        let mut tempos: Vec<Tempo> = pairs().map(|pair| tempo(&segments, pair, scale)).collect();
        let best = tempos.iter().map(|t| t.weight).fold(f64::NEG_INFINITY, f64::max);
        tempos.iter_mut().for_each(|t| t.weight = (t.weight - best).exp());
        let total: f64 = tempos.iter().map(|t| t.weight).sum();
        tempos.iter_mut().for_each(|t| t.weight /= total);
        tempos.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        tempos.retain(|t| t.weight > 0.002);
        Self { begins: segments.iter().map(|s| s[0].at).collect(), tempos, told }
    }

    /// The pair at a share of the weight.
    pub(crate) fn choose(&self, share: f64) -> Option<&Tempo> {
        let mut left = share;
        for tempo in &self.tempos {
            left -= tempo.weight;
            if left <= 0.0 {
                return Some(tempo);
            }
        }
        self.tempos.first()
    }

    /// Seconds of an item at a position, at no cost.
    pub(crate) fn seconds(&self, tempo: &Tempo, at: f64) -> f64 {
        let segment = self.begins.partition_point(|begin| *begin <= at).saturating_sub(1);
        tempo.seconds.get(segment).copied().unwrap_or(0.0)
    }
}

impl Tempo {
    /// Cost of a batch in items, and what an item adds to the time of its neighbours.
    pub(crate) fn cost(&self) -> (f64, f64) {
        (self.fixed, 1.0 / self.strain)
    }
}

fn pairs() -> impl Iterator<Item = (f64, f64, f64)> {
    FIXED.into_iter().flat_map(|fixed| {
        STRAIN.into_iter().map(move |strain| {
            let costly = if fixed > 300.0 { UNUSUAL } else { 0.0 };
            let strained = if strain.is_finite() { UNUSUAL } else { 0.0 };
            (fixed, strain, -costly - strained)
        })
    })
}

#[expect(clippy::cast_precision_loss, reason = "a count of batches")]
fn tempo(segments: &[&[Timed]], (fixed, strain, prior): (f64, f64, f64), scale: f64) -> Tempo {
    let (fixed, strain) = (fixed * scale, strain * scale);
    let of = |t: &Timed| (t.seconds / (t.items + fixed + t.items * t.items / strain)).ln();
    let middle = |s: &&[Timed]| quantile_of(s.iter().map(of), 0.5).unwrap_or(0.0);
    let middles: Vec<f64> = segments.iter().map(middle).collect();
    let far = segments.iter().zip(&middles).flat_map(|(s, m)| s.iter().map(move |t| (of(t) - m).abs()));
    let far: Vec<f64> = far.collect();
    let deviation = (far.iter().sum::<f64>() / far.len().max(1) as f64).max(0.01);
    let weight = prior - far.len() as f64 / DEPENDENT * deviation.ln();
    Tempo { weight, fixed, strain, seconds: middles.into_iter().map(f64::exp).collect() }
}

#[cfg(test)]
mod tests {
    use super::super::trace::Piece;
    use super::*;

    #[test]
    fn one_size_says_neither_that_larger_batches_are_faster_nor_that_they_are_slower() {
        let placed = |index: u32| {
            let at = 1000.0 * f64::from(index);
            let piece = Piece {
                operation: None,
                items: 1000.0,
                allowed: 1000.0,
                begin: at,
                start: 1.0,
                peak: 2.0,
                end: None,
                seconds: Some(1.0),
                cpu: None,
            };
            (Placed { at, last: false, piece }, Some(1.0))
        };
        let pace = Pace::of(&(0..12).map(placed).collect::<Vec<_>>(), true);
        assert!(!pace.told);
        // Seconds of an item at twice the size over those at the recorded one.
        let slower = |tempo: &Tempo| {
            let (cost, strain) = tempo.cost();
            let per_item = |items: f64| 1.0 + cost / items + strain * items;
            per_item(2000.0) / per_item(1000.0)
        };
        let share = |test: &dyn Fn(f64) -> bool| {
            pace.tempos.iter().filter(|t| test(slower(t))).map(|t| t.weight).sum::<f64>()
        };
        assert!(share(&|ratio| ratio > 1.0) > 0.25 && share(&|ratio| ratio < 1.0) > 0.25, "{pace:?}");
    }
}
