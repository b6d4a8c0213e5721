//! Whether growth came to an end: all at once, slowly, or with the work.

use super::baseline::{Baseline, Basis};
use super::limits::STEPS;
use super::reason::ReasonCode;
use super::verdict::Judgement;
use crate::stats::{median, trend};

/// Steps that must hold a share of the growth, and that share.
const SPREAD: (usize, f64) = (5, 0.03);
/// Share of all growth that one step may hold.
const LARGEST_JUMP: f64 = 0.6;
/// Growth of the later half against the earlier one, below which it has slowed down.
const GOES_ON: f64 = 0.36;
/// Share of all growth in the last quarter, below which it has ended.
const ENDS_WITH: f64 = 0.08;
/// Share of the growth that is still there when the work is done.
const KEPT: f64 = 0.5;
/// Share of the baseline's rise that is, below which it was given back.
const KEPT_OF_RISE: f64 = 0.6;
/// Of troughs less, since samples seldom meet one at its lowest.
const KEPT_OF_TROUGHS: f64 = 1.0 / 3.0;
/// Share of the rise that a leak keeps: it gives nothing back, but for the last batch's own memory.
const KEPT_BY_A_LEAK: f64 = 0.9;

/// What is still there when the work is done.
struct Kept {
    grown_mb: f64,
    /// Share of the growth above the start.
    of_growth: f64,
    /// Share of the baseline's rise; `None` where it did not rise.
    of_rise: Option<f64>,
}

impl Kept {
    fn of(baseline: &Baseline) -> Option<Self> {
        let closing = baseline.closing_mb?;
        let grown_mb = baseline.latest_mb() - baseline.opening_mb;
        let rose = baseline.latest_mb() - baseline.earliest_mb();
        (grown_mb > 0.0).then(|| Self {
            grown_mb,
            of_growth: (closing - baseline.opening_mb) / grown_mb,
            of_rise: (rose > 0.0).then(|| (closing - baseline.earliest_mb()) / rose),
        })
    }

    fn words(&self) -> String {
        let of_rise = self.of_rise.map(|share| format!(", {:.0} % of the baseline's rise", share * 100.0));
        format!(
            "the end of the work kept {:.0} % of {:.0} MiB above the start{}",
            self.of_growth * 100.0,
            self.grown_mb,
            of_rise.unwrap_or_default()
        )
    }
}

/// What the job gave back when its work was done was not leaked.
pub(super) fn given_back(baseline: &Baseline) -> Option<Judgement> {
    let kept = Kept::of(baseline)?;
    let least = if baseline.basis == Basis::Troughs { KEPT_OF_TROUGHS } else { KEPT_OF_RISE };
    let little = kept.of_growth < KEPT || kept.of_rise.is_some_and(|share| share < least);
    little.then(|| Judgement::none(ReasonCode::Released, kept.words()))
}

/// Where a part was given back, results that were kept and a leak look the same.
pub(super) fn partly_given_back(baseline: &Baseline) -> Option<Judgement> {
    let kept = Kept::of(baseline).filter(|_| baseline.basis != Basis::Troughs)?;
    let partly = kept.of_rise.is_some_and(|share| share < KEPT_BY_A_LEAK);
    partly.then(|| Judgement::inconclusive(ReasonCode::Released, kept.words()))
}

/// Growth in one jump is a step, and growth that has ended is a plateau.
pub(super) fn ended(baseline: &Baseline, steps: &[f64]) -> Option<Judgement> {
    let total = steps[STEPS] - steps[0];
    let parts: Vec<f64> = steps.windows(2).map(|w| (w[1] - w[0]) / total.max(f64::MIN_POSITIVE)).collect();
    let spread = parts.iter().filter(|part| **part > SPREAD.1).count();
    let lowest = baseline.lowest_at_steps(STEPS);
    let rose = (lowest[STEPS] - lowest[0]).max(f64::MIN_POSITIVE);
    let largest = lowest.windows(2).map(|w| (w[1] - w[0]) / rose).fold(0.0, f64::max);
    let (early, late, last) = match baseline.basis {
        Basis::Envelope => (
            parts[..STEPS / 2].iter().sum(),
            parts[STEPS / 2..].iter().sum(),
            parts[STEPS - STEPS / 4..].iter().sum(),
        ),
        _ => thirds(&baseline.rss_mb),
    };
    // What begins late, though not later than half-way, has fewer parts to be spread over.
    let begins = parts.iter().position(|part| *part > SPREAD.1).unwrap_or_default().min(STEPS / 2);
    let scattered = baseline.basis == Basis::Envelope && spread * STEPS < SPREAD.0 * (STEPS - begins);
    if largest > LARGEST_JUMP {
        return Some(Judgement::none(
            ReasonCode::LevelShift,
            format!("{:.0} % of the growth lies in an eighth of the run", largest * 100.0),
        ));
    }
    (scattered || late < GOES_ON * early || last < ENDS_WITH).then(|| {
        Judgement::saturating(ReasonCode::Saturating, format!(
            "the baseline rose by {:.0} % of its growth early, {:.0} % late, {:.0} % at the end, in {spread} \
             of {STEPS} parts",
            early * 100.0,
            late * 100.0,
            last.max(0.0) * 100.0
        ))
    })
}

/// Whether the last third, held out, rises by itself and at half of the slope of what came before: growth
/// that is over by then, or slows down, does not.
pub(super) fn goes_on_to_the_end(baseline: &Baseline) -> bool {
    let cut = baseline.minutes.len() - baseline.minutes.len() / 3;
    let before = trend(&baseline.minutes[..cut], &baseline.rss_mb[..cut]);
    let held_out = trend(&baseline.minutes[cut..], &baseline.rss_mb[cut..]);
    before.zip(held_out).is_some_and(|(before, end)| end.interval.0 > 0.0 && end.slope >= KEPT * before.slope)
}

/// Growth from the first to the middle third of troughs, and from there to the last, which
/// also stands for the end: single troughs are too noisy for more.
fn thirds(troughs: &[f64]) -> (f64, f64, f64) {
    let third = troughs.len() / 3;
    let middle = |part: &[f64]| median(part).unwrap_or_default();
    let [a, b, c] = [
        middle(&troughs[..third]),
        middle(&troughs[third..troughs.len() - third]),
        middle(&troughs[troughs.len() - third..]),
    ];
    let total = (c - a).max(f64::MIN_POSITIVE);
    ((b - a) / total, (c - b) / total, (c - b) / total)
}
