//! How often units that run at once pass the limit, as a share of the draws.

/// More at once are not tried.
pub(super) const MOST: usize = 1000;
/// Draws, unless the risk needs more.
const DRAWS: usize = 2000;
/// Draws that pass the limit at the risk: fewer would leave it to luck.
const PASSING: f64 = 20.0;
const MOST_DRAWS: usize = 40_000;

/// Draws that a risk needs.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count that is bounded")]
pub(super) fn draws(risk: f64) -> usize {
    ((PASSING / risk.max(1e-6)) as usize).clamp(DRAWS, MOST_DRAWS)
}

/// How often a limit was passed at each count.
pub(super) struct Passing {
    /// By how many fit, in how many draws that was so.
    fitting: Vec<usize>,
    draws: usize,
}

impl Passing {
    pub(super) fn new(rounds: &[usize]) -> Self {
        let mut fitting = vec![0; rounds.iter().max().map_or(1, |most| most + 1)];
        rounds.iter().for_each(|fit| fitting[*fit] += 1);
        Self { fitting, draws: rounds.len().max(1) }
    }

    /// The share of draws that exceed the limit with this many.
    #[expect(clippy::cast_precision_loss, reason = "counts")]
    pub(super) fn at(&self, count: usize) -> f64 {
        self.fitting.iter().take(count).sum::<usize>() as f64 / self.draws as f64
    }

    /// The largest count at which no more than this share passes.
    pub(super) fn largest(&self, risk: f64) -> usize {
        (1..=self.fitting.len()).take_while(|count| self.at(*count) <= risk).last().unwrap_or(0).min(MOST)
    }

    /// The smallest count at which every draw passes, or the most that was tried.
    pub(super) fn certain(&self) -> usize {
        self.fitting.len().min(MOST)
    }
}
