//! Growth that begins late and goes on to the end of the recording.
//!
//! Seen over the whole run it is a step: most of it lies in an eighth. So where memory ends at its
//! largest, the last part of the run is judged alone, by the same tests: the half, then less, down
//! to a tenth. It must matter against the whole run too.

use super::baseline::{Baseline, baseline};
use super::judgement::judge;
use super::verdict::{GrowthFit, Judgement};
use crate::series::Series;
use crate::stats::largest;

/// Shares of the run before the part that is judged alone, in this order.
const BEGINNINGS: [f64; 7] = [0.2, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9];
/// Share of the largest RSS that the end must reach.
const AT_LARGEST: f64 = 0.9;
/// A shorter part, in seconds, must have recorded batches: what a short run takes at its end may be its last table.
const LONG_S: f64 = 60.0;
const FEWEST_BATCHES: usize = 5;
/// Up to here what comes before is start-up: a load, a warm-up, a cache that fills.
const START_UP: f64 = 0.3;
/// Samples at the end whose largest is the end's.
const END_SAMPLES: usize = 5;
/// How much faster the last part grows, and how much straighter, where it is taken for the whole.
const FASTER: f64 = 1.5;
const STRAIGHTER: f64 = 0.5;
/// The end over the largest RSS before the part: a ramp like those before it is no growth.
const NEW_GROUND: f64 = 1.1;
/// Share of the level before by which memory must have grown.
const LEAST_SHARE: f64 = 0.2;

/// The baseline of the last part and its growth, with times from the run's start.
pub(super) fn late_growth(series: &Series, between_batches: &[(f64, f64)]) -> Option<(Baseline, GrowthFit)> {
    if !ends_at_its_largest(&series.rss_mb) {
        return None;
    }
    let parts = BEGINNINGS.iter().filter_map(|beginning| growth_from(series, between_batches, *beginning));
    parts.min_by(|a, b| unevenness(&a.1).total_cmp(&unevenness(&b.1)))
}

/// Whether the last part alone says better how growth goes on: faster, and on a straighter line.
pub(super) fn is_better(part: &GrowthFit, whole: &GrowthFit) -> bool {
    part.line.slope >= FASTER * whole.line.slope && unevenness(part) <= STRAIGHTER * unevenness(whole)
}

/// How far the baseline lies from its line, as a share of its growth: least where the growth begins.
#[expect(clippy::cast_precision_loss, reason = "a few dozen points")]
fn unevenness(fit: &GrowthFit) -> f64 {
    let squares: f64 = fit.line.residuals.iter().map(|r| r * r).sum();
    (squares / fit.line.residuals.len().max(1) as f64).sqrt() / fit.total_mb
}

fn ends_at_its_largest(rss_mb: &[f64]) -> bool {
    largest(&rss_mb[rss_mb.len().saturating_sub(END_SAMPLES)..]) >= AT_LARGEST * largest(rss_mb)
}

fn growth_from(series: &Series, between: &[(f64, f64)], beginning: f64) -> Option<(Baseline, GrowthFit)> {
    let start_s = beginning * series.duration_s();
    let from = series.seconds.partition_point(|s| *s < start_s);
    let before = largest(&series.rss_mb[..from]);
    if before * NEW_GROUND > *series.rss_mb.last()? {
        return None;
    }
    let after_start = beginning <= START_UP;
    let batches = between.iter().filter(|(at, _)| *at >= start_s).count();
    if !after_start && series.duration_s() - start_s < LONG_S && batches < FEWEST_BATCHES {
        return None;
    }
    let (found, fit) = growth_after(series, between, start_s)?;
    (fit.to_the_end && fit.total_mb >= LEAST_SHARE * found.earliest_mb()).then_some((found, fit))
}

/// The baseline of what follows a moment, where it grows by all tests, with times from the run's start.
fn growth_after(series: &Series, between: &[(f64, f64)], start_s: f64) -> Option<(Baseline, GrowthFit)> {
    let part = series.after(series.seconds.partition_point(|s| *s < start_s));
    let offset_s = series.duration_s() - part.duration_s();
    let later = between.iter().filter(|(at, _)| *at >= offset_s).map(|(at, mb)| (at - offset_s, *mb));
    let mut found = baseline(&part, &later.collect::<Vec<_>>())?;
    let Judgement::Growing(mut fit) = judge(&part, &found, 0) else { return None };
    found.shift(offset_s / 60.0, 0.0);
    fit.line.intercept -= fit.line.slope * offset_s / 60.0;
    Some((found, fit))
}

#[cfg(test)]
mod tests {
    use crate::detect::examples::{context, leak_of};
    use crate::detect::leak::LeakVerdict;
    use crate::series::shapes::{noise, series};

    /// A level for so large a share of two hours, then growth of 800 MiB up to `until`.
    fn run(from: f64, until: f64) -> Vec<f64> {
        let at = |(i, e): (usize, f64)| {
            let share = i as f64 / 720.0;
            1000.0 + 20.0 * e + 800.0 * ((share.min(until) - from) / (1.0 - from)).max(0.0)
        };
        noise(5, 720).into_iter().enumerate().map(at).collect()
    }

    #[test]
    fn growth_that_begins_late_and_is_cut_off_is_a_leak() {
        for from in [0.7, 0.8, 0.85] {
            let (report, finding) = leak_of(&series(10.0, &run(from, 1.0)), &context());
            assert_eq!(report.verdict, LeakVerdict::Leak, "{from}: {}", report.reason);
            let truth = 800.0 / (120.0 * (1.0 - from));
            let slope = report.slope_mb_per_min.expect("a slope").estimate;
            assert!((slope / truth - 1.0).abs() < 0.25, "{from}: {slope} for {truth}");
            assert!(finding.expect("a finding").evidence.window_s.0 >= 3500.0);
        }
    }

    #[test]
    fn growth_that_has_ended_or_came_at_once_is_none() {
        let ended = leak_of(&series(10.0, &run(0.7, 0.85)), &context()).0;
        assert_ne!(ended.verdict, LeakVerdict::Leak, "{}", ended.reason);
        let step: Vec<f64> = (0..720).map(|i| if i < 640 { 1000.0 } else { 1800.0 }).collect();
        let step = leak_of(&series(10.0, &step), &context()).0;
        assert_eq!(step.verdict, LeakVerdict::None, "{}", step.reason);
    }
}
