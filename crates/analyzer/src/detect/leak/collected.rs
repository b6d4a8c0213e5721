//! The baseline of a heap whose collections are recorded: what is left after them.
//!
//! After a collection a heap holds what is in use and the garbage that this collection did not look at
//! (a young collection leaves the old part, a concurrent one what died meanwhile). The least that is left in
//! each of sixteen equal stretches of time holds little of that. A leak raises these
//! points, in order, all through the run and to its end. The heap counts bytes in use exactly, so its slope is
//! the leak's own: nothing is taken off for what an allocator adds.
//! Limits: start-up fills the first eighth of the run and is left out; under ten collections or two and a half seconds
//! there is no verdict. The constants were chosen on our own logs in fixtures/foreign and judged on others.

use super::baseline::{Baseline, Basis};
use super::exact::judge_exact;
use super::limits::{CONFIRMED_S, SHORTEST_S};
use super::reason::ReasonCode;
use super::verdict::Judgement;
use crate::stats::median;

/// Stretches of time of which the least is taken.
const STRETCHES: usize = 16;
/// Stretches at the start in which a job loads what it works on.
const START_UP: usize = 2;
/// Fewer collections carry no verdict.
const FEWEST_COLLECTIONS: usize = 10;
/// Fewer points carry no trend.
const FEWEST_POINTS: usize = 6;

/// The points after collections: seconds, and MiB that were left.
pub(super) fn judge(left: &[(f64, f64)]) -> (Option<Baseline>, Judgement) {
    let span = left.last().map_or(0.0, |last| last.0) - left.first().map_or(0.0, |first| first.0);
    if left.len() < FEWEST_COLLECTIONS || span < SHORTEST_S {
        let words = format!(
            "{} collections over {span:.1} s; a verdict needs {FEWEST_COLLECTIONS} over {SHORTEST_S} s",
            left.len()
        );
        return (None, Judgement::inconclusive(ReasonCode::Insufficient, words));
    }
    let points = least(left, span);
    let (seconds, mb): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
    let minutes: Vec<f64> = seconds.iter().map(|s| s / 60.0).collect();
    let baseline = of(&minutes, &mb, left);
    if points.len() < FEWEST_POINTS {
        let words = "collections stand in too few stretches of the run".to_owned();
        return (Some(baseline), Judgement::inconclusive(ReasonCode::Insufficient, words));
    }
    let mut judgement = judge_exact(&minutes, &mb, "what collections left");
    if let Judgement::Growing(fit) = &mut judgement {
        fit.to_the_end = span >= CONFIRMED_S;
    }
    (Some(baseline), judgement)
}

/// The least of each stretch that has a collection, start-up left out.
fn least(left: &[(f64, f64)], span: f64) -> Vec<(f64, f64)> {
    let mut points: Vec<Option<(f64, f64)>> = vec![None; STRETCHES];
    for (at, mb) in left {
        let place = ((at - left[0].0) / span * STRETCHES as f64).max(0.0) as usize;
        let point = &mut points[place.min(STRETCHES - 1)];
        if point.is_none_or(|(_, least)| *mb < least) {
            *point = Some((*at, *mb));
        }
    }
    points.into_iter().skip(START_UP).flatten().collect()
}

fn of(minutes: &[f64], mb: &[f64], left: &[(f64, f64)]) -> Baseline {
    let range =
        mb.iter().copied().fold((f64::INFINITY, 0.0_f64), |(low, high), mb| (low.min(mb), high.max(mb)));
    Baseline {
        minutes: minutes.to_vec(),
        rss_mb: mb.to_vec(),
        basis: Basis::AfterCollections,
        recorded: left.len(),
        lowest: (minutes.to_vec(), mb.to_vec()),
        cycles: left.len(),
        deep: left.len(),
        opening_mb: left[0].1,
        closing_mb: None,
        left_out: None,
        level_mb: median(mb).unwrap_or_default(),
        range_mb: range.1 - range.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::LeakVerdict;

    /// A collection every 0.2 s for a minute; every fifth looks at all of the heap, others leave up to 40 MiB.
    fn collections(live: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
        let left = |n: u32| {
            let at = f64::from(n) * 0.2;
            (at, live(at) + 10.0 * f64::from(n % 5))
        };
        (0..300).map(left).collect()
    }

    fn verdict(live: impl Fn(f64) -> f64) -> LeakVerdict {
        match judge(&collections(live)).1 {
            Judgement::Not(verdict, _) => verdict,
            Judgement::Growing(_) => LeakVerdict::Leak,
        }
    }

    #[test]
    fn a_planted_rate_is_found() {
        let (_, judgement) = judge(&collections(|at| 50.0 + 2.0 * at));
        let Judgement::Growing(fit) = judgement else { panic!("a leak") };
        assert!((fit.growth.estimate / 120.0 - 1.0).abs() < 0.05, "{:?}", fit.growth);
    }

    #[test]
    fn steady_filling_and_slowing_heaps_are_no_leaks() {
        assert_eq!(verdict(|_| 50.0), LeakVerdict::None);
        assert_eq!(verdict(|at| (20.0 * at).min(80.0)), LeakVerdict::None);
        assert_eq!(verdict(|at| 100.0 * (1.0 - (-at / 8.0).exp())), LeakVerdict::Saturating);
        assert_eq!(verdict(|at| 50.0 + 20.0 * (at / 5.0).sin()), LeakVerdict::None);
    }

    #[test]
    fn few_collections_carry_no_verdict() {
        let (_, judgement) = judge(&[(0.0, 1.0), (20.0, 99.0)]);
        assert!(matches!(judgement, Judgement::Not(LeakVerdict::Inconclusive, _)));
    }
}
