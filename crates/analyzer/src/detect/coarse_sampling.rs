//! Samples too far apart for the batches.
//!
//! Idea: a batch that is over within two sample spacings is seen once or not at all: its peak,
//! its floor and the reaction to them are chance. Fires where that holds for the median of at
//! least five batches and their peaks are not measured by the kernel.

use std::collections::BTreeMap;

use super::{Context, Evidence, Finding, FindingKind, Severity};
use crate::series::Series;
use crate::stats::median;

/// Samples a batch needs.
const SAMPLES_A_BATCH: f64 = 2.0;
/// Batches below which nothing is said.
const FEWEST: usize = 5;

pub(super) fn detect(series: &Series, context: &Context) -> Option<Finding> {
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
            rule: "coarse_sampling.samples_a_batch",
            window_s: (0.0, series.duration_s()),
            samples: series.len(),
            statistic: "samples within the median batch",
            value: length / spacing,
            interval: None,
            operation: None,
            details: BTreeMap::from([
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
        savings_withheld: Some("it costs knowledge, not memory"),
    })
}

#[cfg(test)]
mod tests {
    use super::super::{batch, context};
    use super::*;
    use crate::series::shapes::series;

    #[test]
    fn short_batches_without_exact_peaks_are_missed() {
        let run = series(1.0, &[500.0; 50]);
        let with = |length: f64, exact| {
            let batches = (0..6).map(|i| batch(f64::from(i), f64::from(i) + length, 600.0, exact)).collect();
            detect(&run, &Context { batches, ..context() })
        };
        assert_eq!(with(0.5, false).expect("a finding").evidence.value, 0.5);
        assert_eq!(with(2.5, false), None);
        assert_eq!(with(0.5, true), None);
    }
}
