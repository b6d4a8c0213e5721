//! Memory that stays high.
//!
//! Idea: a job that spends much of its time above the high threshold, in one piece, has no
//! room left for the next large batch. The share is of observed time, not of snapshots, since
//! forced checks cluster where memory is high. Fires at a share of at least 30 % with an
//! episode of at least a minute (half the run where it is shorter than two minutes) and 30
//! snapshots. Limits: whether the level was needed is not asked here.

use std::collections::BTreeMap;

use memtool_profile_model::PressureLevel;

use super::{Context, Evidence, Finding, FindingKind, Severity};
use crate::series::Series;

/// Share of time from which high memory is a pattern and not a phase.
const LEAST_SHARE: f64 = 0.30;
/// An episode this long is sustained, in seconds.
const LONG_EPISODE_S: f64 = 60.0;
/// Interruptions that do not end an episode, in seconds.
const BRIDGE_S: f64 = 5.0;
/// Below this the shares mean nothing.
const FEWEST_SAMPLES: usize = 30;
/// Observed share of the run below which nothing is said.
const LEAST_COVERAGE: f64 = 0.5;
/// Share of time in critical from which a run is pinned there.
const PINNED_SHARE: f64 = 0.30;

pub(super) fn detect(series: &Series, context: &Context) -> Option<Finding> {
    if series.len() < FEWEST_SAMPLES || series.coverage() < LEAST_COVERAGE {
        return None;
    }
    let high = |i: usize| series.rss_mb[i] >= context.high_mb || series.level[i] >= PressureLevel::High;
    let share = series.time_share(high);
    let bridge = BRIDGE_S.min(series.duration_s() / 20.0);
    let (from, to) = series.longest_episode(bridge, high)?;
    let long_enough = LONG_EPISODE_S.min(series.duration_s() / 2.0);
    // A bridged dip joins two stretches, but it was not high.
    let within = |i: &usize| series.seconds[*i] >= from && series.seconds[*i] < to && high(*i);
    let held: f64 = (0..series.len()).filter(within).map(|i| series.weights[i]).sum();
    if share < LEAST_SHARE || held < long_enough {
        return None;
    }
    let critical = series.time_share(|i| series.level[i] == PressureLevel::Critical);
    let by_available =
        series.time_share(|i| series.level[i] >= PressureLevel::High && series.rss_mb[i] < context.high_mb);
    let severe = critical >= PINNED_SHARE || share >= 0.5;
    Some(Finding {
        kind: FindingKind::SustainedHigh,
        severity: if severe { Severity::High } else { Severity::Medium },
        confidence: (0.5 + share / 2.0) * series.coverage(),
        evidence: Evidence {
            rule: "sustained_high.time_share",
            window_s: (from, to),
            samples: series.len(),
            statistic: "share of time at high or critical pressure",
            value: share,
            interval: None,
            details: BTreeMap::from([
                ("longest_episode_s", to - from),
                ("held_s", held),
                ("share_critical", critical),
                ("share_by_available_memory", by_available),
                ("high_mb", context.high_mb),
                ("coverage", series.coverage()),
            ]),
        },
        action: action(share, critical, by_available),
        estimated_savings_mb: None,
        savings_withheld: Some(
            "what another batch size would save is a question for simulate, not for one trace",
        ),
    })
}

fn action(share: f64, critical: f64, by_available: f64) -> String {
    let binding = if by_available > share / 2.0 {
        "Available memory binds, not this process: free memory on the machine or lower its share"
    } else if critical >= PINNED_SHARE {
        "The run is pinned in critical: lower the largest batch size"
    } else {
        "Lower the largest batch size, or raise the high threshold if the machine has room"
    };
    format!("{binding}; `memtool tune` says what the machine can carry.")
}

#[cfg(test)]
mod tests {
    use super::super::context;
    use super::*;
    use crate::series::shapes::series;

    #[test]
    fn half_the_time_high_in_one_piece_fires() {
        let rss: Vec<f64> = (0..200).map(|i| if i < 100 { 1000.0 } else { 3100.0 }).collect();
        let finding = detect(&series(1.0, &rss), &context()).expect("a finding");
        assert_eq!(finding.evidence.window_s, (100.0, 199.0));
        assert!((finding.evidence.value - 99.0 / 199.0).abs() < 1e-12);
        assert_eq!(finding.severity, Severity::Medium);
    }

    #[test]
    fn short_spikes_do_not_add_up_to_an_episode() {
        let rss: Vec<f64> = (0..400).map(|i| if i % 20 < 8 { 3100.0 } else { 1000.0 }).collect();
        assert_eq!(detect(&series(1.0, &rss), &context()), None);
    }

    #[test]
    fn too_few_samples() {
        assert_eq!(detect(&series(10.0, &[3600.0; 29]), &context()), None);
    }
}
