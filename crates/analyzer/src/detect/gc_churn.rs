//! Collections that are undone at once, and collections that free nothing.
//!
//! Two kinds of evidence. *Forced collections* leave a `post_gc` snapshot beside the one that
//! caused them, so what each freed is known. Churn: at least two a minute that free 5 % or more
//! and whose memory is back within half a minute. Ineffective: the median frees under 2 %, the
//! share at which HotSpot gives up (GCHeapFreeLimit). Five collections are needed.
//! *The interpreter's counter* sums all generations. It rises once for some 700 containers that
//! were made and not freed at once, so a burst (an import, a table) means nothing. Where it
//! rises by twenty a second and more through most of the run, and memory does not grow by what
//! those objects take, they were made and given up again in bulk: garbage for the collector.
//! Limits: objects without cycles that a batch holds by the thousand and drops together raise
//! the counter the same way; only records of batches or counts per generation would tell, and
//! the confidence says so.

use std::collections::BTreeMap;

use memtool_profile_model::SnapshotKind;

use super::{Context, Estimate, Evidence, Finding, FindingKind, Severity};
use crate::series::Series;
use crate::stats::{median, quantiles};

/// Collections below which nothing is said.
const FEWEST: usize = 5;
/// Collections a minute from which it may be churn.
const CHURN_PER_MINUTE: f64 = 2.0;
/// Median share freed from which a collection is worth something.
const WORTHWHILE: f64 = 0.05;
/// Median share freed below which it is not (HotSpot's GCHeapFreeLimit).
const INEFFECTIVE: f64 = 0.02;
/// Freed memory that is back within this time was not worth freeing, in seconds.
const QUICK_REGROWTH_S: f64 = 30.0;
/// Automatic collections a second that bulk garbage drives: 14,000 containers a second.
const BUSY_PER_SECOND: f64 = 20.0;
/// Share of the run's windows in which the counter must be that busy.
const BUSY_SHARE: f64 = 0.6;
/// A window of the counter, in seconds, and in sample spacings.
const BUSY_WINDOW: (f64, f64) = (0.5, 3.0);
/// Automatic collections in all, below which a run is too short to say.
const FEWEST_AUTOMATIC: u64 = 200;
/// Containers that the youngest generation takes before it is collected (CPython).
const CONTAINERS: f64 = 630.0;
/// Share of what a batch took that comes back with its end where there is no garbage.
const RETURNED: f64 = 0.7;
/// Bytes by which memory grew a container, from which the objects were kept and not garbage.
const KEPT_BYTES: f64 = 6.0;

/// One forced collection.
struct Forced {
    at_s: f64,
    /// Seconds between the two snapshots: the collection and the second look.
    took_s: f64,
    before_mb: f64,
    freed_mb: f64,
    regrowth_s: Option<f64>,
}

/// Churn or ineffective collections; `growth_mb` is what a leak has kept.
pub(super) fn detect(series: &Series, context: &Context, growth_mb: f64) -> Option<Finding> {
    let forced = collections(series);
    let counter = Counter::of(series, growth_mb);
    if let Some(busy) = counter.as_ref().filter(|counter| counter.is_churn() && !freed_with_batches(context))
    {
        return Some(automatic_churn(series, &forced, busy));
    }
    of_forced(series, context, &forced)
}

/// Whether batches give back what they took as they end: then nothing waits for the collector.
fn freed_with_batches(context: &Context) -> bool {
    let returned: Vec<f64> = context.batches.iter().filter_map(super::BatchSeen::returned).collect();
    returned.len() >= FEWEST && median(&returned).is_some_and(|share| share >= RETURNED)
}

/// What the interpreter's counter says of automatic collections.
struct Counter {
    /// Automatic collections.
    total: u64,
    /// A second, over the run.
    per_second: f64,
    /// Share of windows that are busy.
    busy_share: f64,
    /// Bytes of growth a container made.
    kept_bytes: f64,
}

impl Counter {
    #[expect(clippy::cast_precision_loss, reason = "counts")]
    fn of(series: &Series, growth_mb: f64) -> Option<Self> {
        let duration = series.duration_s();
        let width = BUSY_WINDOW.0.max(BUSY_WINDOW.1 * series.rough_spacing_s());
        let (mut total, mut here, mut start) = (0_u64, 0_u64, 0.0);
        let (mut windows, mut busy) = (0_u64, 0_u64);
        let mut last: Option<u64> = None;
        for (i, count) in series.collections.iter().enumerate() {
            let Some(count) = *count else { continue };
            let forced = u64::from(series.kind[i] == SnapshotKind::PostGc);
            here += last.map_or(0, |last| count.saturating_sub(last).saturating_sub(forced));
            last = Some(count);
            let passed = series.seconds[i] - start;
            if passed >= width {
                windows += 1;
                busy += u64::from(here as f64 / passed >= BUSY_PER_SECOND);
                (total, here, start) = (total + here, 0, series.seconds[i]);
            }
        }
        total += here;
        (duration > 0.0 && windows > 0).then(|| Self {
            total,
            per_second: total as f64 / duration,
            busy_share: busy as f64 / windows as f64,
            kept_bytes: growth_mb * 1_048_576.0 / (total.max(1) as f64 * CONTAINERS),
        })
    }

    fn is_churn(&self) -> bool {
        self.total >= FEWEST_AUTOMATIC
            && self.per_second >= BUSY_PER_SECOND
            && self.busy_share >= BUSY_SHARE
            && self.kept_bytes < KEPT_BYTES
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts")]
fn automatic_churn(series: &Series, forced: &[Forced], busy: &Counter) -> Finding {
    let freed: Vec<f64> =
        forced.iter().filter(|f| f.freed_mb >= WORTHWHILE * f.before_mb).map(|f| f.freed_mb).collect();
    let savings = (freed.len() >= FEWEST)
        .then(|| quantiles(&freed, [0.25, 0.5, 0.75]))
        .flatten()
        .map(|[low, median, high]| Estimate { low, median, high });
    Finding {
        kind: FindingKind::GcChurn,
        severity: if busy.per_second >= 100.0 { Severity::High } else { Severity::Medium },
        confidence: if savings.is_some() { 0.9 } else { 0.75 },
        evidence: Evidence {
            rule: "gc_churn.busy_collector",
            window_s: (0.0, series.duration_s()),
            samples: series.len(),
            statistic: "automatic collections a second",
            value: busy.per_second,
            interval: None,
            operation: None,
            details: BTreeMap::from([
                ("automatic_collections", busy.total as f64),
                ("busy_share_of_time", busy.busy_share),
                ("containers_a_second", busy.per_second * CONTAINERS),
                ("forced_collections", forced.len() as f64),
                ("forced_that_freed_5_percent", freed.len() as f64),
            ]),
        },
        action: "Break the reference cycles of a batch's objects (weak references, or drop the back-references when \
                 the batch ends), or freeze what lives long and collect once a batch: the collector runs all the \
                 time."
            .to_owned(),
        estimated_savings_mb: savings,
        savings_withheld: savings
            .is_none()
            .then_some("fewer than five forced collections freed anything: what garbage holds was not seen"),
    }
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
    let useless = shares.iter().filter(|s| **s < INEFFECTIVE).count();
    let kind = if share < INEFFECTIVE {
        FindingKind::GcIneffective
    } else if share >= WORTHWHILE
        && per_minute >= CHURN_PER_MINUTE
        && regrowth_s.is_some_and(|t| t < QUICK_REGROWTH_S)
    {
        FindingKind::GcChurn
    } else {
        return None;
    };
    let frequent = per_minute >= 10.0;
    let freed: f64 = forced.iter().map(|f| f.freed_mb.max(0.0)).sum();
    #[expect(clippy::cast_precision_loss, reason = "counts")]
    let mut details = BTreeMap::from([
        ("collections", forced.len() as f64),
        ("collections_per_minute", per_minute),
        ("share_that_freed_nothing", useless as f64 / forced.len() as f64),
        ("freed_mb_in_total", freed),
        ("freed_mb_per_collection", freed / forced.len() as f64),
        ("gc_trigger_mb", context.gc_trigger_mb),
        ("seconds_around_collections", forced.iter().map(|f| f.took_s).sum()),
        ("median_regrowth_s", regrowth_s.unwrap_or(series.duration_s())),
    ]);
    let before: Vec<f64> = forced.iter().map(|f| f.before_mb).collect();
    details.extend(quantiles(&before, [0.95]).map(|[most]| ("trigger_that_avoids_most_mb", most)));
    let freed: Vec<f64> = forced.iter().map(|f| f.freed_mb.max(0.0)).collect();
    let savings = (kind == FindingKind::GcChurn)
        .then(|| quantiles(&freed, [0.25, 0.5, 0.75]))
        .flatten()
        .map(|[low, median, high]| Estimate { low, median, high });
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

fn collections(series: &Series) -> Vec<Forced> {
    let pair =
        |i: &usize| series.kind[*i] == SnapshotKind::PostGc && series.kind[i - 1] != SnapshotKind::PostGc;
    (1..series.len())
        .filter(pair)
        .map(|after| {
            let (before_mb, after_mb) = (series.rss_mb[after - 1], series.rss_mb[after]);
            let freed_mb = before_mb - after_mb;
            Forced {
                at_s: series.seconds[after],
                took_s: series.seconds[after] - series.seconds[after - 1],
                before_mb,
                freed_mb,
                regrowth_s: regrowth(series, after, freed_mb),
            }
        })
        .collect()
}

/// Seconds until nine tenths of what was freed are in use again; `None` if nothing was freed
/// or it does not come back within the time that matters.
fn regrowth(series: &Series, after: usize, freed_mb: f64) -> Option<f64> {
    if freed_mb <= 0.0 {
        return None;
    }
    let (start, goal) = (series.seconds[after], series.rss_mb[after] + 0.9 * freed_mb);
    (after + 1..series.len())
        .map_while(|i| (series.seconds[i] - start <= QUICK_REGROWTH_S).then_some(i))
        .find(|i| series.rss_mb[*i] >= goal)
        .map(|i| series.seconds[i] - start)
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
        let finding = detect(&counted(&[30; 100]), &context(), 0.0).expect("a finding");
        assert_eq!((finding.kind, finding.evidence.rule), (FindingKind::GcChurn, "gc_churn.busy_collector"));
        assert!((finding.evidence.value - 300.0).abs() < 5.0);
    }

    #[test]
    fn a_burst_or_a_slow_counter_is_ordinary() {
        let burst: Vec<u64> = (0..100).map(|i| if i < 20 { 100 } else { 0 }).collect();
        assert_eq!(detect(&counted(&burst), &context(), 0.0), None);
        assert_eq!(detect(&counted(&[1; 100]), &context(), 0.0), None);
    }

    #[test]
    fn objects_that_are_kept_are_no_garbage() {
        let run = counted(&[30; 100]);
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
        let run = counted(&[30; 100]);
        let batches = vec![super::super::batch(1.0, 2.0, 600.0, true); 6];
        let kept: Vec<_> =
            batches.iter().map(|b| super::super::BatchSeen { after_mb: Some(550.0), ..*b }).collect();
        assert_eq!(detect(&run, &Context { batches, ..context() }, 0.0), None);
        assert!(detect(&run, &Context { batches: kept, ..context() }, 0.0).is_some());
    }
}
