//! The rules that people use instead, as plainly as they are used.

use memtool_profile_model::Run;

use crate::detect::FindingKind;
use crate::series::Series;
use crate::stats::{line, median};

/// R² from which a line counts as growth, in the rule of that name.
const LINE_FITS: f64 = 0.7;
/// Growth over the run, as a share of the mean, that makes a reader of a slope worry.
const WORRYING_SHARE: f64 = 0.10;

/// A rule and whether it fires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// The rule.
    pub rule: &'static str,
    /// What it claims to find.
    pub kind: FindingKind,
    /// Whether it does.
    pub fires: bool,
}

/// The existing manager's own advice, as its file holds it; nothing for files without any.
#[must_use]
pub fn upstream(run: &Run) -> Vec<Baseline> {
    let says = |names: &[&str]| run.recommendations.iter().any(|r| names.contains(&r.kind.as_str()));
    let rule = |kind, names: &[&str]| Baseline { rule: "existing manager", kind, fires: says(names) };
    vec![
        rule(FindingKind::MemoryLeak, &["memory_leak"]),
        rule(FindingKind::GcChurn, &["frequent_gc"]),
        rule(FindingKind::SustainedHigh, &["high_memory_pattern"]),
    ]
}

/// Simple rules for leaks: a line with R² > 0.7, a slope alone, first against last quarter.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "exact below 2^53 snapshots")]
pub fn leak_baselines(series: &Series) -> Vec<Baseline> {
    let rss = &series.rss_mb;
    let mean = rss.iter().sum::<f64>() / rss.len().max(1) as f64;
    let fitted = line(&series.seconds, rss);
    let total: f64 = rss.iter().map(|v| (v - mean).powi(2)).sum();
    let explained = fitted.as_ref().map_or(0.0, |f| {
        let left: f64 = f.residuals.iter().map(|r| r * r).sum();
        if total > 0.0 { 1.0 - left / total } else { 0.0 }
    });
    let slope = fitted.map_or(0.0, |f| f.slope);
    let quarter = rss.len() / 4;
    let middle = |part: &[f64]| median(part).unwrap_or_default();
    let rose = middle(&rss[rss.len() - quarter..]) - middle(&rss[..quarter]);
    let rule = |rule, fires| Baseline { rule, kind: FindingKind::MemoryLeak, fires };
    vec![
        rule("least squares, R² > 0.7", slope > 0.0 && explained > LINE_FITS),
        rule("mprof slope", slope * series.duration_s() > WORRYING_SHARE * mean),
        rule("first against last quarter", quarter > 0 && rose > WORRYING_SHARE * mean),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::shapes::series;

    fn fired(rss: &[f64]) -> Vec<bool> {
        leak_baselines(&series(1.0, rss)).iter().map(|b| b.fires).collect()
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
