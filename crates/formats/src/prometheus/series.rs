//! Which series stay, and what is to be known of them.

use memtool_profile_model::{Run, Snapshot};

use super::cautions::{ALIVE_AFTER_DEATH, COARSE_STEP, RESTARTED, UNIT_ASSUMED};

/// Seconds between samples from which a job's cycle may hide.
const COARSE_S: f64 = 5.0;
/// Prometheus shows a last value so long, in seconds, when its time is the exporter's.
const LOOKBACK_S: (f64, f64) = (285.0, 330.0);
/// Steps without a sample that make a gap.
const GAP_STEPS: f64 = 2.5;
/// What is left after a gap where another process goes on.
const LOWER: f64 = 0.7;
/// An expression whose largest value is below is no memory in bytes.
const SMALLEST_MEMORY_MB: f64 = 1.0 / 16.0;

/// The runs with what is to be known of them, without expressions that cannot be bytes.
pub(super) fn kept(mut runs: Vec<Run>) -> Option<Vec<Run>> {
    runs.retain(|run| !is_small_expression(run));
    runs.iter_mut().for_each(warn);
    (!runs.is_empty()).then_some(runs)
}

fn is_small_expression(run: &Run) -> bool {
    let largest = run.snapshots.iter().map(megabytes).fold(0.0, f64::max);
    run.warnings.contains(&UNIT_ASSUMED.warning()) && largest < SMALLEST_MEMORY_MB
}

fn megabytes(snapshot: &Snapshot) -> f64 {
    snapshot.rss.map_or(0.0, |rss| rss.get())
}

fn warn(run: &mut Run) {
    let step = run.config.monitoring_interval_seconds;
    let found = [
        (run.snapshots.len() > 1 && step >= COARSE_S, COARSE_STEP),
        (is_restarted(&run.snapshots, step), RESTARTED),
        (ends_flat(&run.snapshots), ALIVE_AFTER_DEATH),
    ];
    run.warnings.extend(found.iter().filter(|(is, _)| *is).map(|(_, caution)| caution.warning()));
}

fn is_restarted(samples: &[Snapshot], step: f64) -> bool {
    samples.windows(2).any(|pair| {
        let gap = pair[1].at.seconds_since(pair[0].at);
        gap >= GAP_STEPS * step && megabytes(&pair[1]) < LOWER * megabytes(&pair[0])
    })
}

/// Whether the last samples are equal for as long as a dead series is shown.
fn ends_flat(samples: &[Snapshot]) -> bool {
    let Some(last) = samples.last() else { return false };
    let flat = samples.iter().rev().take_while(|sample| sample.rss == last.rss).last();
    let seconds = flat.map_or(0.0, |first| last.at.seconds_since(first.at));
    (LOOKBACK_S.0..LOOKBACK_S.1).contains(&seconds)
}
