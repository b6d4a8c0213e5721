//! # `memory_leak`
//!
//! Memory that batches leave behind grows, with no end in sight.
//!
//! ## The rule
//!
//! The baseline of the trace grows in order, all through the run, and is still growing at its end.
//!
//! The baseline is what is left when batches are gone: the bytes in use after batches, where a stream has them and they account for what RSS
//! grew by; memory after batches; the troughs of a saw or, where the saw is small, the least RSS still to come; else the lowest of phases that take turns.
//! It must grow by 25 MiB, 8 % of the median (5 % from five minutes on) and three deviations of its noise; in order (Kendall's
//! tau 0.7 and a rising Mann–Kendall test at 1 % over ten points, each the lowest of its neighbours); spread over the run; still going on
//! at the end; no saturating curve and no staircase may fit much better (BIC); the end of the work must not give it back, nor be one step by half
//! of it, as where results are joined. In a run of one
//! batch size the peaks between troughs must rise with the baseline: a leak lifts both, a heap that keeps what batches freed climbs
//! towards level peaks. Six cycles make a baseline, five where the memory after batches is recorded.
//! [detectors.md](../detectors.md#memory_leak) has every constant.
//!
//! ## What it shows
//!
//! - `verdict`: `leak`, `saturating`, `none`, `inconclusive`; `reason_code` and `reason` say which test decided.
//! - `tier`: `confirmed` from five minutes and five cycles on, where no curve or step that ends before the last twentieth comes within a BIC
//!   of 6 and the last third rises by itself; else `suspected`, and the reason ends with what is missing. It is about the growth;
//!   whether that is kept on purpose is in the confidence: 0.9 where the job says what it keeps or bytes in use grow; where growth that goes on
//!   fits clearly better than growth that ends (BIC 3), 0.9 for memory after batches and 0.8 for RSS alone; else 0.8 and 0.65.
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
//! Without bytes in use, items that grow from batch to batch and a buffer over several batches raise RSS as a leak does.
//! A heap that fragments or keeps freed pages grows RSS without a leak, by up to a few hundred MiB. A run that is killed within seconds
//! shows too few cycles: `inconclusive`. The interval is meant for leaked bytes and is wide below, since RSS grows by more than they.
//! Savings are withheld: growth of RSS is not what a fix would free.

use crate::detect::case::Case;
use crate::detect::finding::{Details, Evidence, Finding, Severity};
use crate::detect::kind::FindingKind;
use crate::detect::leak::{Basis, Grown, Growth, LeakReport, LeakTier};
use crate::rate::unit_of;

/// Share of true findings by what they rest on (docs/detectors.md, Confidence): the job says what it keeps; bytes in use, or what
/// collections left; RSS after batches or of phases; RSS alone. Of the last two the first figure is for growth that no curve which ends
/// fits nearly as well.
const DECLARED: f64 = 0.9;
const BYTES_IN_USE: f64 = 0.9;
const AFTER_BATCHES: (f64, f64) = (0.9, 0.8);
const RSS_ALONE: (f64, f64) = (0.8, 0.65);
/// Lead in BIC from which growth is clear: positive evidence (Kass and Raftery, 1995), chosen on drawn programs.
const CLEAR_LEAD: f64 = 3.0;
/// Hours to the limit under which a confirmed leak is of high severity, and of medium at the least.
const CONFIRMED_H: (f64, f64) = (8.0, f64::INFINITY);
/// The same for a suspected one: a working day, and a week.
const SUSPECTED_H: (f64, f64) = (1.0, 168.0);
/// Share of the level from which suspected growth is of medium severity.
const LARGE: f64 = 0.25;

pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    let (report, grown) = (&case.leak.report, case.leak.grown.as_ref()?);
    let Grown { baseline, fit, attribution } = grown;
    let declared = attribution.declared.is_some();
    let rate = Rate::of(fit.growth);
    Some(Finding {
        kind: FindingKind::MemoryLeak,
        severity: severity(report, fit.total_mb / baseline.level_mb.max(1.0)),
        confidence: confidence(grown),
        evidence: Evidence {
            rule: baseline.basis.rule().into(),
            window_s: (baseline.minutes[0] * 60.0, baseline.minutes[baseline.minutes.len() - 1] * 60.0),
            samples: case.series.len(),
            statistic: format!("growth of the baseline in MiB per {}", rate.unit).into(),
            value: rate.growth.estimate,
            interval: Some((rate.growth.low, rate.growth.high)),
            operation: attribution.most().map(|most| most.operation.clone()),
            details: details(grown),
        },
        action: action(case, &rate, declared, &attribution.hint()),
        estimated_savings_mb: None,
        savings_withheld: Some("growth of RSS can be several times the bytes leaked".into()),
    })
}

fn confidence(grown: &Grown) -> f64 {
    let (clear, unclear) = match grown.baseline.basis {
        _ if grown.attribution.declared.is_some() => (DECLARED, DECLARED),
        Basis::LiveBytes | Basis::AfterCollections => (BYTES_IN_USE, BYTES_IN_USE),
        Basis::AfterBatches | Basis::Phases => AFTER_BATCHES,
        Basis::Envelope | Basis::Troughs => RSS_ALONE,
    };
    if grown.fit.lead >= CLEAR_LEAD { clear } else { unclear }
}

fn action(case: &Case<'_>, rate: &Rate, declared: bool, hint: &str) -> String {
    let keep = if declared {
        ""
    } else {
        ", and let batches say what they keep on purpose (`retained_mb`): results that are kept look the same"
    };
    let (what, life) = if case.has_batches() {
        ("Memory that batches leave behind", format!("longer than a batch{keep}"))
    } else {
        (
            "Memory that is not given back",
            "as long as the job; results that are kept look the same".to_owned(),
        )
    };
    format!(
        "{what} grows {} MiB per {}: look for lists, caches or logs that live {life}.{hint}{}",
        rate.rounded(),
        rate.unit,
        pool_advice(&case.context.pools)
    )
}

/// The switches of libraries whose pools fill to a bound and then stop.
fn pool_advice(pools: &[String]) -> String {
    if pools.is_empty() {
        return String::new();
    }
    let switch = |name: &str| match name {
        "duckdb" => "duckdb (`SET memory_limit`, `duckdb_memory()` shows it)".to_owned(),
        "pyarrow" => "pyarrow (`pyarrow.default_memory_pool().release_unused()`)".to_owned(),
        "polars" => "polars (`_RJEM_MALLOC_CONF=dirty_decay_ms:0`)".to_owned(),
        "mimalloc" => "mimalloc (`MIMALLOC_PURGE_DELAY=0`)".to_owned(),
        other => other.to_owned(),
    };
    let names: Vec<String> = pools.iter().map(|name| switch(name)).collect();
    format!(" Pools that fill to a bound look the same: bound or release {}.", names.join(", "))
}

/// Growth in the unit of time that shows it.
struct Rate {
    growth: Growth,
    unit: &'static str,
}

impl Rate {
    fn of(per_minute: Growth) -> Self {
        let (minutes, unit) = unit_of(per_minute.estimate);
        let Growth { estimate, low, high } = per_minute;
        let growth = Growth { estimate: estimate * minutes, low: low * minutes, high: high * minutes };
        Self { growth, unit }
    }

    fn rounded(&self) -> String {
        let value = self.growth.estimate;
        if value.abs() < 10.0 { format!("{value:.1}") } else { format!("{value:.0}") }
    }
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
        ("line_at_start_mb", fit.line.intercept + grown.attribution.held_mb()),
    ]);
    details.extend(grown.attribution.details());
    details
}

/// By the hours to the limit, and by the share of the level that growth is.
fn severity(report: &LeakReport, share: f64) -> Severity {
    let confirmed = report.tier == Some(LeakTier::Confirmed);
    let hours = report.hours_to_limit.map_or(f64::INFINITY, |hours| hours.estimate);
    let (pressing, soon) = if confirmed { CONFIRMED_H } else { SUSPECTED_H };
    if hours < pressing {
        Severity::High
    } else if confirmed || hours < soon || share >= LARGE {
        Severity::Medium
    } else {
        Severity::Low
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::context::Context;
    use crate::detect::examples::{context, leak_of};
    use crate::series::shapes::{noise, series};

    /// A day at one sample per minute over a level of 1000 MiB.
    fn day(rise_mb: f64) -> Vec<f64> {
        noise(7, 1440)
            .iter()
            .enumerate()
            .map(|(i, e)| 1000.0 + 5.0 * e + rise_mb * i as f64 / 1440.0)
            .collect()
    }

    #[test]
    fn a_slow_leak_is_given_in_units_that_show_it() {
        let finding = leak_of(&series(60.0, &day(240.0)), &context()).1.expect("a leak");
        assert!(finding.action.contains("grows 10 MiB per hour"), "{}", finding.action);
        assert!(!finding.action.contains(" 0 MiB") && finding.evidence.statistic.ends_with("per hour"));
    }

    #[test]
    fn severity_follows_the_hours_from_the_runs_end() {
        let of = |limit_mb: f64| {
            let context = Context { limit_mb: Some(limit_mb), ..context() };
            leak_of(&series(60.0, &day(240.0)), &context).1.expect("a leak").severity
        };
        assert_eq!(of(1260.0), Severity::High, "two hours at 10 MiB per hour");
        assert_eq!(of(4000.0), Severity::Medium, "eleven days, but confirmed");
    }
}
