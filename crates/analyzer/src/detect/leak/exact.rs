//! The tests of a baseline that counts bytes in use: what collections left, or live bytes after batches.
//!
//! Such points have no noise of an allocator in them, so few of them carry a verdict: they must rise by what matters, in order
//! (Kendall's tau and the Mann–Kendall test), and go on rising in their later half.

use super::reason::ReasonCode;
use super::report::Growth;
use super::verdict::{GrowthFit, Judgement};
use crate::stats::{line, median, trend};

/// Growth that matters, in MiB and as a share of the level.
const LEAST_MB: f64 = 8.0;
const LEAST_SHARE: f64 = 0.08;
/// How ordered the points must be, and the chance of a false alarm.
const ORDERED: f64 = 0.7;
const P_RISING: f64 = 0.01;
/// Growth of the later half against all of it per time, below which it has slowed down.
const GOES_ON: f64 = 0.35;
/// The same of the last third, where it has enough points: below, it has ended.
const ENDS_WITH: f64 = 0.2;
const FEWEST_LAST: usize = 3;
/// Share of all growth that may lie between two neighbours: more is a step.
const LARGEST_JUMP: f64 = 0.6;

/// Judges points by minutes and MiB; `what` they are begins the words of the reason.
pub(super) fn judge_exact(minutes: &[f64], mb: &[f64], what: &str) -> Judgement {
    let (Some(fit), Some(level)) = (fit(minutes, mb), median(mb)) else {
        return Judgement::inconclusive(
            ReasonCode::Insufficient,
            "too few points of the baseline".to_owned(),
        );
    };
    let (course, required) = (fit.trend, LEAST_MB.max(LEAST_SHARE * level));
    if fit.total_mb < required {
        let risen_mb = fit.total_mb.max(0.0);
        let words = format!("{what} rose {risen_mb:.0} MiB, {required:.0} are needed to matter");
        Judgement::none(ReasonCode::Small, words)
    } else if course.tau < ORDERED || course.p_rising >= P_RISING || course.interval.0 <= 0.0 {
        let words = format!("{what} rises and falls (tau {:.2}, p = {:.3})", course.tau, course.p_rising);
        Judgement::none(ReasonCode::NoTrend, words)
    } else if largest_jump(mb) > LARGEST_JUMP {
        let words = format!("{:.0} % of the growth of {what} came at once", largest_jump(mb) * 100.0);
        Judgement::none(ReasonCode::LevelShift, words)
    } else if slows_down(minutes, mb, course.slope) {
        Judgement::saturating(ReasonCode::Saturating, format!("{what} rose early, and slows down"))
    } else {
        Judgement::Growing(fit)
    }
}

/// A line through points and the growth that it is.
pub(super) fn fit(minutes: &[f64], mb: &[f64]) -> Option<GrowthFit> {
    let (trend, line) = (trend(minutes, mb)?, line(minutes, mb)?);
    Some(GrowthFit {
        line,
        trend,
        growth: Growth { estimate: trend.slope, low: trend.interval.0, high: trend.interval.1 },
        lead: 0.0,
        total_mb: trend.slope * (minutes.last()? - minutes.first()?),
        to_the_end: false,
        of_part: false,
    })
}

/// Whether the later half grows much slower than the whole, or the last third hardly.
fn slows_down(minutes: &[f64], mb: &[f64], slope: f64) -> bool {
    let n = minutes.len();
    let slope_from = |first: usize| line(&minutes[first..], &mb[first..]).map_or(0.0, |line| line.slope);
    slope_from(n / 2) < GOES_ON * slope || (n / 3 >= FEWEST_LAST && slope_from(n - n / 3) < ENDS_WITH * slope)
}

/// The largest rise from one point to the next, as a share of the range.
fn largest_jump(mb: &[f64]) -> f64 {
    let (low, high) =
        mb.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), mb| (low.min(*mb), high.max(*mb)));
    mb.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max) / (high - low).max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The code of so many points a minute apart.
    fn code(points: &[f64]) -> ReasonCode {
        let minutes: Vec<f64> = (0..points.len()).map(|i| i as f64).collect();
        match judge_exact(&minutes, points, "points") {
            Judgement::Growing(_) => ReasonCode::Growing,
            Judgement::Not(_, reason) => reason.code,
        }
    }

    #[test]
    fn five_points_in_order_are_a_leak_and_four_are_too_few() {
        assert_eq!(code(&[10.0, 20.0, 31.0, 39.0, 50.0]), ReasonCode::Growing);
        assert_eq!(code(&[10.0, 20.0, 31.0, 39.0]), ReasonCode::NoTrend);
        assert_eq!(code(&[10.0, 11.0, 12.0, 13.0, 14.0]), ReasonCode::Small);
    }

    #[test]
    fn a_step_is_no_leak_wherever_it_is() {
        for at in [4, 12, 20, 34, 38] {
            let step = |i: i32| if i < at { 5.0 } else { 100.0 } + 0.01 * f64::from(i);
            assert_ne!(code(&(0..40).map(step).collect::<Vec<_>>()), ReasonCode::Growing, "{at}");
        }
    }

    #[test]
    fn what_fills_to_a_bound_saturates() {
        let cache: Vec<f64> = (0..24).map(|i| 50.0 + 100.0 * (f64::from(i) / 15.0).min(1.0)).collect();
        assert_eq!(code(&cache), ReasonCode::Saturating);
    }
}
