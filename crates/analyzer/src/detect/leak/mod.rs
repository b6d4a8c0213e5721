//! Memory that grows without an end in sight.
//!
//! Idea: take the floor of the trace (what is left between batches), ask which shape it has,
//! and only where it goes on growing fit a line through it. A leak needs all of: the growing
//! shapes ahead by BIC; a rising Mann–Kendall test at 1 % and a Theil–Sen slope whose
//! interval excludes 0; growth of at least 50 MiB, 5 % of the median and three noise
//! deviations; growth that is spread over the run and not one jump. The slope reported is
//! linfa's least squares on the floor; its interval is the hull of the t interval (degrees of
//! freedom deflated by the residuals' autocorrelation) and the Theil–Sen one, 2 % wider.
//! Limits: it is growth of RSS, which can be several times what the program leaks, and a
//! start-up that is still going on looks the same; runs under five minutes are therefore at
//! most suspected, and runs under a minute are inconclusive unless the lead is very strong.

mod floor;
mod shape;

use std::collections::BTreeMap;

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

use self::floor::{Floor, floor};
use self::shape::{Shape, choose};
use super::{Context, Evidence, Finding, FindingKind, Severity};
use crate::series::Series;
use crate::stats::{Line, Trend, autocorrelation, line, median, robust_deviation, trend};

/// Fewer snapshots carry no verdict.
const FEWEST_SAMPLES: usize = 30;
/// A shorter run carries no verdict, in seconds.
const SHORTEST_S: f64 = 10.0;
/// In a shorter run only very strong evidence counts, and nothing is called clean, in seconds.
const SHORT_S: f64 = 60.0;
/// Lead in BIC that counts as very strong evidence (Kass and Raftery).
const VERY_STRONG_LEAD: f64 = 10.0;
/// A shorter run can only make a leak suspected, in seconds.
const CONFIRMED_S: f64 = 300.0;
/// Lead in BIC that counts as strong evidence (Kass and Raftery).
const STRONG_LEAD: f64 = 6.0;
/// Chance of a false alarm of the trend test.
const P_RISING: f64 = 0.01;
/// Growth that matters: in MiB, as a share of the median, in deviations of the noise.
const LEAST_GROWTH: (f64, f64, f64) = (50.0, 0.05, 3.0);
/// Share of all growth that one sixth of the run may hold.
const LARGEST_JUMP: f64 = 0.6;

/// What is known about a leak.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeakReport {
    /// The verdict.
    pub verdict: LeakVerdict,
    /// How sure a leak is.
    pub tier: Option<LeakTier>,
    /// Growth of the floor, where there is growth.
    pub slope_mb_per_min: Option<Growth>,
    /// Time until the limit at this growth, where the limit is known and growth is sure.
    pub hours_to_limit: Option<Growth>,
    /// Why, as a code and words.
    pub reason: String,
}

/// Whether memory leaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LeakVerdict {
    /// It grows without an end in sight.
    Leak,
    /// It grew, and the growth ends or slows down.
    Saturating,
    /// It does not grow.
    None,
    /// The data cannot say.
    Inconclusive,
}

/// How sure a leak is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LeakTier {
    /// Every test is clear.
    Confirmed,
    /// It looks like one, in a short run or by a narrow lead.
    Suspected,
}

impl LeakTier {
    /// The word in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Suspected => "suspected",
        }
    }
}

/// An estimate with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Growth {
    /// The estimate.
    pub estimate: f64,
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

impl LeakReport {
    fn without_growth(verdict: LeakVerdict, reason: String) -> Self {
        Self { verdict, tier: None, slope_mb_per_min: None, hours_to_limit: None, reason }
    }
}

pub(super) fn detect(series: &Series, context: &Context) -> (LeakReport, Option<Finding>) {
    let duration = series.duration_s();
    if series.len() < FEWEST_SAMPLES || duration < SHORTEST_S {
        let reason = format!(
            "insufficient: {} snapshots over {duration:.1} s; a verdict needs {FEWEST_SAMPLES} over {SHORTEST_S:.0} s",
            series.len()
        );
        return (LeakReport::without_growth(LeakVerdict::Inconclusive, reason), None);
    }
    let floor = floor(series);
    match judge(&floor) {
        Judgement::Growing(growing) if duration >= SHORT_S || growing.lead >= VERY_STRONG_LEAD => {
            report(series, context, &floor, &growing)
        }
        other if duration < SHORT_S => {
            let seen = match other {
                Judgement::Not(_, reason) => reason,
                Judgement::Growing(growing) => format!("growing, by a BIC lead of {:.1}", growing.lead),
            };
            let reason =
                format!("short: {duration:.0} s carry no verdict but a very clear leak; seen: {seen}");
            (LeakReport::without_growth(LeakVerdict::Inconclusive, reason), None)
        }
        Judgement::Not(verdict, reason) => (LeakReport::without_growth(verdict, reason), None),
        Judgement::Growing(growing) => report(series, context, &floor, &growing),
    }
}

struct Growing {
    line: Line,
    trend: Trend,
    growth: Growth,
    lead: f64,
    total_mb: f64,
}

enum Judgement {
    Not(LeakVerdict, String),
    Growing(Growing),
}

fn judge(floor: &Floor) -> Judgement {
    let none = |reason: String| Judgement::Not(LeakVerdict::None, reason);
    let (Some(first), Some(last)) = (floor.minutes.first(), floor.minutes.last()) else {
        return Judgement::Not(LeakVerdict::Inconclusive, "insufficient: no floor".to_owned());
    };
    let length = last - first;
    let place: Vec<f64> = floor.minutes.iter().map(|m| (m - first) / length.max(f64::MIN_POSITIVE)).collect();
    let few =
        || Judgement::Not(LeakVerdict::Inconclusive, "insufficient: too few points of the floor".to_owned());
    let Some(trend) = trend(&floor.minutes, &floor.rss_mb) else { return few() };
    let total_mb = trend.slope * length;
    let required = required_growth(floor, &trend);
    let Some(choice) = choose(&place, &floor.rss_mb, required / 2.0) else { return few() };
    match choice.shape {
        Shape::Flat => return none("flat: the floor is level, or level with steps".to_owned()),
        Shape::Saturating if total_mb < required => {
            return none("flat: what growth there is stays in the noise".to_owned());
        }
        Shape::Saturating => {
            let reason = format!(
                "saturating: a curve that slows down fits the floor better (BIC {:.1})",
                -choice.lead
            );
            return Judgement::Not(LeakVerdict::Saturating, reason);
        }
        Shape::Growing => {}
    }
    if trend.p_rising >= P_RISING || trend.interval.0 <= 0.0 {
        return none(format!("no_trend: p = {:.3} for a rising floor", trend.p_rising));
    }
    if total_mb < required {
        return none(format!("small: {total_mb:.0} MiB of growth, {required:.0} are needed to matter"));
    }
    if let Some(share) = jump(&floor.rss_mb).filter(|share| *share > LARGEST_JUMP) {
        return none(format!("level_shift: {:.0} % of the growth lies in a sixth of the run", share * 100.0));
    }
    let Some(line) = line(&floor.minutes, &floor.rss_mb) else {
        return Judgement::Not(
            LeakVerdict::Inconclusive,
            "insufficient: no line through the floor".to_owned(),
        );
    };
    let growth = interval(&line, &trend);
    Judgement::Growing(Growing { line, trend, growth, lead: choice.lead, total_mb })
}

fn required_growth(floor: &Floor, trend: &Trend) -> f64 {
    let detrended: Vec<f64> =
        floor.minutes.iter().zip(&floor.rss_mb).map(|(m, rss)| rss - trend.slope * m).collect();
    let noise = robust_deviation(&detrended).unwrap_or_default();
    let level = median(&floor.rss_mb).unwrap_or_default();
    LEAST_GROWTH.0.max(LEAST_GROWTH.1 * level).max(LEAST_GROWTH.2 * noise)
}

/// The largest share of all upward movement that lies between two neighbours of six blocks.
fn jump(floor: &[f64]) -> Option<f64> {
    let blocks: Vec<f64> = floor.chunks(floor.len().div_ceil(6).max(1)).filter_map(median).collect();
    let rises: Vec<f64> = blocks.windows(2).map(|w| (w[1] - w[0]).max(0.0)).collect();
    let total: f64 = rises.iter().sum();
    (total > 0.0).then(|| rises.iter().copied().fold(0.0, f64::max) / total)
}

/// The slope with the hull of two 95 % intervals, 2 % wider.
#[expect(clippy::cast_precision_loss, reason = "at most 40 points")]
fn interval(line: &Line, trend: &Trend) -> Growth {
    let n = line.residuals.len() as f64;
    let phi = autocorrelation(&line.residuals, 1).clamp(0.0, 0.95);
    let effective = (n * (1.0 - phi) / (1.0 + phi)).max(4.0);
    let quantile = StudentsT::new(0.0, 1.0, effective - 2.0).map_or(1.96, |t| t.inverse_cdf(0.975));
    let half = quantile * line.slope_error * (n / effective).sqrt();
    let wider = 0.02 * line.slope.abs();
    Growth {
        estimate: line.slope,
        low: (line.slope - half).min(trend.interval.0) - wider,
        high: (line.slope + half).max(trend.interval.1) + wider,
    }
}

fn report(
    series: &Series,
    context: &Context,
    floor: &Floor,
    growing: &Growing,
) -> (LeakReport, Option<Finding>) {
    let growth = growing.growth;
    let confirmed = growing.lead >= STRONG_LEAD && series.duration_s() >= CONFIRMED_S && growth.low > 0.0;
    let tier = if confirmed { LeakTier::Confirmed } else { LeakTier::Suspected };
    let hours = hours_to_limit(context, floor, growing);
    let source = if floor.after_collections { "after forced collections" } else { "of the trace" };
    let reason = format!(
        "growing: the floor {source} rose {:.0} MiB, BIC lead {:.1}, p = {:.1e}{}",
        growing.total_mb,
        growing.lead,
        growing.trend.p_rising,
        if series.duration_s() < CONFIRMED_S { "; the run is shorter than 5 minutes" } else { "" }
    );
    let finding = Finding {
        kind: FindingKind::MemoryLeak,
        severity: severity(confirmed, hours),
        confidence: if confirmed { 0.9 } else { 0.6 },
        evidence: Evidence {
            rule: "memory_leak.floor_trend",
            window_s: (floor.minutes[0] * 60.0, floor.minutes[floor.minutes.len() - 1] * 60.0),
            samples: series.len(),
            statistic: "growth of the floor in MiB a minute",
            value: growth.estimate,
            interval: Some((growth.low, growth.high)),
            details: BTreeMap::from([
                ("growth_mb", growing.total_mb),
                ("bic_lead", growing.lead),
                ("p_rising", growing.trend.p_rising),
                ("theil_sen_mb_per_min", growing.trend.slope),
                ("line_at_start_mb", growing.line.intercept),
            ]),
        },
        action: format!(
            "Memory that batches leave behind grows {:.0} MiB a minute: look for lists, caches or logs that live longer \
             than a batch, and record a longer run to confirm it.",
            growth.estimate
        ),
        estimated_savings_mb: None,
        savings_withheld: Some("growth of RSS can be several times the bytes leaked"),
    };
    let report = LeakReport {
        verdict: LeakVerdict::Leak,
        tier: Some(tier),
        slope_mb_per_min: Some(growth),
        hours_to_limit: hours,
        reason,
    };
    (report, Some(finding))
}

fn severity(confirmed: bool, hours: Option<Growth>) -> Severity {
    match hours {
        Some(hours) if confirmed && hours.low < 8.0 => Severity::High,
        _ if confirmed => Severity::Medium,
        Some(hours) if hours.low < 1.0 => Severity::Medium,
        _ => Severity::Low,
    }
}

/// Hours from the run's end; `None` without a limit or where the growth may be nothing.
fn hours_to_limit(context: &Context, floor: &Floor, growing: &Growing) -> Option<Growth> {
    let headroom = context.limit_mb? - floor.rss_mb.last()?;
    let growth = growing.growth;
    if growth.low <= 0.0 {
        return None;
    }
    let hours = |per_minute: f64| (headroom / per_minute / 60.0).max(0.0);
    Some(Growth { estimate: hours(growth.estimate), low: hours(growth.high), high: hours(growth.low) })
}

#[cfg(test)]
mod tests {
    use super::super::context;
    use super::*;
    use crate::series::shapes::{noise, series};

    fn verdict(n: usize, f: impl Fn(f64) -> f64) -> LeakReport {
        let rss: Vec<f64> =
            noise(11, n).iter().enumerate().map(|(i, e)| f(i as f64 / n as f64) + 3.0 * e).collect();
        detect(&series(1.0, &rss), &context()).0
    }

    #[test]
    fn a_ramp_under_a_sawtooth_is_a_leak_with_its_slope() {
        let found = verdict(1200, |s| 400.0 + 300.0 * s + ((s * 1200.0) % 12.0) * 20.0);
        assert_eq!((found.verdict, found.tier), (LeakVerdict::Leak, Some(LeakTier::Confirmed)), "{found:?}");
        let growth = found.slope_mb_per_min.expect("growth");
        assert!(
            growth.low < 15.0 && growth.high > 15.0 && (growth.estimate - 15.0).abs() < 1.5,
            "{growth:?}"
        );
        let hours = found.hours_to_limit.expect("hours");
        assert!(hours.low <= hours.estimate && hours.estimate <= hours.high);
    }

    #[test]
    fn a_short_ramp_is_only_suspected() {
        assert_eq!(verdict(120, |s| 400.0 + 300.0 * s).tier, Some(LeakTier::Suspected));
    }

    #[test]
    fn under_a_minute_nothing_is_called_clean() {
        let found = verdict(50, |_| 400.0);
        assert_eq!(found.verdict, LeakVerdict::Inconclusive);
        assert!(found.reason.starts_with("short: 49 s"), "{}", found.reason);
        assert_eq!(verdict(50, |s| 400.0 + 300.0 * s).tier, Some(LeakTier::Suspected));
    }

    #[test]
    fn a_plateau_is_saturating() {
        let found = verdict(1200, |s| 400.0 + 300.0 * (1.0 - (-s / 0.15_f64).exp()));
        assert_eq!(found.verdict, LeakVerdict::Saturating, "{found:?}");
    }

    #[test]
    fn a_sawtooth_a_step_and_noise_are_none() {
        assert_eq!(verdict(1200, |s| 400.0 + ((s * 1200.0) % 60.0) * 20.0).verdict, LeakVerdict::None);
        assert_eq!(verdict(1200, |s| if s < 0.4 { 400.0 } else { 700.0 }).verdict, LeakVerdict::None);
        assert_eq!(verdict(1200, |_| 400.0).verdict, LeakVerdict::None);
    }

    #[test]
    fn too_few_samples_and_all_equal() {
        let few = detect(&series(1.0, &[1.0; 29]), &context()).0;
        assert_eq!(few.verdict, LeakVerdict::Inconclusive);
        assert!(few.reason.starts_with("insufficient: 29 snapshots"), "{}", few.reason);
        let equal = detect(&series(1.0, &[100.0; 500]), &context()).0;
        assert_eq!(equal.verdict, LeakVerdict::None);
    }
}
