//! # `gc_ineffective`
//!
//! Forced collections free next to nothing.
//!
//! ## The rule
//!
//! Five or more forced collections whose median frees under 2 % of RSS, the share at which HotSpot gives up, and which together free less than half
//! of the largest RSS.
//!
//! ## What it shows
//!
//! The figures of [gc_churn](gc_churn.md): what each freed, the share that freed nothing, the cost where timed, the trigger that avoids them.
//!
//! ## What to do
//!
//! Raise `gc_trigger_mb` above `trigger_that_avoids_all_mb`, or switch `auto_gc_enabled` off.
//!
//! ## Where it is wrong, and savings
//!
//! From a profile, what a collection freed is the difference of two samples, so it holds what the job freed or took meanwhile. Streams
//! record it. Savings are withheld: such collections free no memory, leaving them out saves time.

use crate::detect::case::Case;
use crate::detect::finding::{Details, Evidence, Finding, Severity};
use crate::detect::gc::forced::{Forced, INEFFECTIVE, agreement, figures, rate, shares, time_share};
use crate::detect::gc::garbage::busy;
use crate::detect::kind::FindingKind;
use crate::stats::median;

/// All together free so large a share of the largest RSS: then some of them are worth it.
const MUCH: f64 = 0.5;
/// Such collections per minute from which they are pressing.
const PRESSING_PER_MINUTE: f64 = 10.0;

pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    let forced = case.forced_collections();
    let shares = shares(forced)?;
    let (share, per_minute) = (median(&shares)?, rate(case.series, forced)?);
    let freed: f64 = forced.iter().map(|f| f.freed_mb.max(0.0)).sum();
    let largest = case.largest_mb;
    if freed >= MUCH * largest {
        return None;
    }
    // A collector that never rests may be busy with garbage, whatever the forced collections freed.
    if share >= INEFFECTIVE || busy(case).is_some() {
        return None;
    }
    Some(Finding {
        kind: FindingKind::GcIneffective,
        severity: if per_minute >= PRESSING_PER_MINUTE { Severity::High } else { Severity::Medium },
        confidence: agreement(&shares, |share| share < INEFFECTIVE),
        evidence: Evidence {
            rule: "gc_ineffective.freed_share".into(),
            window_s: (forced[0].at_s, forced[forced.len() - 1].at_s),
            samples: forced.len(),
            statistic: "median share of RSS that a forced collection freed".into(),
            value: share,
            interval: None,
            operation: None,
            details: details(case, forced),
        },
        action: action(forced),
        estimated_savings_mb: None,
        savings_withheld: Some("such collections free no memory: leaving them out saves time".into()),
    })
}

fn details(case: &Case<'_>, forced: &[Forced]) -> Details {
    let mut details = figures(forced, case.context, case.series.minutes());
    let share = time_share(&case.context.collections, case.series.duration_s());
    details.extend(share.map(|share| ("time_share_of_timed", share)));
    details
}

fn action(forced: &[Forced]) -> String {
    let highest = forced.iter().map(|f| f.before_mb).fold(0.0, f64::max);
    format!(
        "Raise gc_trigger_mb above {highest:.0} MiB (where these collections began, at the most) or switch \
         auto_gc_enabled off: half of them freed under 2 %."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::examples::context;
    use crate::detect::gc::examples::{collected, counted};

    #[test]
    fn nothing_freed_is_ineffective_and_a_little_is_not() {
        let found = |freed: f64| detect(&Case::new(&collected(freed), &context()));
        let finding = found(1.0).expect("a finding");
        assert_eq!((finding.kind, finding.evidence.samples), (FindingKind::GcIneffective, 20));
        assert_eq!(found(0.03 * 2600.0), None);
    }

    #[test]
    fn forced_collections_are_not_counted_as_automatic() {
        use memtool_profile_model::SnapshotKind;
        let mut run = counted(&[3; 200]);
        run.kind =
            (0..200).map(|i| if i % 2 == 1 { SnapshotKind::PostGc } else { SnapshotKind::Regular }).collect();
        run.collections = (0..200).map(|i| Some(24 + u64::div_ceil(i, 2))).collect();
        assert!(detect(&Case::new(&run, &context())).is_some());
    }
}
