//! # `unused_batch_size`
//!
//! A batch size was allowed and no batch used it.
//!
//! ## The rule
//!
//! A size was in force for a fifth of the time from the first batch on, and none had it.
//!
//! The policy can only protect a job that asks it. Sizes are compared as allowed, not as filled: the last batch of a phase may be smaller.
//!
//! ## What it shows
//!
//! The sizes, and the share of time each was allowed.
//!
//! ## What to do
//!
//! Ask for the size before each batch (`batch_size()`); a size read once at the start never changes.
//!
//! ## Where it is wrong, and savings
//!
//! Batches smaller than allowed because little work was left count as used. Savings are withheld.

use std::collections::BTreeSet;

use crate::detect::case::Case;
use crate::detect::finding::{Details, Evidence, Finding, Severity};
use crate::detect::kind::FindingKind;

/// Share of time in force from which a size should have been used.
const IN_FORCE: f64 = 0.20;
/// Batches below which nothing is said.
const FEWEST: usize = 5;

pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    let (series, context) = (case.series, case.context);
    if context.batches.len() < FEWEST {
        return None;
    }
    let used: BTreeSet<u32> = context.batches.iter().map(|b| b.size).collect();
    // The size of a sample is what was allowed before it: no batch could have one that was replaced before the first.
    let first_s = context.batches.iter().map(|batch| batch.start_s).fold(f64::INFINITY, f64::min);
    let counted =
        || series.batch_size.iter().zip(&series.seconds).map(|(size, at)| size.filter(|_| *at > first_s));
    let allowed: BTreeSet<u32> = counted().flatten().collect();
    let share = |size: u32| {
        let mut sizes = counted();
        series.time_share(|_| sizes.next() == Some(Some(size)))
    };
    let unused = allowed.difference(&used).map(|size| (*size, share(*size)));
    let (size, share) = unused.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, share)| *share >= IN_FORCE)?;
    Some(Finding {
        kind: FindingKind::UnusedBatchSize,
        severity: Severity::Medium,
        confidence: 0.9,
        evidence: Evidence {
            rule: "unused_batch_size.allowed_never_ran".into(),
            window_s: (0.0, series.duration_s()),
            samples: context.batches.len(),
            statistic: "share of time in which a size was allowed that no batch used".into(),
            value: share,
            interval: None,
            operation: None,
            details: Details::from([
                ("size", f64::from(size)),
                ("sizes_used", used.len() as f64),
                ("batches", context.batches.len() as f64),
            ]),
        },
        action: format!(
            "Batches of {size} were allowed and none ran: make the job ask for the size before every batch, or the policy \
             cannot help it."
        ),
        estimated_savings_mb: None,
        savings_withheld: Some("what the allowed sizes would have done is a question for simulate".into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::context::Context;
    use crate::detect::examples::{batch, context};
    use crate::series::shapes::series;

    #[test]
    fn a_size_that_no_batch_used_is_told() {
        let mut run = series(1.0, &[500.0; 100]);
        run.batch_size = (0..100).map(|i| Some(if i < 60 { 500 } else { 250 })).collect();
        let batches = vec![batch(1.0, 2.0, 600.0, true); 6];
        let finding =
            detect(&Case::new(&run, &Context { batches: batches.clone(), ..context() })).expect("a finding");
        assert_eq!(finding.evidence.details["size"], 250.0);
        run.batch_size = vec![Some(500); 100].into();
        assert_eq!(detect(&Case::new(&run, &Context { batches, ..context() })), None);
        assert_eq!(detect(&Case::new(&run, &context())), None);
    }

    #[test]
    fn a_size_that_was_replaced_before_the_first_batch_is_none_to_use() {
        let mut run = series(1.0, &[500.0; 2]);
        run.batch_size = vec![Some(1000), Some(500)].into();
        let batches =
            (0..6).map(|at| batch(0.1 + f64::from(at) / 10.0, 0.2 + f64::from(at) / 10.0, 600.0, true));
        assert_eq!(detect(&Case::new(&run, &Context { batches: batches.collect(), ..context() })), None);
    }
}
