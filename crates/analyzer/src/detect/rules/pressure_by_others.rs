//! # `pressure_by_others`
//!
//! Available memory sets the pressure, not the job's own.
//!
//! ## The rule
//!
//! For a tenth of the time and five seconds (or half of a shorter run) the level is higher than RSS alone makes it, and others hold a
//! tenth of the limit or more.
//!
//! ## What it shows
//!
//! The share and seconds, the longest episode, the share at high or critical, available memory then, and what others held
//! (limit less available less RSS) at the median.
//!
//! ## What to do
//!
//! Close other programs, or move the job to a larger machine. Smaller batches do not cure it.
//!
//! ## Where it is wrong, and savings
//!
//! Who the others are is not recorded; children of the job count as others where samples do not include them. Available memory counts what
//! the kernel can take back, so a cache in use by others counts as theirs. Savings are withheld: the memory is not the job's.

use memtool_profile_model::PressureLevel;

use crate::detect::case::Case;
use crate::detect::finding::{Details, Evidence, Finding, Severity};
use crate::detect::kind::FindingKind;
use crate::detect::pressure::{by_others, others_mb};
use crate::stats::quantiles;

/// Share of the time, and seconds of it, from which it matters.
const MATTERS: (f64, f64) = (0.1, 5.0);
/// Share of a run too short for that.
const HALF: f64 = 0.5;
/// Below this the shares mean nothing.
const FEWEST_SAMPLES: usize = 8;

pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    let (series, context) = (case.series, case.context);
    let by_others = |i: usize| by_others(series, context, i);
    let pressed = case.highest_level > PressureLevel::Low;
    if series.len() < FEWEST_SAMPLES || !pressed || !(0..series.len()).any(by_others) {
        return None;
    }
    let share = series.time_share(by_others);
    let seconds = share * series.observed_s();
    if share < MATTERS.0 || (seconds < MATTERS.1 && share < HALF) {
        return None;
    }
    let severe = series.time_share(|i| by_others(i) && series.level[i] >= PressureLevel::High);
    let (from, to) = series.longest_episode(0.0, by_others)?;
    let mut details = Details::from([
        ("seconds", seconds),
        ("share_at_high_or_critical", severe),
        ("longest_episode_s", to - from),
        ("largest_rss_mb", case.largest_mb),
    ]);
    let available = |i: usize| series.available_mb.get(i);
    let then: Vec<usize> = (0..series.len()).filter(|i| by_others(*i)).collect();
    let free: Vec<f64> = then.iter().filter_map(|i| available(*i)).collect();
    details.extend(quantiles(&free, [0.5]).map(|[middle]| ("median_available_mb", middle)));
    let others: Vec<f64> = then.iter().filter_map(|i| others_mb(series, context, *i)).collect();
    let median_others = quantiles(&others, [0.5]).map(|[middle]| middle);
    details.extend(median_others.map(|middle| ("median_others_mb", middle)));
    let whose =
        median_others.map_or_else(String::new, |middle| format!(" They hold {middle:.0} MiB at the median."));
    Some(Finding {
        kind: FindingKind::PressureByOthers,
        severity: if severe >= MATTERS.0 { Severity::Medium } else { Severity::Low },
        confidence: 0.9,
        evidence: Evidence {
            rule: "pressure_by_others.level_above_rss".into(),
            window_s: (from, to),
            samples: then.len(),
            statistic: "share of time at a level that the job's own memory does not make".into(),
            value: share,
            interval: None,
            operation: None,
            details,
        },
        action: format!(
            "For {:.0} % of the time available memory, not the job's own, set the pressure.{whose} Close other programs \
             (a child of the job that is not recorded counts as one), or move the job to a larger machine: smaller batches do not cure this.",
            share * 100.0
        ),
        estimated_savings_mb: None,
        savings_withheld: Some("the memory is not the job's".into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::context::Context;
    use crate::detect::examples::context;
    use crate::series::Series;
    use crate::series::shapes::series;

    /// A hundred seconds at 500 MiB, for so many of which 300 MiB are left on the machine.
    fn pressed(seconds: usize, rss_mb: f64) -> Series {
        let mut run = series(1.0, &[rss_mb; 100]);
        run.available_mb = (0..100).map(|i| Some(if i < seconds { 300.0 } else { 9000.0 })).collect();
        run.level[..seconds].fill(PressureLevel::Critical);
        run
    }

    #[test]
    fn pressure_at_little_memory_of_ones_own_is_others() {
        let finding = detect(&Case::new(&pressed(40, 500.0), &context())).expect("a finding");
        assert_eq!((finding.severity, finding.evidence.samples), (Severity::Medium, 40));
        assert_eq!(finding.evidence.details["median_others_mb"], 4000.0 - 300.0 - 500.0);
        assert_eq!(finding.evidence.window_s, (0.0, 40.0));
    }

    #[test]
    fn pressure_of_ones_own_and_a_moment_are_not() {
        assert_eq!(detect(&Case::new(&pressed(40, 3600.0), &context())), None, "RSS alone makes it critical");
        assert_eq!(detect(&Case::new(&pressed(9, 500.0), &context())), None);
        assert_eq!(detect(&Case::new(&pressed(0, 500.0), &context())), None);
    }

    #[test]
    fn a_job_alone_in_its_container_presses_itself() {
        let mut run = pressed(40, 3600.0);
        run.available_mb = vec![Some(100.0); 100].into();
        let alone = Context { critical_mb: 9000.0, high_mb: 8000.0, moderate_mb: 7000.0, ..context() };
        assert_eq!(detect(&Case::new(&run, &alone)), None, "300 of 4000 MiB are not accounted for");
        run.rss_mb = vec![3000.0; 100];
        assert!(detect(&Case::new(&run, &alone)).is_some(), "others hold 900");
    }
}
