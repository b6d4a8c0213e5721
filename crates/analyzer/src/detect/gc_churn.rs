//! Collections that are undone at once, and collections that free nothing.
//!
//! Idea: each forced collection leaves a `post_gc` snapshot beside the one that caused it, so
//! what it freed is known. Churn: at least two a minute that free 5 % or more and whose memory
//! is back within half a minute. Ineffective: the median frees under 2 %, the share at which
//! HotSpot gives up (GCHeapFreeLimit). Five collections are needed. The interpreter's own
//! generation counts are not used: a plain loop over dicts raises them hundreds of times a
//! second. Limits: what the job freed meanwhile is part of the drop.

use std::collections::BTreeMap;

use memtool_profile_model::SnapshotKind;

use super::{Context, Evidence, Finding, FindingKind, Severity};
use crate::series::Series;
use crate::stats::median;

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

/// One forced collection.
struct Forced {
    at_s: f64,
    before_mb: f64,
    freed_mb: f64,
    regrowth_s: Option<f64>,
}

pub(super) fn detect(series: &Series, context: &Context) -> Option<Finding> {
    let forced = collections(series);
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
    let details = BTreeMap::from([
        ("collections", forced.len() as f64),
        ("collections_per_minute", per_minute),
        ("collections_that_freed_under_2_percent", useless as f64),
        ("freed_mb_in_total", freed),
        ("gc_trigger_mb", context.gc_trigger_mb),
        ("median_regrowth_s", regrowth_s.unwrap_or(series.duration_s())),
    ]);
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
            details,
        },
        action: action(kind, &forced, per_minute),
        estimated_savings_mb: None,
        savings_withheld: Some("collections cost time, and their durations are not in the file"),
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
        let finding = detect(&collected(400.0), &context()).expect("a finding");
        assert_eq!(finding.kind, FindingKind::GcChurn);
        assert_eq!(finding.evidence.samples, 20);
        assert!((finding.evidence.value - 400.0 / 2600.0).abs() < 1e-12);
    }

    #[test]
    fn nothing_freed_is_ineffective() {
        assert_eq!(detect(&collected(1.0), &context()).expect("a finding").kind, FindingKind::GcIneffective);
    }

    #[test]
    fn between_the_two_nothing_is_said() {
        assert_eq!(detect(&collected(0.03 * 2600.0), &context()), None);
    }

    #[test]
    fn without_forced_collections_nothing_is_said() {
        assert_eq!(detect(&series(1.0, &[2600.0; 100]), &context()), None);
    }
}
