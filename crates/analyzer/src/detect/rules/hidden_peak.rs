//! # `hidden_peak`
//!
//! A batch's exact peak lies above every sample.
//!
//! ## The rule
//!
//! The kernel's high-water mark of a batch is 10 % and 20 MiB above the largest sample.
//!
//! The mark misses nothing; samples do. The run was closer to its limit than its samples show.
//!
//! ## What it shows
//!
//! The exact peak, the largest sample, the batch's operation and window.
//!
//! ## What to do
//!
//! Size the machine by the exact peak. Sample more often if the course inside batches matters.
//!
//! ## Where it is wrong, and savings
//!
//! Needs batch records with exact peaks. Savings are withheld: it costs knowledge, not memory.

use crate::detect::case::Case;
use crate::detect::finding::{Details, Evidence, Finding, Severity};
use crate::detect::kind::FindingKind;

/// How far above the largest sample matters: a share of it, and MiB.
const ABOVE: (f64, f64) = (0.10, 20.0);

pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    let context = case.context;
    let exact = context.batches.iter().filter(|b| b.exact);
    let highest =
        exact.max_by(|a, b| a.peak_mb.partial_cmp(&b.peak_mb).unwrap_or(std::cmp::Ordering::Equal))?;
    let peak = highest.peak_mb?;
    let sampled = case.largest_mb;
    let hidden = peak - sampled;
    if hidden < ABOVE.0 * sampled || hidden < ABOVE.1 {
        return None;
    }
    let over = peak >= context.critical_mb;
    let mut details = Details::from([("exact_peak_mb", peak), ("largest_sample_mb", sampled)]);
    details.extend(context.limit_mb.map(|limit| ("headroom_mb", limit - peak)));
    Some(Finding {
        kind: FindingKind::HiddenPeak,
        severity: if over { Severity::Medium } else { Severity::Low },
        confidence: 0.99,
        evidence: Evidence {
            rule: "hidden_peak.high_water_mark".into(),
            window_s: (highest.start_s, highest.end_s),
            samples: context.batches.len(),
            statistic: "MiB by which the exact peak exceeds the largest sample".into(),
            value: hidden,
            interval: None,
            operation: None,
            details,
        },
        action: format!(
            "Judge this run by its batches' exact peak of {peak:.0} MiB; sample more often to see it."
        ),
        estimated_savings_mb: None,
        savings_withheld: Some("it costs knowledge, not memory".into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::context::Context;
    use crate::detect::examples::{batch, context};
    use crate::series::shapes::series;

    #[test]
    fn only_an_exact_peak_well_above_the_samples_is_hidden() {
        let run = series(1.0, &[500.0; 50]);
        let with = |peak: f64, exact| Context { batches: vec![batch(1.0, 2.0, peak, exact)], ..context() };
        let finding = detect(&Case::new(&run, &with(600.0, true))).expect("a finding");
        assert_eq!((finding.evidence.value, finding.evidence.window_s), (100.0, (1.0, 2.0)));
        assert_eq!(detect(&Case::new(&run, &with(530.0, true))), None);
        assert_eq!(detect(&Case::new(&run, &with(600.0, false))), None);
        assert_eq!(detect(&Case::new(&run, &context())), None);
    }
}
