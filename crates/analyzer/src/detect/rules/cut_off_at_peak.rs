//! # `cut_off_at_peak`
//!
//! The recording ends at its maximum.
//!
//! ## The rule
//!
//! The records stop before the run did, or a signal ended it, and the last sample is at 95 % of the largest or more.
//!
//! What the run needed is not known then: its peak is *at least* what was recorded. A leak that was cut off at its maximum and a job that was
//! killed by its largest batch look like this.
//!
//! ## What it shows
//!
//! The last sample, the largest, and the limit where it is known.
//!
//! ## What to do
//!
//! Read peaks as "at least". Record the run again with more memory, or with smaller batches; to its end, where it was
//! stopped by a signal that was not for want of memory.
//!
//! ## Where it is wrong, and savings
//!
//! A job that still runs is cut off too. Savings are withheld: nothing is known of what would have come.

use crate::detect::case::Case;
use crate::detect::finding::{Details, Evidence, Finding, Severity};
use crate::detect::kind::FindingKind;

/// Share of the largest sample that counts as the maximum: a sample may miss the last step.
const AT_PEAK: f64 = 0.95;
/// Below this a maximum means nothing.
const FEWEST_SAMPLES: usize = 8;
/// Below this it does not matter, in MiB.
const LEAST_MB: f64 = 50.0;

pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    let (series, context) = (case.series, case.context);
    if !context.cut_off {
        return None;
    }
    let last = *series.rss_mb.last()?;
    let largest = case.largest_mb;
    // A level that never moved has no maximum.
    let lowest = series.rss_mb.iter().copied().fold(largest, f64::min);
    let level = last < AT_PEAK * largest || lowest >= AT_PEAK * largest;
    if series.len() < FEWEST_SAMPLES || last < LEAST_MB || level {
        return None;
    }
    // Between samples it may have been higher.
    let peak = context.stated_peak_mb.map_or(largest, |stated| largest.max(stated));
    let mut details = Details::from([("last_mb", last), ("largest_mb", largest)]);
    details.extend(context.limit_mb.map(|limit| ("limit_mb", limit)));
    Some(Finding {
        kind: FindingKind::CutOffAtPeak,
        severity: Severity::Medium,
        confidence: 0.95,
        evidence: Evidence {
            rule: "cut_off_at_peak.last_sample".into(),
            window_s: (series.duration_s(), series.duration_s()),
            samples: series.len(),
            statistic: "last sample as a share of the largest".into(),
            value: last / largest,
            interval: None,
            operation: None,
            details,
        },
        action: format!(
            "The recording ends at its maximum: the peak is at least {peak:.0} MiB. Record the run again {} to learn \
             what it needs.",
            match context.stopped {
                true => "to its end",
                false => case.smaller_or("with more memory or smaller batches", "with more memory"),
            },
        ),
        estimated_savings_mb: None,
        savings_withheld: Some("nothing is known of what would have come".into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::context::Context;
    use crate::detect::examples::context;
    use crate::series::shapes::series;

    #[test]
    fn only_a_recording_that_stops_at_its_maximum_is_cut_off_there() {
        let cut = Context { cut_off: true, ..context() };
        let rising: Vec<f64> = (0..50).map(|i| 100.0 + f64::from(i)).collect();
        let found = |rss: &[f64], context: &Context| detect(&Case::new(&series(1.0, rss), context));
        assert!(found(&rising, &cut).expect("a finding").action.contains("at least 149 MiB"));
        let stated = Context { stated_peak_mb: Some(155.0), ..cut.clone() };
        assert!(found(&rising, &stated).expect("a finding").action.contains("at least 155 MiB"));
        let stopped = Context { stopped: true, ..cut.clone() };
        assert!(found(&rising, &stopped).expect("a finding").action.contains("again to its end"));
        assert_eq!(found(&rising, &context()), None, "it was closed");
        assert_eq!(found(&[100.0; 50], &cut), None, "level");
        let fallen: Vec<f64> = rising.iter().copied().chain([120.0]).collect();
        assert_eq!(found(&fallen, &cut), None);
    }
}
