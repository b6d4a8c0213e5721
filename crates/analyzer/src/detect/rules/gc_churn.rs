//! # `gc_churn`
//!
//! Garbage is collected all the time, and the memory is needed again at once.
//!
//! ## The rule
//!
//! Collections free garbage in bulk: as their record says, as memory falls, or as the interpreter's counter never rests.
//!
//! *Recorded automatic collections* say how many objects in cycles they freed: two that freed a thousand are churn (one, past the start-up, where
//! batches give back under 30 % as they end), and none at all rule it out. *Falls*: at least three times memory falls by a tenth of its largest, four of five such falls come with a collection, and fewer
//! than a third of the samples do.
//!
//! *Forced collections* are recorded in a stream, or leave a `post_gc` sample next to the one that caused them: at least five, two per
//! minute, of which three quarters free 5 % of RSS, and it is back within half a minute. *Automatic collections* come from the
//! interpreter's counter, which sums all generations and rises once for some 700 containers that were made and not freed at once: 300 a
//! second over the run (1 % of its time at the least: one took 7 to 33 µs), 20 in 60 % of its windows, while memory does not grow
//! by what those objects would take. Recorded batches that give back 70 % of what they took as they end rule the second out.
//!
//! ## What it shows
//!
//! - `freed_mb_per_collection`, `share_that_freed_nothing`, `median_regrowth_s` of forced collections.
//! - `seconds_in_forced_collections`, `time_share_of_timed`: the cost, where collections were timed (streams).
//! - `trigger_that_avoids_most_mb`, `trigger_that_avoids_all_mb`: `gc_trigger_mb` above which 95 % and all of them would not have begun.
//! - `containers_a_second`, `returned_by_batches`.
//!
//! ## What to do
//!
//! Break reference cycles of a batch's objects, or freeze what lives long (`gc.freeze`) and collect once per batch. Where forced collections
//! are the cost, raise `gc_trigger_mb` above the figure named.
//!
//! ## Where it is wrong, and savings
//!
//! From samples alone, records without cycles that a batch holds by the thousand raise the counter in the same way (they cost collector time
//! too): the confidence is 0.8 and the action says so. Batch records settle it (0.95). Savings are the quartiles of what one forced collection
//! freed; withheld where fewer than five freed anything.

use crate::detect::case::Case;
use crate::detect::finding::{Details, Estimate, Evidence, Finding, Severity};
use crate::detect::gc::counter::{CONTAINERS, Counter};
use crate::detect::gc::forced::{
    FEWEST, Forced, WORTHWHILE, agreement, collections, figures, rate, shares, time_share,
};
use crate::detect::gc::garbage::{
    Fall, Found, busy, falls_at_collections, found, returned_by_batches, waits,
};
use crate::detect::kind::FindingKind;
use crate::stats::{median, quantiles};

const BREAK_CYCLES: &str = "Break the reference cycles of a batch's objects (weak references, or drop the back-references when \
                            the batch ends), or freeze what lives long and collect once per batch: what is in a cycle is only \
                            freed by the collector.";
/// Collections that free objects in bulk, from which it is churn.
const FEWEST_IN_BULK: usize = 2;
/// Share of the run in collections from which churn is pressing.
const COSTLY: f64 = 0.05;
/// Collections per minute from which it may be churn.
const CHURN_PER_MINUTE: f64 = 2.0;
/// Freed memory that is back within this time was not worth freeing, in seconds.
const QUICK_REGROWTH_S: f64 = 30.0;
/// Automatic collections per second from which churn is pressing.
const PRESSING_PER_SECOND: f64 = 1000.0;
/// Forced ones per minute.
const PRESSING_PER_MINUTE: f64 = 10.0;

pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    let forced = collections(case.series, case.context);
    if let Some(found) = found(case.context).filter(|found| found.in_bulk >= FEWEST_IN_BULK || waits(case)) {
        return Some(in_bulk(case, &found));
    }
    if let Some(counter) = busy(case) {
        return Some(automatic(case, &forced, &counter));
    }
    let falls = falls_at_collections(case.series, case.context);
    if falls.is_empty() { of_forced(case, &forced) } else { Some(at_collections(case, &falls)) }
}

/// Churn that the recorder saw: what each collection freed.
#[expect(clippy::cast_precision_loss, reason = "counts")]
fn in_bulk(case: &Case<'_>, found: &Found) -> Finding {
    let minutes = (case.series.duration_s() / 60.0).max(f64::MIN_POSITIVE);
    let per_minute = found.in_bulk as f64 / minutes;
    let mut details = all_figures(case, &collections(case.series, case.context));
    details.extend([
        ("automatic_collections_recorded", found.collections as f64),
        ("objects_in_cycles", found.objects as f64),
    ]);
    let time = time_share(&case.context.collections, case.series.duration_s());
    Finding {
        kind: FindingKind::GcChurn,
        severity: if time.is_some_and(|share| share >= COSTLY) { Severity::High } else { Severity::Medium },
        confidence: 0.95,
        evidence: Evidence {
            rule: "gc_churn.objects_in_cycles".into(),
            window_s: (0.0, case.series.duration_s()),
            samples: found.collections,
            statistic: "automatic collections per minute that freed 1,000 objects or more".into(),
            value: per_minute,
            interval: None,
            operation: None,
            details,
        },
        action: BREAK_CYCLES.to_owned(),
        estimated_savings_mb: None,
        savings_withheld: Some("objects were counted, not their bytes".into()),
    }
}

/// Churn that shows in memory: it falls when the interpreter collects, and grows again.
#[expect(clippy::cast_precision_loss, reason = "counts")]
fn at_collections(case: &Case<'_>, falls: &[Fall]) -> Finding {
    let freed: Vec<f64> = falls.iter().map(|fall| fall.mb).collect();
    let minutes = (case.series.duration_s() / 60.0).max(f64::MIN_POSITIVE);
    Finding {
        kind: FindingKind::GcChurn,
        severity: Severity::Medium,
        confidence: 0.9,
        evidence: Evidence {
            rule: "gc_churn.falls_at_collections".into(),
            window_s: (falls[0].at_s, falls[falls.len() - 1].at_s),
            samples: falls.len(),
            statistic: "MiB that memory fell by at the median such collection".into(),
            value: median(&freed).unwrap_or_default(),
            interval: None,
            operation: None,
            details: Details::from([
                ("falls_with_collection", falls.len() as f64),
                ("falls_per_minute", falls.len() as f64 / minutes),
            ]),
        },
        action: BREAK_CYCLES.to_owned(),
        estimated_savings_mb: quartiles(&freed),
        savings_withheld: None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts")]
fn automatic(case: &Case<'_>, forced: &[Forced], counter: &Counter) -> Finding {
    let (series, context) = (case.series, case.context);
    let returned = returned_by_batches(context);
    let freed: Vec<f64> =
        forced.iter().filter(|f| f.freed_mb >= WORTHWHILE * f.before_mb).map(|f| f.freed_mb).collect();
    let savings = if freed.len() >= FEWEST { quartiles(&freed) } else { None };
    let mut details = all_figures(case, forced);
    details.extend([
        ("automatic_collections", counter.total as f64),
        ("busy_share_of_time", counter.busy_share),
        ("containers_a_second", counter.per_second * CONTAINERS),
        ("forced_that_freed_5_percent", freed.len() as f64),
    ]);
    details.extend(returned.map(|share| ("returned_by_batches", share)));
    Finding {
        kind: FindingKind::GcChurn,
        severity: if counter.per_second >= PRESSING_PER_SECOND { Severity::High } else { Severity::Medium },
        confidence: match (returned, savings) {
            (Some(_), _) => 0.95,
            (None, Some(_)) => 0.9,
            (None, None) => 0.8,
        },
        evidence: Evidence {
            rule: "gc_churn.busy_collector".into(),
            window_s: (0.0, series.duration_s()),
            samples: series.len(),
            statistic: "automatic collections per second".into(),
            value: counter.per_second,
            interval: None,
            operation: None,
            details,
        },
        action: automatic_action(returned.is_some()),
        estimated_savings_mb: savings,
        savings_withheld: savings.is_none().then_some(
            "fewer than five forced collections freed anything: what garbage holds was not seen".into(),
        ),
    }
}

fn automatic_action(sure: bool) -> String {
    let unsure = " From samples alone this may also be plain records that a batch holds by the thousand: record the \
                  batches to distinguish them.";
    format!("{BREAK_CYCLES}{}", if sure { "" } else { unsure })
}

/// What one collection freed: half of them lie within.
fn quartiles(freed: &[f64]) -> Option<Estimate> {
    quantiles(freed, [0.25, 0.5, 0.75]).map(|[low, median, high]| Estimate { low, median, high })
}

fn all_figures(case: &Case<'_>, forced: &[Forced]) -> Details {
    let mut details = figures(forced, case.context, case.series.duration_s());
    let share = time_share(&case.context.collections, case.series.duration_s());
    details.extend(share.map(|share| ("time_share_of_timed", share)));
    details
}

fn of_forced(case: &Case<'_>, forced: &[Forced]) -> Option<Finding> {
    let shares = shares(forced)?;
    let (share, per_minute) = (median(&shares)?, rate(case.series, forced)?);
    let regrowth: Vec<f64> = forced.iter().filter_map(|f| f.regrowth_s).collect();
    let worthwhile = quantiles(&shares, [0.25]).is_some_and(|[most]| most >= WORTHWHILE);
    let quick = median(&regrowth).is_some_and(|seconds| seconds < QUICK_REGROWTH_S);
    if !(worthwhile && quick && per_minute >= CHURN_PER_MINUTE) {
        return None;
    }
    let freed: Vec<f64> = forced.iter().map(|f| f.freed_mb.max(0.0)).collect();
    Some(Finding {
        kind: FindingKind::GcChurn,
        severity: if per_minute >= PRESSING_PER_MINUTE { Severity::High } else { Severity::Medium },
        confidence: agreement(&shares, |share| share >= WORTHWHILE),
        evidence: Evidence {
            rule: "gc_churn.regrowth".into(),
            window_s: (forced[0].at_s, forced[forced.len() - 1].at_s),
            samples: forced.len(),
            statistic: "median share of RSS that a forced collection freed".into(),
            value: share,
            interval: None,
            operation: None,
            details: all_figures(case, forced),
        },
        action: format!(
            "{per_minute:.1} collections per minute free memory that is needed again at once: reuse or release the \
             objects of a batch explicitly instead of collecting on a threshold."
        ),
        estimated_savings_mb: quartiles(&freed),
        savings_withheld: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::context::Context;
    use crate::detect::examples::{batch, context};
    use crate::detect::gc::examples::{collected, counted};
    use crate::detect::leak::Leak;
    use crate::detect::observed::ObservedBatch;
    use crate::series::Series;
    use crate::series::shapes::series;

    fn found(series: &Series, context: &Context) -> Option<Finding> {
        detect(&Case::new(series, context))
    }

    /// The same of a run that keeps so much.
    fn found_with(series: &Series, kept_mb: f64) -> Option<Finding> {
        let context = context();
        let leak = Leak { kept_mb, ..Leak::of(series, &context) };
        detect(&Case { series, context: &context, leak })
    }

    #[test]
    fn freed_and_needed_again_is_churn() {
        let finding = found(&collected(400.0), &context()).expect("a finding");
        assert_eq!(finding.kind, FindingKind::GcChurn);
        assert_eq!(finding.evidence.samples, 20);
        assert!((finding.evidence.value - 400.0 / 2600.0).abs() < 1e-12);
        assert_eq!(found(&collected(0.03 * 2600.0), &context()), None, "between the two");
        assert_eq!(found(&series(1.0, &[2600.0; 100]), &context()), None, "none was forced");
    }

    #[test]
    fn a_counter_that_never_rests_is_churn() {
        let finding = found(&counted(&[40; 100]), &context()).expect("a finding");
        assert_eq!(
            (finding.kind, &*finding.evidence.rule),
            (FindingKind::GcChurn, "gc_churn.busy_collector")
        );
        assert!((finding.evidence.value - 400.0).abs() < 5.0);
    }

    #[test]
    fn a_burst_or_a_slow_counter_is_ordinary() {
        let burst: Vec<u64> = (0..100).map(|i| if i < 20 { 100 } else { 0 }).collect();
        assert_eq!(found(&counted(&burst), &context()), None);
        assert_eq!(found(&counted(&[1; 100]), &context()), None);
        assert_eq!(found(&counted(&[20; 100]), &context()), None, "200 per second are under 1 % of its time");
    }

    #[test]
    fn objects_that_are_kept_are_no_garbage() {
        let run = counted(&[40; 100]);
        assert!(found_with(&run, 5.0).is_some());
        assert_eq!(found_with(&run, 100.0), None);
    }

    #[test]
    fn batches_that_free_their_objects_leave_no_garbage() {
        let run = counted(&[40; 100]);
        let batches = vec![batch(1.0, 2.0, 600.0, true); 6];
        let kept: Vec<_> = batches.iter().map(|b| ObservedBatch { after_mb: Some(550.0), ..*b }).collect();
        assert_eq!(found(&run, &Context { batches, ..context() }), None);
        let sure = found(&run, &Context { batches: kept, ..context() }).expect("garbage");
        assert_eq!(sure.evidence.details["returned_by_batches"], 0.1);
        assert!(sure.confidence > found(&run, &context()).expect("unsure").confidence);
    }
}
