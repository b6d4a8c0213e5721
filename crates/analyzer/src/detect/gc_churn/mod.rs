//! Collections that are undone at once, and collections that free nothing.
//!
//! Two kinds of evidence. *Forced collections* are recorded in a stream, or leave a `post_gc`
//! snapshot beside the one that caused them, so what each freed is known. Churn: at least two a
//! minute of which three quarters free 5 % or more and whose memory is back within half a minute. Ineffective: the
//! median frees under 2 %, the share at which HotSpot gives up (GCHeapFreeLimit). Five collections
//! are needed. *The interpreter's counter* sums all generations. It rises once for some 700
//! containers that were made and not freed at once, so a burst (an import, a table) means nothing.
//! Where it rises by three hundred a second over the run, twenty in most of its windows, and memory
//! does not grow by what those objects take, they were made and given up again in bulk.
//! Limits: objects without cycles that a batch holds by the thousand and drops together raise
//! the counter the same way; only records of batches tell, and the confidence and the action say so.

mod counter;
mod forced;

use self::counter::{CONTAINERS, Counter};
use self::forced::{Forced, collections, figures, time_share};
use super::{Context, Estimate, Evidence, Finding, FindingKind, Severity};
use crate::series::Series;
use crate::stats::{median, quantiles};

/// Collections, or batches, below which nothing is said of them.
const FEWEST: usize = 5;
/// Collections a minute from which it may be churn.
const CHURN_PER_MINUTE: f64 = 2.0;
/// Share freed from which a collection is worth something.
const WORTHWHILE: f64 = 0.05;
/// Median share freed below which it is not (HotSpot's GCHeapFreeLimit).
const INEFFECTIVE: f64 = 0.02;
/// Freed memory that is back within this time was not worth freeing, in seconds.
const QUICK_REGROWTH_S: f64 = 30.0;
/// Share of what a batch took that comes back with its end where there is no garbage.
const RETURNED: f64 = 0.7;

/// Churn or ineffective collections; `growth_mb` is what the run has kept.
pub(super) fn detect(series: &Series, context: &Context, growth_mb: f64) -> Option<Finding> {
    let forced = collections(series, context);
    let counter = Counter::of(series, growth_mb);
    let returned = returned_by_batches(context);
    let plain = returned.is_some_and(|share| share >= RETURNED);
    if let Some(busy) = counter.as_ref().filter(|counter| counter.is_churn() && !plain) {
        return Some(automatic_churn(series, context, &forced, busy, returned));
    }
    of_forced(series, context, &forced)
}

/// The share of what they took that batches give back as they end: where it is most of it, nothing
/// waits for the collector. `None` where too few are recorded.
fn returned_by_batches(context: &Context) -> Option<f64> {
    let returned: Vec<f64> = context.batches.iter().filter_map(super::BatchSeen::returned).collect();
    if returned.len() >= FEWEST { median(&returned) } else { None }
}

#[expect(clippy::cast_precision_loss, reason = "counts")]
fn automatic_churn(
    series: &Series,
    context: &Context,
    forced: &[Forced],
    busy: &Counter,
    returned: Option<f64>,
) -> Finding {
    let freed: Vec<f64> =
        forced.iter().filter(|f| f.freed_mb >= WORTHWHILE * f.before_mb).map(|f| f.freed_mb).collect();
    let savings = if freed.len() >= FEWEST { quartiles(&freed) } else { None };
    let mut details = figures(forced, context, series.duration_s());
    details.extend([
        ("automatic_collections", busy.total as f64),
        ("busy_share_of_time", busy.busy_share),
        ("containers_a_second", busy.per_second * CONTAINERS),
        ("forced_that_freed_5_percent", freed.len() as f64),
    ]);
    details.extend(time_share(&context.collections, series.duration_s()).map(|s| ("time_share_of_timed", s)));
    details.extend(returned.map(|share| ("returned_by_batches", share)));
    let action = "Break the reference cycles of a batch's objects (weak references, or drop the back-references when the                   batch ends), or freeze what lives long and collect once a batch: the collector runs all the time.";
    let unsure = " From samples alone this may also be plain records that a batch holds by the thousand: record the                   batches to tell them apart.";
    Finding {
        kind: FindingKind::GcChurn,
        severity: if busy.per_second >= 1000.0 { Severity::High } else { Severity::Medium },
        confidence: match (returned, savings) {
            (Some(_), _) => 0.95,
            (None, Some(_)) => 0.9,
            (None, None) => 0.8,
        },
        evidence: Evidence {
            rule: "gc_churn.busy_collector",
            window_s: (0.0, series.duration_s()),
            samples: series.len(),
            statistic: "automatic collections a second",
            value: busy.per_second,
            interval: None,
            operation: None,
            details,
        },
        action: format!("{action}{}", if returned.is_none() { unsure } else { "" }),
        estimated_savings_mb: savings,
        savings_withheld: savings
            .is_none()
            .then_some("fewer than five forced collections freed anything: what garbage holds was not seen"),
    }
}

/// What one collection freed: half of them lie within.
fn quartiles(freed: &[f64]) -> Option<Estimate> {
    quantiles(freed, [0.25, 0.5, 0.75]).map(|[low, median, high]| Estimate { low, median, high })
}

fn of_forced(series: &Series, context: &Context, forced: &[Forced]) -> Option<Finding> {
    if forced.len() < FEWEST || series.duration_s() <= 0.0 {
        return None;
    }
    let shares: Vec<f64> = forced.iter().map(|f| f.freed_mb / f.before_mb).collect();
    let share = median(&shares)?;
    #[expect(clippy::cast_precision_loss, reason = "a count")]
    let per_minute = forced.len() as f64 / (series.duration_s() / 60.0);
    let regrowth: Vec<f64> = forced.iter().filter_map(|f| f.regrowth_s).collect();
    let regrowth_s = median(&regrowth);
    let kind = if share < INEFFECTIVE {
        FindingKind::GcIneffective
    } else if quantiles(&shares, [0.25]).is_some_and(|[most]| most >= WORTHWHILE)
        && per_minute >= CHURN_PER_MINUTE
        && regrowth_s.is_some_and(|t| t < QUICK_REGROWTH_S)
    {
        FindingKind::GcChurn
    } else {
        return None;
    };
    let frequent = per_minute >= 10.0;
    let freed: Vec<f64> = forced.iter().map(|f| f.freed_mb.max(0.0)).collect();
    let savings = if kind == FindingKind::GcChurn { quartiles(&freed) } else { None };
    let mut details = figures(forced, context, series.duration_s());
    details.extend(time_share(&context.collections, series.duration_s()).map(|s| ("time_share_of_timed", s)));
    Some(Finding {
        kind,
        severity: if frequent { Severity::High } else { Severity::Medium },
        confidence: confidence(&shares, kind),
        evidence: Evidence {
            rule: if kind == FindingKind::GcChurn {
                "gc_churn.regrowth"
            } else {
                "gc_ineffective.freed_share"
            },
            window_s: (forced[0].at_s, forced[forced.len() - 1].at_s),
            samples: forced.len(),
            statistic: "median share of RSS that a forced collection freed",
            value: share,
            interval: None,
            operation: None,
            details,
        },
        action: action(kind, forced, per_minute),
        estimated_savings_mb: savings,
        savings_withheld: savings
            .is_none()
            .then_some("such collections free no memory: leaving them out saves time"),
    })
}

/// How clearly the collections fall on one side.
#[expect(clippy::cast_precision_loss, reason = "counts")]
fn confidence(shares: &[f64], kind: FindingKind) -> f64 {
    let agrees = |share: &&f64| {
        if kind == FindingKind::GcChurn { **share >= WORTHWHILE } else { **share < INEFFECTIVE }
    };
    let agree = shares.iter().filter(agrees).count() as f64;
    (agree + 1.0) / (shares.len() as f64 + 2.0)
}

fn action(kind: FindingKind, forced: &[Forced], per_minute: f64) -> String {
    if kind == FindingKind::GcChurn {
        return format!(
            "{per_minute:.1} collections a minute free memory that is needed again at once: reuse or release the \
             objects of a batch explicitly instead of collecting on a threshold."
        );
    }
    let highest = forced.iter().map(|f| f.before_mb).fold(0.0, f64::max);
    format!(
        "Raise gc_trigger_mb above {highest:.0} MiB (where these collections began, at the most) or switch auto_gc_enabled \
         off: half of them freed under 2 %."
    )
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::SnapshotKind;

    use super::super::context;
    use super::*;
    use crate::series::shapes::series;

    /// Every fifth snapshot follows a forced collection that freed so much.
    fn collected(freed: f64) -> Series {
        let rss: Vec<f64> = (0..100).map(|i| if i % 5 == 4 { 2600.0 - freed } else { 2600.0 }).collect();
        let mut run = series(1.0, &rss);
        for i in (4..100).step_by(5) {
            run.kind[i] = SnapshotKind::PostGc;
        }
        run
    }

    #[test]
    fn freed_and_needed_again_is_churn() {
        let finding = detect(&collected(400.0), &context(), 0.0).expect("a finding");
        assert_eq!(finding.kind, FindingKind::GcChurn);
        assert_eq!(finding.evidence.samples, 20);
        assert!((finding.evidence.value - 400.0 / 2600.0).abs() < 1e-12);
    }

    #[test]
    fn nothing_freed_is_ineffective() {
        assert_eq!(
            detect(&collected(1.0), &context(), 0.0).expect("a finding").kind,
            FindingKind::GcIneffective
        );
    }

    #[test]
    fn between_the_two_nothing_is_said() {
        assert_eq!(detect(&collected(0.03 * 2600.0), &context(), 0.0), None);
    }

    #[test]
    fn without_forced_collections_nothing_is_said() {
        assert_eq!(detect(&series(1.0, &[2600.0; 100]), &context(), 0.0), None);
    }

    /// A counter that rises so much a sample.
    fn counted(rises: &[u64]) -> Series {
        let mut run = series(0.1, &vec![500.0; rises.len()]);
        let mut count = 24;
        run.collections = rises
            .iter()
            .map(|rise| {
                count += rise;
                Some(count)
            })
            .collect();
        run
    }

    #[test]
    fn a_counter_that_never_rests_is_churn() {
        let finding = detect(&counted(&[40; 100]), &context(), 0.0).expect("a finding");
        assert_eq!((finding.kind, finding.evidence.rule), (FindingKind::GcChurn, "gc_churn.busy_collector"));
        assert!((finding.evidence.value - 400.0).abs() < 5.0);
    }

    #[test]
    fn a_burst_or_a_slow_counter_is_ordinary() {
        let burst: Vec<u64> = (0..100).map(|i| if i < 20 { 100 } else { 0 }).collect();
        assert_eq!(detect(&counted(&burst), &context(), 0.0), None);
        assert_eq!(detect(&counted(&[1; 100]), &context(), 0.0), None);
        assert_eq!(
            detect(&counted(&[20; 100]), &context(), 0.0),
            None,
            "200 a second are under 1 % of its time"
        );
    }

    #[test]
    fn objects_that_are_kept_are_no_garbage() {
        let run = counted(&[40; 100]);
        assert!(detect(&run, &context(), 5.0).is_some());
        assert_eq!(detect(&run, &context(), 100.0), None);
    }

    #[test]
    fn forced_collections_are_not_counted_as_automatic() {
        let mut run = counted(&[3; 200]);
        run.kind =
            (0..200).map(|i| if i % 2 == 1 { SnapshotKind::PostGc } else { SnapshotKind::Regular }).collect();
        run.collections = (0..200).map(|i| Some(24 + u64::div_ceil(i, 2))).collect();
        let finding = detect(&run, &context(), 0.0).expect("a finding");
        assert_eq!(finding.kind, FindingKind::GcIneffective);
    }

    #[test]
    fn batches_that_free_their_objects_leave_no_garbage() {
        let run = counted(&[40; 100]);
        let batches = vec![super::super::batch(1.0, 2.0, 600.0, true); 6];
        let kept: Vec<_> =
            batches.iter().map(|b| super::super::BatchSeen { after_mb: Some(550.0), ..*b }).collect();
        assert_eq!(detect(&run, &Context { batches, ..context() }, 0.0), None);
        let sure = detect(&run, &Context { batches: kept, ..context() }, 0.0).expect("garbage");
        assert_eq!(sure.evidence.details["returned_by_batches"], 0.1);
        assert!(sure.confidence > detect(&run, &context(), 0.0).expect("unsure").confidence);
    }
}
