//! The baseline of a heap whose collections are recorded: what is left after them.
//!
//! After a collection a heap holds what is in use and the garbage that this collection did not look at
//! (a young collection leaves the old part, a concurrent one what died meanwhile). Where at least six collections looked at all of
//! the heap, what these left is the baseline. Else it is the least that is left in each of sixteen equal stretches of time, and
//! growth of that counts only where the collections of the whole heap show that at least half of it was kept: objects that live a
//! while, such as a window, a cache or a batch, grow old and die there, and look like a leak until the old part is collected.
//! A leak raises these points, in order, all through the run and to its end. The heap counts bytes in use exactly, so its slope is
//! the leak's own: nothing is taken off for what an allocator adds.
//! A heap that is full cannot grow: what follows then is left out.
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

/// Share of growth that must have outlasted a collection of the whole heap.
const KEPT: f64 = 0.5;
/// Growth that such collections must show, in MiB and as a share of the level: what matters at all.
const LEAST_MB: f64 = 8.0;
const LEAST_SHARE: f64 = 0.08;

/// What a collection left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Left {
    pub(super) at_s: f64,
    pub(super) mb: f64,
    /// Whether it looked at the young part only.
    pub(super) young: bool,
}

/// Judges what collections left, in order of time.
pub(super) fn judge(left: &[Left]) -> (Option<Baseline>, Judgement) {
    let span = left.last().map_or(0.0, |last| last.at_s) - left.first().map_or(0.0, |first| first.at_s);
    if left.len() < FEWEST_COLLECTIONS || span < SHORTEST_S {
        let words = format!(
            "{} collections over {span:.1} s; a verdict needs {FEWEST_COLLECTIONS} over {SHORTEST_S} s",
            left.len()
        );
        return (None, Judgement::inconclusive(ReasonCode::Insufficient, words));
    }
    let floors = floors(left);
    let of_floors = least(&floors, left[0].at_s, span);
    let has_young = left.iter().any(|left| left.young);
    let by_floors = has_young && of_floors.len() >= FEWEST_POINTS;
    let all: Vec<(f64, f64)> = left.iter().map(|left| (left.at_s, left.mb)).collect();
    let points = if by_floors { of_floors } else { least(&all, left[0].at_s, span) };
    let (seconds, mb): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
    let minutes: Vec<f64> = seconds.iter().map(|s| s / 60.0).collect();
    let baseline = of(&minutes, &mb, left);
    if points.len() < FEWEST_POINTS {
        let words = "collections stand in too few stretches of the run".to_owned();
        return (Some(baseline), Judgement::inconclusive(ReasonCode::Insufficient, words));
    }
    let mut judgement = judge_exact(&minutes, &mb, "what collections left");
    if has_young && !by_floors {
        judgement = confirmed(judgement, left, &floors, points[0]);
    }
    if let Judgement::Growing(fit) = &mut judgement {
        fit.to_the_end = span >= CONFIRMED_S;
    }
    (Some(baseline), judgement)
}

/// What collections of the whole heap left: the least from each to the next, since some of them give memory back bit by bit.
fn floors(left: &[Left]) -> Vec<(f64, f64)> {
    let whole: Vec<usize> = (0..left.len()).filter(|at| !left[*at].young).collect();
    let ends = whole.iter().skip(1).copied().chain([left.len()]);
    let least =
        |from: usize, to: usize| left[from..to].iter().map(|left| left.mb).fold(f64::INFINITY, f64::min);
    whole.iter().zip(ends).map(|(from, to)| (left[*from].at_s, least(*from, to))).collect()
}

/// A judgement on what young collections left too, as far as those of the whole heap bear it out. `first` is the first point past the
/// start-up.
fn confirmed(judgement: Judgement, left: &[Left], floors: &[(f64, f64)], first: (f64, f64)) -> Judgement {
    let Judgement::Growing(mut fit) = judgement else { return judgement };
    let young_only = |words: &str| {
        let words = format!(
            "what collections left rose {:.0} MiB, but {words}: it may be garbage that grew old; watch on until the whole heap has \
             been collected again, or ask for that near the end (of Java with jcmd PID GC.run)",
            fit.total_mb
        );
        Judgement::inconclusive(ReasonCode::YoungOnly, words)
    };
    let Some((at_s, kept_mb)) = floors.iter().rev().find(|(at_s, _)| *at_s > first.0).copied() else {
        return young_only("only young collections followed the start-up");
    };
    let before_mb =
        left.iter().rev().find(|left| left.at_s < at_s && left.young).map_or(kept_mb, |left| left.mb);
    let by_line_mb = fit.trend.slope * (at_s - first.0) / 60.0;
    let (rose_mb, rest_mb) = (by_line_mb.max(before_mb - first.1), kept_mb - first.1);
    if rest_mb < LEAST_MB.max(LEAST_SHARE * first.1) || rest_mb < KEPT * rose_mb {
        return young_only("the last collection of the whole heap shows too little of it");
    }
    // The rate of what is kept.
    let share = (rest_mb / rose_mb.max(f64::MIN_POSITIVE)).clamp(KEPT, 1.0);
    fit.total_mb *= share;
    (fit.growth.estimate, fit.growth.low) = (fit.growth.estimate * share, fit.growth.low * share);
    Judgement::Growing(fit)
}

/// The least of each stretch that has a collection, start-up left out.
fn least(left: &[(f64, f64)], from: f64, span: f64) -> Vec<(f64, f64)> {
    let mut points: Vec<Option<(f64, f64)>> = vec![None; STRETCHES];
    for (at, mb) in left {
        let place = ((at - from) / span * STRETCHES as f64).max(0.0) as usize;
        let point = &mut points[place.min(STRETCHES - 1)];
        if point.is_none_or(|(_, least)| *mb < least) {
            *point = Some((*at, *mb));
        }
    }
    points.into_iter().skip(START_UP).flatten().collect()
}

fn of(minutes: &[f64], mb: &[f64], left: &[Left]) -> Baseline {
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
        opening_mb: left[0].mb,
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
    fn collections(live: impl Fn(f64) -> f64) -> Vec<Left> {
        let left = |n: u32| {
            let at_s = f64::from(n) * 0.2;
            Left { at_s, mb: live(at_s) + 10.0 * f64::from(n % 5), young: !n.is_multiple_of(5) }
        };
        (0..300).map(left).collect()
    }

    fn code(left: &[Left]) -> (LeakVerdict, ReasonCode) {
        match judge(left).1 {
            Judgement::Not(verdict, reason) => (verdict, reason.code),
            Judgement::Growing(_) => (LeakVerdict::Leak, ReasonCode::Growing),
        }
    }

    fn verdict(live: impl Fn(f64) -> f64) -> LeakVerdict {
        code(&collections(live)).0
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

    /// Half a second apart for a minute, 2 MiB more each time; whole ones at these places leave 50 MiB and `kept` of the growth.
    fn few_whole(places: &[u32], kept: f64) -> Vec<Left> {
        let mut since = 0;
        let left = |n: u32| {
            let young = !places.contains(&n);
            if !young {
                since = n;
            }
            let mb = 50.0 + 2.0 * (kept * f64::from(since) + f64::from(n - since));
            Left { at_s: f64::from(n) * 0.5, mb, young }
        };
        (0..120).map(left).collect()
    }

    #[test]
    fn growth_that_only_young_collections_show_is_not_judged() {
        assert_eq!(code(&few_whole(&[], 0.0)), (LeakVerdict::Inconclusive, ReasonCode::YoungOnly));
        assert_eq!(code(&few_whole(&[3], 0.0)), (LeakVerdict::Inconclusive, ReasonCode::YoungOnly));
    }

    #[test]
    fn a_collection_of_the_whole_heap_tells_garbage_from_a_leak() {
        assert_ne!(code(&few_whole(&[60], 0.0)).0, LeakVerdict::Leak);
        assert_eq!(code(&few_whole(&[40], 0.3)), (LeakVerdict::Inconclusive, ReasonCode::YoungOnly));
        assert_eq!(code(&few_whole(&[60], 1.0)), (LeakVerdict::Leak, ReasonCode::Growing));
        let (_, judgement) = judge(&few_whole(&[60], 0.8));
        let Judgement::Growing(fit) = judgement else { panic!("a leak") };
        let seen = 4.0 * 60.0;
        assert!(fit.growth.low <= 0.9 * seen && fit.growth.estimate < seen, "{:?}", fit.growth);
    }

    #[test]
    fn few_collections_carry_no_verdict() {
        let (_, judgement) =
            judge(&[(0.0, 1.0), (20.0, 99.0)].map(|(at_s, mb)| Left { at_s, mb, young: false }));
        assert!(matches!(judgement, Judgement::Not(LeakVerdict::Inconclusive, _)));
    }
}
