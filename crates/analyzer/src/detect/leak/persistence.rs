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
/// Share of the baseline's rise that is: nearly all of it, but of troughs less, since samples seldom meet one at its lowest.
const KEPT_OF_RISE: f64 = 0.9;
const KEPT_OF_TROUGHS: f64 = 1.0 / 3.0;

/// What the job gave back when its work was done was not leaked.
pub(super) fn given_back(baseline: &Baseline) -> Option<Judgement> {
    let closing = baseline.closing_mb?;
    let grown = baseline.latest_mb() - baseline.opening_mb;
    let kept = (closing - baseline.opening_mb) / grown;
    let rose = baseline.latest_mb() - baseline.earliest_mb();
    let kept_of_rise = (closing - baseline.earliest_mb()) / rose;
    let least = if baseline.basis == Basis::Troughs { KEPT_OF_TROUGHS } else { KEPT_OF_RISE };
    (grown > 0.0 && (kept < KEPT || (rose > 0.0 && kept_of_rise < least))).then(|| {
        Judgement::none(ReasonCode::Released, format!(
            "the end of the work kept {:.0} % of {grown:.0} MiB above the start, {:.0} % of the baseline's rise",
            kept * 100.0,
            kept_of_rise * 100.0
        ))
    })
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
