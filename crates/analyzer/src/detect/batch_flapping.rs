//! A batch size that goes up and down.
//!
//! Idea: without hysteresis a smaller batch lowers memory, which allows the larger batch,
//! which raises memory again. Counted are changes of the size in force between regular
//! snapshots, and reversals: changes in the direction opposite to the one before. Fires at
//! six changes in any five minutes (or in the run, if shorter) of which half are reversals;
//! Kubernetes' autoscaler damps over the same five minutes. Limits: from the file alone it
//! cannot be seen whether a batch of the allowed size ran.

use std::collections::BTreeMap;

use memtool_profile_model::SnapshotKind;

use super::{Context, Evidence, Finding, FindingKind, Severity};
use crate::series::Series;
use crate::stats::median;

/// The time over which changes are counted, in seconds.
const WINDOW_S: f64 = 300.0;
/// Changes in the window from which it flaps.
const FEWEST_CHANGES: usize = 6;
/// Share of changes that go back.
const REVERSAL_SHARE: f64 = 0.5;

pub(super) fn detect(series: &Series, context: &Context) -> Option<Finding> {
    let changes = changes(series);
    let most = busiest(&changes);
    let reversals = changes.windows(2).filter(|w| w[0].1 != w[1].1).count();
    #[expect(clippy::cast_precision_loss, reason = "counts")]
    let (reversals_n, changes_n) = (reversals as f64, changes.len() as f64);
    if most < FEWEST_CHANGES || reversals_n < REVERSAL_SHARE * (changes_n - 1.0) {
        return None;
    }
    let minutes = (series.duration_s() / 60.0).max(f64::MIN_POSITIVE);
    let dwell: Vec<f64> = changes.windows(2).map(|w| w[1].0 - w[0].0).collect();
    let dwell_s = median(&dwell)?;
    Some(Finding {
        kind: FindingKind::BatchFlapping,
        severity: if reversals_n / minutes >= 10.0 { Severity::Medium } else { Severity::Low },
        confidence: (reversals_n + 1.0) / (changes_n + 1.0),
        evidence: Evidence {
            rule: "batch_flapping.reversals",
            window_s: (changes[0].0, changes[changes.len() - 1].0),
            samples: series.len(),
            statistic: "reversals of the batch size a minute",
            value: reversals_n / minutes,
            interval: None,
            details: BTreeMap::from([
                ("changes", changes_n),
                ("reversals", reversals_n),
                ("median_dwell_s", dwell_s),
                ("moderate_mb", context.moderate_mb),
                ("high_mb", context.high_mb),
            ]),
        },
        action: format!(
            "The size held for {dwell_s:.1} s at the median: use one fixed batch size that fits (`memtool tune` finds \
             it), or thresholds that the job does not cross in every batch."
        ),
        estimated_savings_mb: None,
        savings_withheld: Some(
            "flapping costs throughput; what another size does to memory is a question for simulate",
        ),
    })
}

/// Changes of the size in force: when, and whether it grew.
fn changes(series: &Series) -> Vec<(f64, bool)> {
    let sizes: Vec<(f64, u32)> = (0..series.len())
        .filter(|i| series.kind[*i] == SnapshotKind::Regular)
        .filter_map(|i| Some((series.seconds[i], series.batch_size[i]?)))
        .collect();
    sizes.windows(2).filter(|w| w[0].1 != w[1].1).map(|w| (w[1].0, w[1].1 > w[0].1)).collect()
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
    use super::super::context;
    use super::*;
    use crate::series::shapes::series;

    #[test]
    fn up_and_down_flaps() {
        let mut run = series(1.0, &[100.0; 100]);
        run.batch_size = (0..100).map(|i| Some(if (i / 5) % 2 == 0 { 500 } else { 1000 })).collect();
        let finding = detect(&run, &context()).expect("a finding");
        assert_eq!(finding.evidence.details["changes"], 19.0);
        assert_eq!(finding.evidence.details["reversals"], 18.0);
        assert_eq!(finding.evidence.details["median_dwell_s"], 5.0);
    }

    #[test]
    fn a_slow_change_or_a_staircase_does_not() {
        let mut slow = series(100.0, &[100.0; 100]);
        slow.batch_size = (0..100).map(|i| Some(if (i / 5) % 2 == 0 { 500 } else { 1000 })).collect();
        assert_eq!(detect(&slow, &context()), None);
        let mut stairs = series(1.0, &[100.0; 100]);
        stairs.batch_size = (0..100).map(|i| Some(1000 - 10 * (i / 5))).collect();
        assert_eq!(detect(&stairs, &context()), None);
    }

    #[test]
    fn one_size_never_flaps() {
        assert_eq!(detect(&series(1.0, &[100.0; 100]), &context()), None);
    }
}
