//! # `memory_leak`
//!
//! Memory that batches leave behind grows, with no end in sight.
//!
//! ## The rule
//!
//! The baseline of the trace grows in order, all through the run, and is still growing at its end.
//!
//! The baseline is what is left when batches are gone: the troughs of a saw or, where the saw is small, the least RSS still to come.
//! It must grow by 25 MiB, 8 % of the median (5 % from five minutes on) and three deviations of its noise; in order (Kendall's
//! tau 0.7 and a rising Mann–Kendall test at 1 % over ten points, each the lowest of its neighbours); spread over the run; still going on
//! at the end; no saturating curve and no staircase may fit much better (BIC); and the end of the work must not give it back. In a run of one
//! batch size the peaks between troughs must rise with the baseline: a leak lifts both, a heap that keeps what batches freed climbs
//! towards level peaks. Six cycles make a baseline, five where the memory after batches is recorded.
//! [detectors.md](../detectors.md#memory_leak) has every constant.
//!
//! ## What it shows
//!
//! - `verdict`: `leak`, `saturating`, `none`, `inconclusive`; `reason_code` and `reason` say which test decided.
//! - `tier`: `confirmed` from five minutes and five cycles on, where no curve or step that ends before the last twentieth comes within a BIC
//!   of 6 and the last third rises by itself; else `suspected`, and the reason ends with what is missing. It is about the growth;
//!   whether that is kept on purpose is in the confidence: 0.9 where the job says what it keeps, else 0.75.
//! - The slope per minute, per batch and per 1,000 items, each with its interval; hours to the limit.
//! - `by_operation`: which batches leave how much behind, where batches are recorded.
//!
//! ## What to do
//!
//! Look for lists, caches and logs that live longer than a batch, in the operation named. Record a longer run to confirm a suspected
//! leak. Results that a job collects look the same from outside: declare what is kept on purpose (`Recorder::retained` in Rust,
//! `retained_mb` of `batch_end` in a stream). What is declared is no leak; its growth per 1,000 items is reported instead.
//!
//! ## Where it is wrong, and savings
//!
//! A heap that fragments or keeps freed pages grows RSS without a leak, by up to a few hundred MiB. A run that is killed within seconds
//! shows too few cycles: `inconclusive`. The interval is meant for leaked bytes and is wide below, since RSS grows by more than they.
//! Savings are withheld: growth of RSS is not what a fix would free.

use crate::detect::case::Case;
use crate::detect::finding::{Details, Evidence, Finding, Severity};
use crate::detect::kind::FindingKind;
use crate::detect::leak::{Grown, Growth, LeakReport, LeakTier};

/// Share of true findings where the job says what it keeps, and where it does not: docs/detectors.md, Confidence.
const CONFIDENCE: (f64, f64) = (0.9, 0.75);
/// Hours to the limit under which a confirmed leak, and a suspected one, is pressing.
const PRESSING_H: (f64, f64) = (8.0, 1.0);

pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    let (report, grown) = (&case.leak.report, case.leak.grown.as_ref()?);
    let Grown { baseline, fit, attribution } = grown;
    let declared = attribution.declared.is_some();
    Some(Finding {
        kind: FindingKind::MemoryLeak,
        severity: severity(report),
        confidence: if declared { CONFIDENCE.0 } else { CONFIDENCE.1 },
        evidence: Evidence {
            rule: "memory_leak.baseline_trend".into(),
            window_s: (baseline.minutes[0] * 60.0, baseline.minutes[baseline.minutes.len() - 1] * 60.0),
            samples: case.series.len(),
            statistic: "growth of the baseline in MiB per minute".into(),
            value: fit.growth.estimate,
            interval: Some((fit.growth.low, fit.growth.high)),
            operation: attribution.most().map(|most| most.operation.clone()),
            details: details(grown),
        },
        action: action(fit.growth, declared, &attribution.hint()),
        estimated_savings_mb: None,
        savings_withheld: Some("growth of RSS can be several times the bytes leaked".into()),
    })
}

fn action(growth: Growth, declared: bool, hint: &str) -> String {
    format!(
        "Memory that batches leave behind grows {:.0} MiB per minute: look for lists, caches or logs that live longer \
         than a batch{}.{hint}",
        growth.estimate,
        if declared {
            ""
        } else {
            ", and let batches say what they keep on purpose (`retained_mb`): results that are kept look the same"
        },
    )
}

#[expect(clippy::cast_precision_loss, reason = "a count")]
fn details(grown: &Grown) -> Details {
    let fit = &grown.fit;
    let mut details = Details::from([
        ("growth_mb", fit.total_mb),
        ("bic_lead", fit.lead),
        ("p_rising", fit.trend.p_rising),
        ("tau", fit.trend.tau),
        ("cycles", grown.baseline.cycles as f64),
        ("theil_sen_mb_per_min", fit.trend.slope),
        ("line_at_start_mb", fit.line.intercept),
    ]);
    details.extend(grown.attribution.details());
    details
}

fn severity(report: &LeakReport) -> Severity {
    let confirmed = report.tier == Some(LeakTier::Confirmed);
    match report.hours_to_limit {
        Some(hours) if confirmed && hours.low < PRESSING_H.0 => Severity::High,
        _ if confirmed => Severity::Medium,
        Some(hours) if hours.low < PRESSING_H.1 => Severity::Medium,
        _ => Severity::Low,
    }
}
