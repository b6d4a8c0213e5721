//! # `batch_flapping`
//!
//! The batch size goes up and down.
//!
//! ## The rule
//!
//! Four reversals of the size, and ten of them per minute; or six changes, half of them reversals, within five minutes or at every fourth batch.
//!
//! Without hysteresis a smaller batch lowers memory, which allows the larger batch, which raises memory again. Counted are changes of the size
//! in force and reversals: changes in the direction opposite to the one before, the first step from the start level left out
//! (Kubernetes' autoscaler damps over the same five minutes). Predicted sizes are each operation's own and are not judged: a recording says
//! so, or has sizes that no level has. A sample right after a collection has the size from before it, and does not count.
//!
//! ## What it shows
//!
//! - `changes_per_minute`, `reversals`, `median_dwell_s`.
//! - `hysteresis_mb`: the smallest margin below each threshold with which levels change at most once in five minutes, found by replay of
//!   the run's own RSS. Left out where no margin calms it.
//! - `moderate_mb_instead`, `high_mb_instead`, `critical_mb_instead`: the thresholds, each moved by as few whole MiB as calms it, the most
//!   crossed first; their order stays, and they stay below the limit. Left out where no such move calms them.
//! - `replayed_changes`, `changes_with_hysteresis`, `changes_with_thresholds`: crossings in the replay as it was and with either.
//!
//! ## What to do
//!
//! Set `hysteresis.margin_mb` to the figure named, or the thresholds, or one fixed size that fits (`memtool tune`).
//!
//! ## Where it is wrong, and savings
//!
//! The replay keeps RSS as it was: with another size it would have been another. Whether a batch of the allowed size ran cannot be seen from
//! samples. Savings are withheld: flapping costs throughput, not memory.

use memtool_profile_model::SnapshotKind;

use crate::detect::case::Case;
use crate::detect::context::Context;
use crate::detect::finding::{Details, Evidence, Finding, Severity};
use crate::detect::kind::FindingKind;
use crate::detect::remedies::{Remedies, WINDOW_S};
use crate::series::Series;
use crate::stats::{count, median};

/// Reversals, and reversals a minute, from which it flaps.
const REVERSALS: (usize, f64) = (4, 10.0);
/// Share of true findings on labelled runs, whose label asks for ten reversals a minute; of slower ones the labels say nothing.
const QUICK: f64 = 0.97;
const SLOW: f64 = 0.7;
/// In a longer run slower flapping counts too, in seconds.
const LONG_RUN_S: f64 = 60.0;
/// Changes in the window from which it flaps.
const FEWEST_CHANGES: usize = 6;
/// Changes per batch from which it flaps at any pace, and batches that show it.
const PER_BATCH: f64 = 0.25;
const FEWEST_BATCHES: usize = 10;
/// Share of changes that go back.
const REVERSAL_SHARE: f64 = 0.5;

pub(super) fn detect(case: &Case<'_>) -> Option<Finding> {
    let (series, context) = (case.series, case.context);
    if context.predictive {
        return None;
    }
    let changes = changes(series);
    let most = busiest(&changes);
    let later = changes.get(1..).unwrap_or_default();
    let reversals = later.windows(2).filter(|w| w[0].1 != w[1].1).count();
    #[expect(clippy::cast_precision_loss, reason = "counts")]
    let (reversals_n, changes_n) = (reversals as f64, changes.len() as f64);
    let minutes = series.minutes();
    let quick = reversals_n / minutes >= REVERSALS.1;
    let back_and_forth = reversals_n >= REVERSAL_SHARE * (changes_n - 1.0);
    let steady = series.duration_s() >= LONG_RUN_S && most >= FEWEST_CHANGES && back_and_forth;
    let batches = context.batches.len();
    let per_batch = changes.len() >= FEWEST_CHANGES
        && changes_n >= PER_BATCH * count(batches)
        && batches >= FEWEST_BATCHES
        && back_and_forth;
    if reversals < REVERSALS.0 || !(quick || steady || per_batch) {
        return None;
    }
    let dwell: Vec<f64> = changes.windows(2).map(|w| w[1].0 - w[0].0).collect();
    let dwell_s = median(&dwell)?;
    let remedies = Remedies::of(series, context);
    let mut details = Details::from([
        ("changes", changes_n),
        ("batches", count(batches)),
        ("changes_per_minute", changes_n / minutes),
        ("reversals", reversals_n),
        ("median_dwell_s", dwell_s),
        ("moderate_mb", context.moderate_mb),
        ("high_mb", context.high_mb),
    ]);
    details.extend(remedies.iter().flat_map(Remedies::details));
    Some(Finding {
        kind: FindingKind::BatchFlapping,
        severity: if quick { Severity::Medium } else { Severity::Low },
        confidence: if quick { QUICK } else { SLOW },
        evidence: Evidence {
            rule: "batch_flapping.reversals".into(),
            window_s: (changes[0].0, changes[changes.len() - 1].0),
            samples: series.len(),
            statistic: "reversals of the batch size per minute".into(),
            value: reversals_n / minutes,
            interval: None,
            operation: None,
            details,
        },
        action: action(context, dwell_s, remedies.as_ref()),
        estimated_savings_mb: None,
        savings_withheld: Some(
            "flapping costs throughput; what another size does to memory is a question for simulate".into(),
        ),
    })
}

fn action(context: &Context, dwell_s: f64, remedies: Option<&Remedies>) -> String {
    let remedy = match remedies {
        None => {
            "the job's own memory crosses the thresholds no more than it must, available memory does the \
                 rest: use one fixed batch size that fits (`memtool tune` finds it)"
                .to_owned()
        }
        Some(remedies) => remedies.describe(context),
    };
    format!("The size held for {dwell_s:.1} s at the median: {remedy}.")
}

/// Changes of the size in force: when, and whether it grew.
fn changes(series: &Series) -> Vec<(f64, bool)> {
    let mut last = None;
    let mut changes = Vec::new();
    for (mut samples, size) in series.batch_size.stretches() {
        let Some(size) = size else { continue };
        let at = series.seconds[samples.start];
        if samples.all(|i| series.kind[i] == SnapshotKind::PostGc) {
            continue;
        }
        if let Some(last) = last.filter(|last| *last != size) {
            changes.push((at, size > last));
        }
        last = Some(size);
    }
    changes
}

/// The most changes in any window.
fn busiest(changes: &[(f64, bool)]) -> usize {
    let mut first = 0;
    let mut most = 0;
    for (index, (at, _)) in changes.iter().enumerate() {
        while at - changes[first].0 > WINDOW_S {
            first += 1;
        }
        most = most.max(index + 1 - first);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::examples::context;
    use crate::series::shapes::series;

    #[test]
    fn up_and_down_flaps() {
        let mut run = series(1.0, &[100.0; 100]);
        run.batch_size = (0..100).map(|i| Some(if (i / 5) % 2 == 0 { 500 } else { 1000 })).collect();
        let finding = detect(&Case::new(&run, &context())).expect("a finding");
        assert_eq!(finding.evidence.details["changes"], 19.0);
        assert_eq!(finding.evidence.details["reversals"], 17.0);
        assert_eq!(finding.evidence.details["median_dwell_s"], 5.0);
        let predicted = Context { predictive: true, ..context() };
        assert_eq!(detect(&Case::new(&run, &predicted)), None, "operations in turn, each with its own size");
    }

    #[test]
    fn a_slow_change_or_a_staircase_does_not() {
        let mut slow = series(100.0, &[100.0; 100]);
        slow.batch_size = (0..100).map(|i| Some(if (i / 5) % 2 == 0 { 500 } else { 1000 })).collect();
        assert_eq!(detect(&Case::new(&slow, &context())), None);
        let mut stairs = series(1.0, &[100.0; 100]);
        stairs.batch_size = (0..100).map(|i| Some(1000 - 10 * (i / 5))).collect();
        assert_eq!(detect(&Case::new(&stairs, &context())), None);
    }

    #[test]
    fn a_sample_after_a_collection_has_the_size_from_before_it() {
        let mut run = series(1.0, &[100.0; 100]);
        run.batch_size = (0..100).map(|i| Some(if i % 5 == 1 { 500 } else { 250 })).collect();
        assert!(detect(&Case::new(&run, &context())).is_some());
        let kind = |i: u32| if i % 5 == 1 { SnapshotKind::PostGc } else { SnapshotKind::Regular };
        run.kind = (0..100).map(kind).collect();
        assert_eq!(detect(&Case::new(&run, &context())), None);
    }

    #[test]
    fn one_size_never_flaps() {
        assert_eq!(detect(&Case::new(&series(1.0, &[100.0; 100]), &context())), None);
    }

    #[test]
    fn a_change_at_nearly_every_batch_flaps_however_slow() {
        let mut run = series(10.0, &[900.0; 1080]);
        run.batch_size = (0..1080).map(|i| Some(if (i / 30) % 2 == 0 { 500 } else { 1000 })).collect();
        let batches: Vec<_> = (0..36)
            .map(|i| {
                crate::detect::examples::batch(
                    f64::from(i) * 300.0,
                    f64::from(i) * 300.0 + 290.0,
                    950.0,
                    true,
                )
            })
            .collect();
        let finding = detect(&Case::new(&run, &Context { batches, ..context() })).expect("a finding");
        assert_eq!((finding.evidence.details["changes"], finding.evidence.details["batches"]), (35.0, 36.0));
        assert_eq!(detect(&Case::new(&run, &context())), None, "five minutes each, and no batch known");
    }
}
