//! Memory that the job could use and does not.
//!
//! Idea: where even the peak stays under half of the moderate threshold, the policy never acts
//! and larger batches fit. Needs a run of at least five minutes, since a short one may not have
//! met its largest batch. Limits: larger is not always faster; `simulate` and `tune` say what a
//! larger size does.

use std::collections::BTreeMap;

use super::{Context, Evidence, Finding, FindingKind, Severity};
use crate::series::Series;

/// Share of the moderate threshold that the peak stays under.
const IDLE: f64 = 0.5;
/// A shorter run may not have met its largest batch, in seconds.
const SHORTEST_S: f64 = 300.0;

pub(super) fn detect(series: &Series, context: &Context) -> Option<Finding> {
    let sampled = series.rss_mb.iter().copied().fold(0.0, f64::max);
    let peak = context.batches.iter().filter_map(|b| b.peak_mb).fold(sampled, f64::max);
    if series.duration_s() < SHORTEST_S || context.ring.is_some_and(|ring| series.len() >= ring) {
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
            rule: "idle_headroom.peak_below_half",
            window_s: (0.0, series.duration_s()),
            samples: series.len(),
            statistic: "MiB between the peak and the moderate threshold",
            value: idle,
            interval: None,
            operation: None,
            details: BTreeMap::from([("peak_mb", peak), ("moderate_mb", context.moderate_mb)]),
        },
        action: "Larger batches fit; whether they are faster, `memtool simulate --fixed-batch` tells from runs of two \
                 sizes."
            .to_owned(),
        estimated_savings_mb: None,
        savings_withheld: Some("memory is idle, not wasted: there is nothing to save"),
    })
}

#[cfg(test)]
mod tests {
    use super::super::context;
    use super::*;
    use crate::series::shapes::series;

    #[test]
    fn a_long_run_far_below_moderate_is_idle() {
        assert_eq!(
            detect(&series(1.0, &[500.0; 400]), &context()).expect("a finding").evidence.value,
            1500.0
        );
        assert_eq!(detect(&series(1.0, &[1100.0; 400]), &context()), None);
        assert_eq!(detect(&series(1.0, &[500.0; 200]), &context()), None);
        let cut = Context { ring: Some(400), ..context() };
        assert_eq!(detect(&series(1.0, &[500.0; 400]), &cut), None, "what came before is not known");
    }
}
