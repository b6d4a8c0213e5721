//! # `coarse_sampling`
//!
//! Samples are too far apart for the batches.
//!
//! ## The rule
//!
//! The median of at least five batches is over within two sample spacings, and its peak was not measured.
//!
//! A batch that short is sampled once or not at all: its peak, its baseline and the reaction to them are chance.
//!
//! ## What it shows
//!
//! Median batch and median spacing, in seconds.
//!
//! ## What to do
//!
//! Shorten `monitoring_interval_seconds`, or record where the kernel's high-water mark can be read.
//!
//! ## Where it is wrong, and savings
//!
//! Needs batch records. Peaks between samples are unknown then: simulated peaks are too low. Savings are withheld.

use crate::detect::case::Case;
use crate::detect::finding::{Details, Evidence, Finding, Severity};
use crate::detect::kind::FindingKind;
use crate::stats::median;

/// Samples a batch needs.
const SAMPLES_A_BATCH: f64 = 2.0;
/// Batches below which nothing is said.
const FEWEST: usize = 5;

pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    let (series, context) = (case.series, case.context);
    let lengths: Vec<f64> =
        context.batches.iter().filter(|b| !b.exact).map(|b| b.end_s - b.start_s).collect();
    let (length, spacing) = (median(&lengths)?, series.spacing_s());
    if lengths.len() < FEWEST || length >= SAMPLES_A_BATCH * spacing {
        return None;
    }
    Some(Finding {
        kind: FindingKind::CoarseSampling,
        severity: Severity::Low,
        confidence: 0.99,
        evidence: Evidence {
            rule: "coarse_sampling.samples_a_batch".into(),
            window_s: (0.0, series.duration_s()),
            samples: series.len(),
            statistic: "samples within the median batch".into(),
            value: length / spacing,
            interval: None,
            operation: None,
            details: Details::from([
                ("median_batch_s", length),
                ("sample_spacing_s", spacing),
                ("batches", lengths.len() as f64),
            ]),
        },
        action: format!(
            "Sample at least every {:.2} s, or record the kernel's high-water mark of each batch.",
            length / SAMPLES_A_BATCH
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
    fn short_batches_without_exact_peaks_are_missed() {
        let run = series(1.0, &[500.0; 50]);
        let with = |length: f64, exact| {
            let batches = (0..6).map(|i| batch(f64::from(i), f64::from(i) + length, 600.0, exact)).collect();
            detect(&Case::new(&run, &Context { batches, ..context() }))
        };
        assert_eq!(with(0.5, false).expect("a finding").evidence.value, 0.5);
        assert_eq!(with(2.5, false), None);
        assert_eq!(with(0.5, true), None);
    }
}
