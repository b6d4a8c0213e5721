//! A batch size that was allowed and never used.
//!
//! Idea: the policy can only protect a job that asks it. Where batches are recorded and a size
//! was in force for a good part of the run while batches ran, and yet no batch of that size
//! did, the job does not follow the policy (the last batch of a stage may be smaller, so sizes
//! are compared as allowed, not as filled). Limits: needs batch records.

use std::collections::{BTreeMap, BTreeSet};

use super::{Context, Evidence, Finding, FindingKind, Severity};
use crate::series::Series;

/// Share of time in force from which a size should have been used.
const IN_FORCE: f64 = 0.20;
/// Batches below which nothing is said.
const FEWEST: usize = 5;

pub(super) fn detect(series: &Series, context: &Context) -> Option<Finding> {
    if context.batches.len() < FEWEST {
        return None;
    }
    let used: BTreeSet<u32> = context.batches.iter().map(|b| b.size).collect();
    let allowed: BTreeSet<u32> = series.batch_size.iter().flatten().copied().collect();
    let share = |size: u32| series.time_share(|i| series.batch_size[i] == Some(size));
    let unused = allowed.difference(&used).map(|size| (*size, share(*size)));
    let (size, share) = unused.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, share)| *share >= IN_FORCE)?;
    Some(Finding {
        kind: FindingKind::UnusedBatchSize,
        severity: Severity::Medium,
        confidence: 0.9,
        evidence: Evidence {
            rule: "unused_batch_size.allowed_never_ran",
            window_s: (0.0, series.duration_s()),
            samples: context.batches.len(),
            statistic: "share of time in which a size was allowed that no batch used",
            value: share,
            interval: None,
            operation: None,
            details: BTreeMap::from([
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
        savings_withheld: Some("what the allowed sizes would have done is a question for simulate"),
    })
}

#[cfg(test)]
mod tests {
    use super::super::{batch, context};
    use super::*;
    use crate::series::shapes::series;

    #[test]
    fn a_size_that_no_batch_used_is_told() {
        let mut run = series(1.0, &[500.0; 100]);
        run.batch_size = (0..100).map(|i| Some(if i < 60 { 500 } else { 250 })).collect();
        let batches = vec![batch(1.0, 2.0, 600.0, true); 6];
        let finding = detect(&run, &Context { batches: batches.clone(), ..context() }).expect("a finding");
        assert_eq!(finding.evidence.details["size"], 250.0);
        run.batch_size = vec![Some(500); 100];
        assert_eq!(detect(&run, &Context { batches, ..context() }), None);
        assert_eq!(detect(&run, &context()), None);
    }
}
