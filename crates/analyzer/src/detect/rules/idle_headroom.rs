//! # `idle_headroom`
//!
//! Memory that the job could use and does not.
//!
//! ## The rule
//!
//! A run of five minutes or more whose peak stays under half of the moderate threshold. The runs of other tools have no
//! thresholds, and are not judged.
//!
//! The policy never acts then, and larger batches fit. A shorter run may not have met its largest batch.
//!
//! ## What it shows
//!
//! Peak, moderate threshold, and what is between.
//!
//! ## What to do
//!
//! Try larger batches: `memtool tune` says how large. Larger is not always faster.
//!
//! ## Where it is wrong, and savings
//!
//! A cut profile shows only the end of the run and is not judged, and a file of another tool has no thresholds. Savings are withheld: this is memory to spend.

use crate::detect::case::Case;
use crate::detect::finding::{Details, Evidence, Finding, Severity};
use crate::detect::kind::FindingKind;

/// Share of the moderate threshold that the peak stays under.
const IDLE: f64 = 0.5;
/// A shorter run may not have met its largest batch, in seconds.
const SHORTEST_S: f64 = 300.0;

/// What to do where the job works in batches, and where it does not.
const LARGER_BATCHES: &str = "Larger batches fit; whether they are faster, `memtool simulate --fixed-batch` tells from \
                              runs of two sizes.";
const SMALLER_LIMIT: &str = "A smaller limit does: `memtool request` says which, from the job's runs.";

pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    let (series, context) = (case.series, case.context);
    let sampled = case.largest_mb;
    let peak = context.batches.iter().filter_map(|b| b.peak_mb).fold(sampled, f64::max);
    if !context.has_policy {
        return None;
    }
    if series.duration_s() < SHORTEST_S || context.ring.is_some_and(|ring| series.len() >= ring) {
        return None;
    }
    if !context.has_thresholds() {
        return None;
    }
    let idle = context.moderate_mb - peak;
    if !(peak > 0.0 && peak < IDLE * context.moderate_mb) {
        return None;
    }
    Some(Finding {
        kind: FindingKind::IdleHeadroom,
        severity: Severity::Low,
        confidence: 0.9,
        evidence: Evidence {
            rule: "idle_headroom.peak_below_half".into(),
            window_s: (0.0, series.duration_s()),
            samples: series.len(),
            statistic: "MiB between the peak and the moderate threshold".into(),
            value: idle,
            interval: None,
            operation: None,
            details: Details::from([("peak_mb", peak), ("moderate_mb", context.moderate_mb)]),
        },
        action: if case.has_batches() { LARGER_BATCHES } else { SMALLER_LIMIT }.to_owned(),
        estimated_savings_mb: None,
        savings_withheld: Some("memory is idle, not wasted: there is nothing to save".into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::context::Context;
    use crate::detect::examples::context;
    use crate::series::shapes::series;

    #[test]
    fn a_long_run_far_below_moderate_is_idle() {
        assert_eq!(
            detect(&Case::new(&series(1.0, &[500.0; 400]), &context())).expect("a finding").evidence.value,
            1500.0
        );
        assert_eq!(detect(&Case::new(&series(1.0, &[1100.0; 400]), &context())), None);
        assert_eq!(detect(&Case::new(&series(1.0, &[500.0; 200]), &context())), None);
        let foreign = Context { has_policy: false, moderate_mb: 1e9, ..context() };
        assert_eq!(
            detect(&Case::new(&series(1.0, &[500.0; 400]), &foreign)),
            None,
            "no threshold to stay under"
        );
        let cut = Context { ring: Some(400), ..context() };
        assert_eq!(
            detect(&Case::new(&series(1.0, &[500.0; 400]), &cut)),
            None,
            "what came before is not known"
        );
        let foreign = Context { moderate_mb: 1e9, ..context() };
        assert_eq!(detect(&Case::new(&series(1.0, &[500.0; 400]), &foreign)), None, "it has no thresholds");
    }

    #[test]
    fn batches_are_named_only_where_the_job_has_them() {
        let action = |batch_size: Option<u32>| {
            let mut run = series(1.0, &[500.0; 400]);
            run.batch_size = vec![batch_size; 400].into();
            detect(&Case::new(&run, &context())).expect("a finding").action
        };
        assert_eq!((action(Some(500)), action(None)), (LARGER_BATCHES.to_owned(), SMALLER_LIMIT.to_owned()));
    }
}
