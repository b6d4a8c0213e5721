//! Peaks between samples.
//!
//! Idea: the kernel's high-water mark of each batch misses nothing; samples do. Where the
//! largest exact peak lies at least 10 % and 20 MiB above the largest sample, the run was closer
//! to its limit than its trace shows. Limits: only for batches with an exact peak.

use std::collections::BTreeMap;

use super::{Context, Evidence, Finding, FindingKind, Severity};
use crate::series::Series;

/// How far above the largest sample matters: a share of it, and MiB.
const ABOVE: (f64, f64) = (0.10, 20.0);

pub(super) fn detect(series: &Series, context: &Context) -> Option<Finding> {
    let exact = context.batches.iter().filter(|b| b.exact);
    let highest =
        exact.max_by(|a, b| a.peak_mb.partial_cmp(&b.peak_mb).unwrap_or(std::cmp::Ordering::Equal))?;
    let peak = highest.peak_mb?;
    let sampled = series.rss_mb.iter().copied().fold(0.0, f64::max);
    let hidden = peak - sampled;
    if hidden < ABOVE.0 * sampled || hidden < ABOVE.1 {
        return None;
    }
    let over = peak >= context.critical_mb;
    let mut details = BTreeMap::from([("exact_peak_mb", peak), ("largest_sample_mb", sampled)]);
    details.extend(context.limit_mb.map(|limit| ("headroom_mb", limit - peak)));
    Some(Finding {
        kind: FindingKind::HiddenPeak,
        severity: if over { Severity::Medium } else { Severity::Low },
        confidence: 0.99,
        evidence: Evidence {
            rule: "hidden_peak.high_water_mark",
            window_s: (highest.start_s, highest.end_s),
            samples: context.batches.len(),
            statistic: "MiB by which the exact peak exceeds the largest sample",
            value: hidden,
            interval: None,
            operation: None,
            details,
        },
        action: format!(
            "Judge this run by its batches' exact peak of {peak:.0} MiB; sample more often to see it."
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
    fn only_an_exact_peak_well_above_the_samples_is_hidden() {
        let run = series(1.0, &[500.0; 50]);
        let with = |peak: f64, exact| Context { batches: vec![batch(1.0, 2.0, peak, exact)], ..context() };
        let finding = detect(&run, &with(600.0, true)).expect("a finding");
        assert_eq!((finding.evidence.value, finding.evidence.window_s), (100.0, (1.0, 2.0)));
        assert_eq!(detect(&run, &with(530.0, true)), None);
        assert_eq!(detect(&run, &with(600.0, false)), None);
        assert_eq!(detect(&run, &context()), None);
    }
}
