//! # `gc_churn`
//!
//! Garbage is collected all the time, and the memory is needed again at once.
//!
//! ## The rule
//!
//! Collections free garbage in bulk: as their record says, as memory falls with them, or as batches keep what the collector is busy with.
//!
//! *Recorded collections* say how many objects in cycles they freed: two that freed a thousand are churn. So are a thousand over all of those past
//! the start-up, at a hundred or more each in the median, where batches give back under 30 % as they end: a few large objects wait for the collector.
//! Fewer rule churn out. *Falls*: at least three times memory falls by a tenth of its largest, four of five such falls come with a collection, and fewer
//! than a third of the samples do.
//!
//! *A runtime's log* (JVM, Node, Go) times its pauses: a tenth of the run in at least five of them, of which half free 5 % of the heap,
//! are churn. HotSpot's G1 aims at 7.7 % at most (`GCTimeRatio` 12), its parallel collector at 1 %.
//!
//! *Forced collections* are recorded in a stream, or leave a `post_gc` sample next to the one that caused them: at least five, two per
//! minute, of which three quarters free 5 % of RSS, and it is back within half a minute. *Batches that keep their garbage*: the interpreter's
//! counter never rests ([busy_collector](busy_collector.md)), and recorded batches give back under 70 % of what they took as they end.
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
//! Samples count collections and not what they freed: records without cycles that a batch holds by the thousand raise the counter as garbage
//! does, so samples alone show churn by falls and forced collections only. A run that is killed before its first garbage is collected shows none.
//! Savings are the quartiles of what one forced collection freed; withheld where fewer than five freed anything.

use crate::detect::case::Case;
use crate::detect::finding::{Details, Estimate, Evidence, Finding, Severity};
use crate::detect::gc::counter::{CONTAINERS, Counter};
use crate::detect::gc::falls::Fall;
use crate::detect::gc::forced::{FEWEST, Forced, WORTHWHILE, agreement, figures, rate, shares, time_share};
use crate::detect::gc::garbage::{Found, busy_with_garbage, found, returned_by_batches};
use crate::detect::gc::pauses::{Pauses, pauses};
use crate::detect::kind::FindingKind;
use crate::stats::{median, quantiles};

const BREAK_CYCLES: &str = "Break the reference cycles of a batch's objects (weak references, or drop the back-references when \
                            the batch ends), or freeze what lives long and collect once per batch: what is in a cycle is only \
                            freed by the collector.";
/// Share of the run in collections from which churn is pressing.
const COSTLY: f64 = 0.05;
/// Share of the run that a runtime stands still from which churn is pressing.
const STANDS_STILL: f64 = 0.2;
/// Collections per minute from which it may be churn.
const CHURN_PER_MINUTE: f64 = 2.0;
/// Freed memory that is back within this time was not worth freeing, in seconds.
const QUICK_REGROWTH_S: f64 = 30.0;
/// Automatic collections per second from which churn is pressing.
const PRESSING_PER_SECOND: f64 = 1000.0;
/// Forced ones per minute.
const PRESSING_PER_MINUTE: f64 = 10.0;

pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    let forced = case.forced_collections();
    let pauses = pauses(case.context, case.series.duration_s());
    if let Some(pauses) = pauses.filter(|pauses| pauses.freed_share >= WORTHWHILE) {
        return Some(standing_still(case, &pauses));
    }
    if let Some(found) = found(case.context).filter(|found| found.is_churn(case)) {
        return Some(in_bulk(case, &found));
    }
    if let Some(counter) = busy_with_garbage(case) {
        return Some(automatic(case, forced, &counter));
    }
    let falls = case.falls_at_collections();
    if falls.is_empty() { of_forced(case, forced) } else { Some(at_collections(case, falls)) }
}

/// Churn of a runtime that stands still for its own collections.
#[expect(clippy::cast_precision_loss, reason = "counts")]
fn standing_still(case: &Case<'_>, pauses: &Pauses) -> Finding {
    let duration_s = case.series.duration_s();
    Finding {
        kind: FindingKind::GcChurn,
        severity: if pauses.share >= STANDS_STILL { Severity::High } else { Severity::Medium },
        confidence: 0.95,
        evidence: Evidence {
            rule: "gc_churn.time_in_collections".into(),
            window_s: (0.0, duration_s),
            samples: pauses.collections,
            statistic: "share of the run that the program stood still for collections".into(),
            value: pauses.share,
            interval: None,
            operation: None,
            details: Details::from([
                ("collections", pauses.collections as f64),
                ("collections_per_minute", pauses.collections as f64 / (duration_s / 60.0)),
                ("median_share_freed", pauses.freed_share),
                ("freed_mb_in_total", pauses.freed_mb),
            ]),
        },
        action: format!(
            "The program stands still for collections {:.0} % of its time, and half of them free {:.0} % of the heap or more: make fewer \
             short-lived objects in the busiest loop, or give the heap (its young part first) more room.",
            pauses.share * 100.0,
            pauses.freed_share * 100.0
        ),
        estimated_savings_mb: None,
        savings_withheld: Some("it costs time: the memory is freed as it should be".into()),
    }
}

/// Churn that the recorder saw: what each collection freed.
#[expect(clippy::cast_precision_loss, reason = "counts")]
fn in_bulk(case: &Case<'_>, found: &Found) -> Finding {
    let per_minute = found.in_bulk as f64 / case.series.minutes();
    let mut details = all_figures(case, case.forced_collections());
    details.extend([
        ("collections_recorded", found.collections as f64),
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
            statistic: "collections per minute that freed 1,000 objects or more".into(),
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
                ("falls_per_minute", falls.len() as f64 / case.series.minutes()),
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
    details.extend(returned_by_batches(context).map(|share| ("returned_by_batches", share)));
    Finding {
        kind: FindingKind::GcChurn,
        severity: if counter.per_second >= PRESSING_PER_SECOND { Severity::High } else { Severity::Medium },
        confidence: 0.95,
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
        action: BREAK_CYCLES.to_owned(),
        estimated_savings_mb: savings,
        savings_withheld: savings.is_none().then_some(
            "fewer than five forced collections freed anything: what garbage holds was not seen".into(),
        ),
    }
}

/// What one collection freed: half of them lie within.
fn quartiles(freed: &[f64]) -> Option<Estimate> {
    quantiles(freed, [0.25, 0.5, 0.75]).map(|[low, median, high]| Estimate { low, median, high })
}

fn all_figures(case: &Case<'_>, forced: &[Forced]) -> Details {
    let mut details = figures(forced, case.context, case.series.minutes());
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
    use crate::detect::observed::{ObservedBatch, ObservedCollection};
    use crate::series::Series;
    use crate::series::shapes::series;

    fn found(series: &Series, context: &Context) -> Option<Finding> {
        detect(&Case::new(series, context))
    }

    /// Six batches that hold so much at their end, of 500 MiB that they took.
    fn kept(after_mb: f64) -> Context {
        let kept = ObservedBatch { after_mb: Some(after_mb), ..batch(1.0, 2.0, 600.0, true) };
        Context { batches: vec![kept; 6], ..context() }
    }

    /// The same with collections that freed so many objects each.
    fn collecting(after_mb: f64, objects: &[u64], forced: bool) -> Context {
        let collection = |(at, objects): (usize, &u64)| ObservedCollection {
            at_s: at as f64 + 2.0,
            forced,
            seconds: None,
            before_mb: None,
            after_mb: None,
            committed_mb: None,
            young: false,
            objects: Some(*objects),
        };
        Context { collections: objects.iter().enumerate().map(collection).collect(), ..kept(after_mb) }
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
    fn a_counter_that_never_rests_is_churn_where_batches_keep_their_garbage() {
        let run = counted(&[40; 100]);
        let finding = found(&run, &kept(550.0)).expect("garbage");
        assert_eq!(
            (finding.kind, &*finding.evidence.rule),
            (FindingKind::GcChurn, "gc_churn.busy_collector")
        );
        assert!((finding.evidence.value - 400.0).abs() < 5.0);
        assert_eq!(finding.evidence.details["returned_by_batches"], 0.1);
        assert_eq!(found(&run, &kept(100.0)), None, "batches free their objects themselves");
        assert_eq!(found(&run, &context()), None, "plain records look the same in samples");
    }

    #[test]
    fn a_run_of_one_moment_has_a_finite_rate() {
        let moment = series(1.0, &[600.0]);
        let finding = found(&moment, &collecting(550.0, &[90_000; 8], false)).expect("garbage in bulk");
        assert_eq!(finding.evidence.rule, "gc_churn.objects_in_cycles");
        let figures =
            finding.evidence.details.iter().map(|(_, figure)| figure).chain([finding.evidence.value]);
        assert!(figures.into_iter().all(f64::is_finite), "{:?}", finding.evidence);
    }

    #[test]
    fn a_runtime_that_stands_still_for_its_own_collections_churns() {
        use memtool_profile_model::Measure;
        let run = series(1.0, &[300.0; 100]);
        let context = |seconds: f64, after_mb: f64, measure| {
            let collection = |at: u32| ObservedCollection {
                at_s: f64::from(at),
                forced: false,
                seconds: Some(seconds),
                before_mb: Some(300.0),
                after_mb: Some(after_mb),
                committed_mb: None,
                young: false,
                objects: None,
            };
            Context { collections: (0..100).map(collection).collect(), measure, ..context() }
        };
        let finding = found(&run, &context(0.15, 100.0, Measure::HeapUsed)).expect("churn");
        assert_eq!(&*finding.evidence.rule, "gc_churn.time_in_collections");
        assert!((finding.evidence.value - 15.0 / 99.0).abs() < 1e-9, "{}", finding.evidence.value);
        assert_eq!(found(&run, &context(0.02, 100.0, Measure::HeapUsed)), None, "2 % of the time");
        assert_eq!(found(&run, &context(0.15, 299.0, Measure::HeapUsed)), None, "a full heap frees nothing");
        assert_eq!(
            found(&run, &context(0.15, 100.0, Measure::default())),
            None,
            "an interpreter's, not a heap's log"
        );
    }

    #[test]
    fn objects_in_cycles_are_churn_whoever_collects_them_and_few_rule_it_out() {
        let run = counted(&[40; 100]);
        let rule = |context: &Context| found(&run, context).map(|finding| finding.evidence.rule);
        let in_bulk = Some("gc_churn.objects_in_cycles".into());
        for forced in [false, true] {
            assert_eq!(rule(&collecting(550.0, &[0, 5000, 70_000], forced)), in_bulk);
            assert_eq!(
                rule(&collecting(550.0, &[500, 400, 600], forced)),
                in_bulk,
                "large objects that wait"
            );
            assert_eq!(rule(&collecting(100.0, &[500, 400, 600], forced)), None, "batches give back all");
            assert_eq!(
                rule(&collecting(550.0, &[1200, 0, 0], forced)),
                None,
                "what imports leave behind, once"
            );
            assert_eq!(rule(&collecting(550.0, &[0, 0, 0], forced)), None);
        }
    }
}
