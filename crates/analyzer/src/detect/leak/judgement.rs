//! The tests of a floor, in turn: the first that fails is the verdict.

use super::ending::{ended, given_back, goes_on_to_the_end};
use super::floor::{Floor, Source};
use super::peaks::level_peaks;
use super::report::{Growth, LeakVerdict};
use super::shape::{Shape, choose};
use super::slope::interval;
use super::{CONFIRMED_S, STEPS};
use crate::series::Series;
use crate::stats::{Line, Trend, line, robust_deviation, trend};

/// Cycles that stand in for time: a ramp with fewer must last, and a floor with fewer is unsure.
const FEW_CYCLES: usize = 5;
/// A job whose stages come back must show so many of its cycles.
const FEWEST_RECURRENCES: usize = 4;
/// Large cycles from which a floor shows at all, though they may be too few for a verdict.
const FEW_DEEP: usize = 3;
/// In a longer run large cycles are as many as the job has, in seconds.
const LONG_S: f64 = 60.0;
/// Time that a ramp without cycles must last in a run that shows what its end keeps, in
/// seconds; without that sight it must last as long as a long run.
const LASTING_S: f64 = 10.0;
/// Lead in BIC by which a saturating curve wins: positive evidence in a run long enough to be
/// sure, very strong in a shorter one, where adaptive batch sizes bend a true leak.
const SATURATES: (f64, f64) = (2.0, 10.0);
/// Lead in BIC by which a level with steps wins: very strong evidence, since a heap that
/// takes memory in large pieces climbs a leak in steps too.
const STEPS_WIN: f64 = 10.0;
/// Chance of a false alarm of the trend test.
const P_RISING: f64 = 0.01;
/// How ordered troughs must be: of ten pairs at least eight and a half rise.
const ORDERED: f64 = 0.7;
/// Growth that matters: in MiB, as a share of the median in short and long runs, in deviations
/// of the noise.
const LEAST_GROWTH_MB: f64 = 25.0;
const LEAST_SHARE: (f64, f64) = (0.08, 0.05);
const LEAST_DEVIATIONS: f64 = 3.0;

/// Growth without an end in sight, as fitted.
pub(super) struct Growing {
    pub(super) line: Line,
    pub(super) trend: Trend,
    pub(super) growth: Growth,
    pub(super) lead: f64,
    pub(super) total_mb: f64,
    /// Whether its last third goes on by itself.
    pub(super) to_the_end: bool,
}

/// What the floor says.
pub(super) enum Judgement {
    Not(LeakVerdict, String),
    Growing(Growing),
}

impl Judgement {
    pub(super) fn none(reason: String) -> Self {
        Self::Not(LeakVerdict::None, reason)
    }

    pub(super) fn inconclusive(reason: String) -> Self {
        Self::Not(LeakVerdict::Inconclusive, reason)
    }

    pub(super) fn saturating(reason: String) -> Self {
        Self::Not(LeakVerdict::Saturating, reason)
    }
}

/// Judges a floor by all of its tests in turn.
pub(super) fn judge(series: &Series, floor: &Floor, recurrences: usize) -> Judgement {
    let duration = series.duration_s();
    let (Some(trend), Some(line)) =
        (trend(&floor.lowest.0, &floor.lowest.1), line(&floor.minutes, &floor.rss_mb))
    else {
        return Judgement::inconclusive("insufficient: too few points of the floor".to_owned());
    };
    let steps = floor.at_steps(STEPS);
    let total_mb = match floor.source {
        Source::Troughs => trend.slope * floor.length(),
        Source::Envelope => steps[STEPS] - steps[0],
    };
    let required = required_growth(floor, &trend, duration);
    if total_mb < required {
        return Judgement::none(format!(
            "small: the floor rose {:.0} MiB, {required:.0} are needed to matter",
            total_mb.max(0.0)
        ));
    }
    if floor.source == Source::Envelope
        && (FEW_DEEP..FEW_CYCLES + 1).contains(&floor.deep)
        && duration < LONG_S
    {
        return Judgement::inconclusive(format!(
            "few_cycles: the floor rose {total_mb:.0} MiB, but {} large cycles are too few to tell a trend",
            floor.deep
        ));
    }
    if let Some(other) =
        given_back(floor).or_else(|| unordered(floor, &trend)).or_else(|| ended(floor, &steps))
    {
        return other;
    }
    if let Some(most) = level_peaks(series, floor, total_mb) {
        return Judgement::saturating(format!(
            "level_peaks: the floor rose {total_mb:.0} MiB towards peaks that rose {most:.0} MiB at the most: a heap that \
             keeps what batches freed"
        ));
    }
    let place: Vec<f64> = floor.minutes.iter().map(|m| (m - floor.minutes[0]) / floor.length()).collect();
    let choice = choose(&place, &floor.rss_mb, required / 2.0);
    if let Some(choice) = choice.filter(|choice| choice.shape == Shape::Flat && choice.lead <= -STEPS_WIN) {
        return Judgement::none(format!(
            "level_shift: a level with steps fits the floor better (BIC {:.1})",
            -choice.lead
        ));
    }
    let lead = choice.map_or(0.0, |choice| match choice.shape {
        Shape::Flat => choice.lead.max(0.0),
        _ => choice.lead,
    });
    let wins = if duration >= CONFIRMED_S { SATURATES.0 } else { SATURATES.1 };
    if lead <= -wins {
        return Judgement::saturating(format!(
            "saturating: a curve that slows down fits the floor better (BIC {:.1})",
            -lead
        ));
    }
    let lasting = if floor.closing_mb.is_some() { LASTING_S } else { LONG_S };
    if floor.source == Source::Envelope && floor.cycles.max(floor.recorded) < FEW_CYCLES && duration < lasting
    {
        return Judgement::inconclusive(format!(
            "ramp: {duration:.1} s of growth in {} cycles may be one batch, or loading",
            floor.cycles
        ));
    }
    if (2..FEWEST_RECURRENCES).contains(&recurrences) {
        return Judgement::inconclusive(format!(
            "few_cycles: the job's stages came back {recurrences} times only: growth with each of them may be its work"
        ));
    }
    let growth = interval(floor, &line, &trend, &steps);
    Judgement::Growing(Growing { line, trend, growth, lead, total_mb, to_the_end: goes_on_to_the_end(floor) })
}

/// Troughs that rise are a leak's; troughs that rise and fall are not.
fn unordered(floor: &Floor, trend: &Trend) -> Option<Judgement> {
    if floor.source == Source::Envelope {
        return None;
    }
    (trend.tau < ORDERED || trend.p_rising >= P_RISING || trend.interval.0 <= 0.0).then(|| {
        Judgement::none(format!(
            "no_trend: {} troughs rise and fall (tau {:.2}, p = {:.3})",
            floor.lowest.1.len(),
            trend.tau,
            trend.p_rising
        ))
    })
}

fn required_growth(floor: &Floor, trend: &Trend, duration: f64) -> f64 {
    let share = if duration >= CONFIRMED_S { LEAST_SHARE.1 } else { LEAST_SHARE.0 };
    let noise = match floor.source {
        // The envelope only rises: what is left of a line is its steps, not noise.
        Source::Envelope => 0.0,
        Source::Troughs => {
            let detrended: Vec<f64> =
                floor.lowest.0.iter().zip(&floor.lowest.1).map(|(m, rss)| rss - trend.slope * m).collect();
            robust_deviation(&detrended).unwrap_or_default()
        }
    };
    LEAST_GROWTH_MB.max(share * floor.level_mb).max(LEAST_DEVIATIONS * noise)
}
