//! The tests of a baseline, in turn: the first that fails is the verdict.

use super::baseline::{Baseline, Basis};
use super::limits::{CONFIRMED_S, STEPS};
use super::peaks::level_peaks;
use super::persistence::{ended, given_back, goes_on_to_the_end, partly_given_back};
use super::reason::ReasonCode;
use super::shape::{Shape, choose};
use super::slope::interval;
use super::verdict::{GrowthFit, Judgement};
use crate::series::Series;
use crate::stats::{Trend, line, robust_deviation, trend};

/// Cycles that stand in for time: a ramp with fewer must last, and a baseline with fewer is unsure.
const FEW_CYCLES: usize = 5;
/// A job whose phases come back must show so many of its cycles.
const FEWEST_RECURRENCES: usize = 4;
/// Large cycles from which a baseline shows at all, though they may be too few for a verdict.
const FEW_DEEP: usize = 3;
/// In a longer run large cycles are as many as the job has, in seconds.
const LONG_S: f64 = 60.0;
/// Time that a ramp of few cycles must last, in seconds; and a steep one, whose run shows what its end keeps or which is most of
/// what the job holds. A ramp without a fall may be one batch.
const UNBROKEN_S: (f64, f64) = (20.0, 5.0);
const BROKEN_S: (f64, f64) = (8.0, 2.5);
/// Share of the level from which it is.
const STEEP: f64 = 0.75;
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
/// A smaller rise is what an allocator rounds to, in MiB.
const CLEAR_MB: f64 = 2.0;

/// Judges a baseline by all of its tests in turn.
pub(super) fn judge(series: &Series, baseline: &Baseline, recurrences: usize) -> Judgement {
    let duration = series.duration_s();
    let (Some(trend), Some(line)) =
        (trend(&baseline.lowest.0, &baseline.lowest.1), line(&baseline.minutes, &baseline.rss_mb))
    else {
        return Judgement::inconclusive(
            ReasonCode::Insufficient,
            "too few points of the baseline".to_owned(),
        );
    };
    let steps = baseline.at_steps(STEPS);
    let total_mb = match baseline.basis {
        Basis::Envelope => steps[STEPS] - steps[0],
        _ => trend.slope * baseline.length(),
    };
    let required = required_growth(baseline, &trend, duration);
    if total_mb < required {
        return small(baseline, &trend, duration, total_mb, required);
    }
    if let Some(unclear) = too_few_deep(baseline, total_mb, duration) {
        return unclear;
    }
    if let Some(other) = given_back(baseline)
        .or_else(|| unordered(baseline, &trend))
        .or_else(|| ended(baseline, &steps))
        .or_else(|| partly_given_back(baseline))
    {
        return other;
    }
    if let Some(most) = level_peaks(series, baseline, total_mb) {
        return Judgement::saturating(
            ReasonCode::LevelPeaks,
            format!(
                "the baseline rose {total_mb:.0} MiB towards peaks that rose {most:.0} MiB at the most: a heap that \
             keeps what batches freed"
            ),
        );
    }
    let lead = match lead_of_a_line(baseline, required, duration) {
        Ok(lead) => lead,
        Err(other) => return *other,
    };
    if let Some(unclear) = too_short(baseline, total_mb, duration, recurrences) {
        return unclear;
    }
    let growth = interval(baseline, &line, &trend, &steps);
    Judgement::Growing(GrowthFit {
        line,
        trend,
        growth,
        lead,
        total_mb,
        to_the_end: goes_on_to_the_end(baseline),
        of_part: false,
    })
}

/// Where large cycles are too few to tell a trend.
fn too_few_deep(baseline: &Baseline, total_mb: f64, duration: f64) -> Option<Judgement> {
    let few = baseline.basis == Basis::Envelope
        && (FEW_DEEP..FEW_CYCLES + 1).contains(&baseline.deep)
        && duration < LONG_S;
    few.then(|| {
        Judgement::inconclusive(
            ReasonCode::FewCycles,
            format!(
                "the baseline rose {total_mb:.0} MiB, but {} large cycles are too few to tell a trend: watch {} more",
                baseline.deep,
                FEW_CYCLES + 1 - baseline.deep
            ),
        )
    })
}

/// By how much a line fits the baseline better than the best other course, in BIC; the verdict where another one fits better.
fn lead_of_a_line(baseline: &Baseline, required: f64, duration: f64) -> Result<f64, Box<Judgement>> {
    let place: Vec<f64> =
        baseline.minutes.iter().map(|m| (m - baseline.minutes[0]) / baseline.length()).collect();
    let choice = choose(&place, &baseline.rss_mb, required / 2.0);
    if let Some(choice) = choice.filter(|choice| choice.shape == Shape::Flat && choice.lead <= -STEPS_WIN) {
        return Err(Box::new(Judgement::none(
            ReasonCode::LevelShift,
            format!("a level with steps fits the baseline better (BIC {:.1})", -choice.lead),
        )));
    }
    let lead = choice.map_or(0.0, |choice| match choice.shape {
        Shape::Flat => choice.lead.max(0.0),
        _ => choice.lead,
    });
    let wins = if duration >= CONFIRMED_S { SATURATES.0 } else { SATURATES.1 };
    if lead <= -wins {
        return Err(Box::new(Judgement::saturating(
            ReasonCode::Saturating,
            format!("a curve that slows down fits the baseline better (BIC {:.1})", -lead),
        )));
    }
    Ok(lead)
}

/// Where growth did not last long enough, or did not come back often enough, to tell it from work.
fn too_short(baseline: &Baseline, total_mb: f64, duration: f64, recurrences: usize) -> Option<Judgement> {
    let end_is_seen = baseline.closing_mb.is_some() || baseline.left_out.is_some();
    let (usual_s, steep_s) = if baseline.cycles > 0 { BROKEN_S } else { UNBROKEN_S };
    let lasting_s = if end_is_seen || total_mb >= STEEP * baseline.level_mb { steep_s } else { usual_s };
    if baseline.basis == Basis::Envelope
        && baseline.cycles.max(baseline.recorded) < FEW_CYCLES
        && duration < lasting_s
    {
        return Some(Judgement::inconclusive(
            ReasonCode::Ramp,
            format!(
                "{duration:.1} s of growth in {} cycles may be one batch, or loading: watch {:.0} s more",
                baseline.cycles,
                (lasting_s - duration).ceil()
            ),
        ));
    }
    if (2..FEWEST_RECURRENCES).contains(&recurrences) {
        return Some(Judgement::inconclusive(
            ReasonCode::FewCycles,
            format!(
                "the job's phases came back {recurrences} times only, and growth with each of them may be its work: watch {} more",
                FEWEST_RECURRENCES - recurrences
            ),
        ));
    }
    None
}

/// Growth below what matters: none, or in a long run with a clear trend a matter of time.
fn small(baseline: &Baseline, trend: &Trend, duration: f64, total_mb: f64, required: f64) -> Judgement {
    if !is_clear(baseline, trend, duration) {
        return Judgement::none(
            ReasonCode::Small,
            format!("the baseline rose {:.0} MiB, {required:.0} are needed to matter", total_mb.max(0.0)),
        );
    }
    let hours = (required / trend.slope - baseline.length()) / 60.0;
    Judgement::inconclusive(
        ReasonCode::Small,
        format!(
            "the baseline rises clearly, {total_mb:.1} MiB so far, and {required:.0} are needed to matter: watch {hours:.1} \
             more hours"
        ),
    )
}

/// Whether a small trend is clear: in a long run, in order, and more than rounding.
fn is_clear(baseline: &Baseline, trend: &Trend, duration: f64) -> bool {
    let rises = trend.tau >= ORDERED && trend.p_rising < P_RISING && trend.interval.0 > 0.0;
    let risen = trend.slope * baseline.length();
    baseline.basis != Basis::Envelope && duration >= CONFIRMED_S && rises && risen >= CLEAR_MB
}

/// Troughs that rise are a leak's; troughs that rise and fall are not.
fn unordered(baseline: &Baseline, trend: &Trend) -> Option<Judgement> {
    if baseline.basis == Basis::Envelope {
        return None;
    }
    (trend.tau < ORDERED || trend.p_rising >= P_RISING || trend.interval.0 <= 0.0).then(|| {
        Judgement::none(
            ReasonCode::NoTrend,
            format!(
                "{} troughs rise and fall (tau {:.2}, p = {:.3})",
                baseline.lowest.1.len(),
                trend.tau,
                trend.p_rising
            ),
        )
    })
}

fn required_growth(baseline: &Baseline, trend: &Trend, duration: f64) -> f64 {
    let share = if duration >= CONFIRMED_S { LEAST_SHARE.1 } else { LEAST_SHARE.0 };
    let noise = match baseline.basis {
        // The envelope only rises: what is left of a line is its steps, not noise.
        Basis::Envelope => 0.0,
        _ => {
            let detrended: Vec<f64> = baseline
                .lowest
                .0
                .iter()
                .zip(&baseline.lowest.1)
                .map(|(m, rss)| rss - trend.slope * m)
                .collect();
            robust_deviation(&detrended).unwrap_or_default()
        }
    };
    LEAST_GROWTH_MB.max(share * baseline.level_mb).max(LEAST_DEVIATIONS * noise)
}
