//! Common simple rules, for comparison.

use memtool_analyzer::FindingKind;
use memtool_profile_model::Run;

use crate::figures::{mean, quantile};

/// R² from which a line counts as growth, in the rule of that name.
const LINE_FITS: f64 = 0.7;
/// Growth over the run, as a share of the mean, that makes a reader of a slope worry.
const WORRYING_SHARE: f64 = 0.10;

/// A rule and whether it fires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SimpleRule {
    pub(super) rule: &'static str,
    /// What it claims to find.
    pub(super) kind: FindingKind,
    pub(super) fires: bool,
}

/// Every rule on a run.
pub(super) fn baselines(run: &Run) -> Vec<SimpleRule> {
    let samples = run.snapshots.iter().filter_map(|s| Some((s.at.seconds(), s.rss?.get())));
    let (seconds, rss): (Vec<f64>, Vec<f64>) = samples.unzip();
    upstream(run).into_iter().chain(leak_baselines(&seconds, &rss)).collect()
}

/// The existing manager's own advice, as its file holds it; nothing for files without any.
fn upstream(run: &Run) -> [SimpleRule; 3] {
    let advises = |names: &[&str]| run.recommendations.iter().any(|r| names.contains(&r.kind.as_str()));
    let rule = |kind, names: &[&str]| SimpleRule { rule: "existing manager", kind, fires: advises(names) };
    [
        rule(FindingKind::MemoryLeak, &["memory_leak"]),
        rule(FindingKind::GcChurn, &["frequent_gc"]),
        rule(FindingKind::SustainedHigh, &["high_memory_pattern"]),
    ]
}

/// Simple rules for leaks: a line with R² > 0.7, a slope alone, first against last quarter.
fn leak_baselines(seconds: &[f64], rss: &[f64]) -> [SimpleRule; 3] {
    let middle = mean(rss.iter().copied()).unwrap_or_default();
    let line = StraightLine::through(seconds, rss);
    let duration = seconds.last().zip(seconds.first()).map_or(0.0, |(last, first)| last - first);
    let quarter = rss.len() / 4;
    let rose = quantile(&rss[rss.len() - quarter..], 0.5) - quantile(&rss[..quarter], 0.5);
    let rule = |rule, fires| SimpleRule { rule, kind: FindingKind::MemoryLeak, fires };
    [
        rule("least squares, R² > 0.7", line.slope > 0.0 && line.explained > LINE_FITS),
        rule("mprof slope", line.slope * duration > WORRYING_SHARE * middle),
        rule("first against last quarter", quarter > 0 && rose > WORRYING_SHARE * middle),
    ]
}

/// A least-squares line: its slope, and the share of the variance that it explains (R²).
#[derive(Default)]
struct StraightLine {
    slope: f64,
    explained: f64,
}

impl StraightLine {
    fn through(x: &[f64], y: &[f64]) -> Self {
        let (Some(x_mean), Some(y_mean)) = (mean(x.iter().copied()), mean(y.iter().copied())) else {
            return Self::default();
        };
        let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
        for (x, y) in x.iter().map(|x| x - x_mean).zip(y.iter().map(|y| y - y_mean)) {
            xx += x * x;
            xy += x * y;
            yy += y * y;
        }
        if xx <= 0.0 || yy <= 0.0 {
            return Self::default();
        }
        Self { slope: xy / xx, explained: xy * xy / (xx * yy) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fired(rss: &[f64]) -> [bool; 3] {
        let seconds: Vec<f64> = (0..rss.len()).map(|n| f64::from(u32::try_from(n).expect("few"))).collect();
        leak_baselines(&seconds, rss).map(|baseline| baseline.fires)
    }

    #[test]
    fn a_ramp_fires_all_and_a_level_none() {
        let ramp: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(fired(&ramp), [true; 3]);
        assert_eq!(fired(&[100.0; 100]), [false; 3]);
        assert_eq!(fired(&[]), [false; 3]);
    }

    #[test]
    fn a_step_shows_what_they_are_worth() {
        let step: Vec<f64> = (0..100).map(|i| if i < 50 { 100.0 } else { 300.0 }).collect();
        assert_eq!(fired(&step), [true; 3]);
    }
}
