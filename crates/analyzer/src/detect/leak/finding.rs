//! A leak as a finding: how sure, how pressing, what to do.

use std::collections::BTreeMap;

use super::beside::Beside;
use super::floor::{Floor, Source};
use super::judgement::Growing;
use super::report::{Growth, LeakReport, LeakTier, LeakVerdict};
use super::{CONFIRMED_S, Context, Evidence, Finding, FindingKind, Severity};
use crate::series::Series;

/// Cycles without which a leak is only suspected.
const CONFIRMED_CYCLES: usize = 5;
/// Lead in BIC that counts as strong evidence (Kass and Raftery).
const STRONG_LEAD: f64 = 6.0;

/// The report and the finding of growth without an end in sight.
#[expect(clippy::cast_precision_loss, reason = "a count")]
pub(super) fn report(
    series: &Series,
    context: &Context,
    floor: &Floor,
    growing: &Growing,
    beside: &Beside,
) -> (LeakReport, Finding) {
    let growth = growing.growth;
    let doubt = doubt(series, floor, growing, beside);
    let confirmed = doubt.is_none();
    let tier = if confirmed { LeakTier::Confirmed } else { LeakTier::Suspected };
    let hours = hours_to_limit(context, floor, growing, beside.held_mb());
    let source = match floor.source {
        Source::Troughs => "between batches",
        Source::Envelope => "that is never given back",
    };
    let reason = format!(
        "growing: the memory {source} rose {:.0} MiB over {} cycles, tau {:.2}, BIC lead {:.1}{}",
        growing.total_mb,
        floor.cycles,
        growing.trend.tau,
        growing.lead,
        doubt.map_or_else(String::new, |doubt| format!("; {doubt}"))
    );
    let finding = Finding {
        kind: FindingKind::MemoryLeak,
        severity: severity(confirmed, hours),
        confidence: confidence(beside),
        evidence: Evidence {
            rule: "memory_leak.floor_trend",
            window_s: (floor.minutes[0] * 60.0, floor.minutes[floor.minutes.len() - 1] * 60.0),
            samples: series.len(),
            statistic: "growth of the floor in MiB a minute",
            value: growth.estimate,
            interval: Some((growth.low, growth.high)),
            operation: beside.most().map(|most| most.operation.clone()),
            details: details(floor, growing, beside),
        },
        action: format!(
            "Memory that batches leave behind grows {:.0} MiB a minute: look for lists, caches or logs that live longer \
             than a batch{}.{}",
            growth.estimate,
            if beside.declared.is_some() {
                ""
            } else {
                ", and let batches say what they keep on purpose (`retained_mb`): results that are kept look the same"
            },
            beside.place()
        ),
        estimated_savings_mb: None,
        savings_withheld: Some("growth of RSS can be several times the bytes leaked"),
    };
    let minutes = series.duration_s() / 60.0;
    let batches = context.batches.len() as f64;
    let items = context.batches.iter().map(|b| b.items).sum::<u64>() as f64;
    let report = LeakReport {
        verdict: LeakVerdict::Leak,
        tier: Some(tier),
        slope_mb_per_min: Some(growth),
        slope_mb_per_batch: growth.per(batches / minutes),
        slope_mb_per_1000_items: growth.per(items / 1000.0 / minutes),
        by_operation: beside.by_operation.clone(),
        hours_to_limit: hours,
        reason,
    };
    (report, finding)
}

#[expect(clippy::cast_precision_loss, reason = "a count")]
fn details(floor: &Floor, growing: &Growing, beside: &Beside) -> BTreeMap<&'static str, f64> {
    let mut details = BTreeMap::from([
        ("growth_mb", growing.total_mb),
        ("bic_lead", growing.lead),
        ("p_rising", growing.trend.p_rising),
        ("tau", growing.trend.tau),
        ("cycles", floor.cycles as f64),
        ("theil_sen_mb_per_min", growing.trend.slope),
        ("line_at_start_mb", growing.line.intercept),
    ]);
    details.extend(beside.details());
    details
}

/// Why it is no more than suspected: growth must be sure, go on to the end, and be no result that the job
/// keeps, which only the job can say.
fn doubt(series: &Series, floor: &Floor, growing: &Growing, beside: &Beside) -> Option<&'static str> {
    if series.duration_s() < CONFIRMED_S {
        Some("the run is shorter than 5 minutes")
    } else if floor.cycles.max(floor.recorded) < CONFIRMED_CYCLES {
        Some("it has fewer than 5 cycles")
    } else if growing.lead < STRONG_LEAD {
        Some("growth that ends fits nearly as well")
    } else if !growing.to_the_end || growing.growth.low <= 0.0 {
        Some("its last third does not go on rising by itself")
    } else if beside.declared.is_none() {
        Some("results that the job keeps on purpose would look the same")
    } else {
        None
    }
}

/// As measured: surer where the job says what it keeps; see docs/detectors.md.
const fn confidence(beside: &Beside) -> f64 {
    if beside.declared.is_some() { 0.9 } else { 0.75 }
}

fn severity(confirmed: bool, hours: Option<Growth>) -> Severity {
    match hours {
        Some(hours) if confirmed && hours.low < 8.0 => Severity::High,
        _ if confirmed => Severity::Medium,
        Some(hours) if hours.low < 1.0 => Severity::Medium,
        _ => Severity::Low,
    }
}

/// Hours from the run's end; `None` without a limit or where the growth may be nothing.
fn hours_to_limit(context: &Context, floor: &Floor, growing: &Growing, beside_mb: f64) -> Option<Growth> {
    let headroom = context.limit_mb? - floor.rss_mb.last()? - beside_mb;
    let growth = growing.growth;
    if growth.low <= 0.0 {
        return None;
    }
    let hours = |per_minute: f64| (headroom / per_minute / 60.0).max(0.0);
    Some(Growth { estimate: hours(growth.estimate), low: hours(growth.high), high: hours(growth.low) })
}
