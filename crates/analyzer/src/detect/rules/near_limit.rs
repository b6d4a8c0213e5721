//! # `near_limit`
//!
//! Memory comes close to the limit.
//!
//! ## The rule
//!
//! The peak is at 90 % of the recorded limit or more.
//!
//! One batch a little larger than the largest so far, or another process in the same limit, then ends the job. High from 97 % on, or where
//! a tenth of the time is spent there.
//!
//! ## What it shows
//!
//! Peak and limit, the share of time at 90 % or more, and how often memory crosses the high threshold: a job that is paused at it
//! stops and goes on so often.
//!
//! ## What to do
//!
//! Lower the largest batch size, or raise the limit; `memtool tune` says which size leaves room.
//!
//! ## Where it is wrong, and savings
//!
//! RSS counts mapped pages that the kernel may take back, and pages that processes share: a limit on charged memory may be further away.
//! Savings are withheld: what another size takes is a question for `memtool simulate`.

use crate::detect::case::Case;
use crate::detect::finding::{Details, Evidence, Finding, Severity};
use crate::detect::kind::FindingKind;

/// Share of the limit that is close: a tenth is what the policy's critical level leaves.
const CLOSE: f64 = 0.9;
/// Share of it that is at its edge.
const EDGE: f64 = 0.97;
/// Share of time close to it that is no single peak.
const OFTEN: f64 = 0.1;
/// Below this the shares mean nothing.
const FEWEST_SAMPLES: usize = 8;

pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    let (series, context) = (case.series, case.context);
    let limit = context.limit_mb.filter(|limit| context.limit_recorded && *limit > 0.0)?;
    let of_batches = context.batches.iter().filter(|b| !b.overlapping).filter_map(|b| b.peak_mb);
    let peak = of_batches.chain(context.stated_peak_mb).fold(case.largest_mb, f64::max);
    if series.len() < FEWEST_SAMPLES || peak < CLOSE * limit {
        return None;
    }
    let close = series.time_share(|i| series.rss_mb[i] >= CLOSE * limit);
    let pressing = peak >= EDGE * limit || close >= OFTEN;
    let crossings = case.crossings_of_high();
    let minutes = series.minutes();
    let pauses = if crossings > 1.0 {
        format!(" It crosses the high threshold every {:.0} s.", 60.0 * minutes / crossings)
    } else {
        String::new()
    };
    Some(Finding {
        kind: FindingKind::NearLimit,
        severity: if pressing { Severity::High } else { Severity::Medium },
        confidence: 0.9,
        evidence: Evidence {
            rule: "near_limit.share_of_limit".into(),
            window_s: (0.0, series.duration_s()),
            samples: series.len(),
            statistic: "peak as a share of the limit".into(),
            value: peak / limit,
            interval: None,
            operation: None,
            details: Details::from([
                ("peak_mb", peak),
                ("limit_mb", limit),
                ("share_of_time_close", close),
                ("crossings_of_high", crossings),
            ]),
        },
        action: format!(
            "The peak of {peak:.0} MiB leaves {:.0} of {limit:.0}.{pauses} {}; `memtool tune` says what leaves room.",
            (limit - peak).max(0.0),
            case.smaller_or(
                "Lower the largest batch size or raise the limit",
                "Raise the limit, or let the job hold less at once"
            ),
        ),
        estimated_savings_mb: None,
        savings_withheld: Some("what another size would save is a question for simulate".into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::context::Context;
    use crate::detect::examples::context;
    use crate::series::shapes::series;

    #[test]
    fn a_peak_at_nine_tenths_of_the_limit_is_close_and_pauses_are_counted() {
        let rss: Vec<f64> = (0..200).map(|i| if i % 20 < 10 { 2500.0 } else { 3650.0 }).collect();
        let run = series(1.0, &rss);
        let finding = detect(&Case::new(&run, &context())).expect("a finding");
        assert_eq!((finding.kind, finding.severity), (FindingKind::NearLimit, Severity::High));
        assert!(finding.action.contains("every 20 s"), "{}", finding.action);
        let spare = Context { limit_mb: Some(4100.0), ..context() };
        assert_eq!(detect(&Case::new(&run, &spare)), None, "89 %");
        let between_samples = Context { limit_mb: Some(4100.0), stated_peak_mb: Some(3990.0), ..context() };
        let finding = detect(&Case::new(&run, &between_samples)).expect("a finding");
        assert!(finding.action.contains("3990 MiB leaves 110"), "{}", finding.action);
        let guessed = Context { limit_recorded: false, ..context() };
        assert_eq!(detect(&Case::new(&run, &guessed)), None);
    }
}
