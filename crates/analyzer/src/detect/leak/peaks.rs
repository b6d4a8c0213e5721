//! The peaks over a baseline: what leaks lies under every later batch, so that their peaks rise with it.
//!
//! A heap that small blocks pin keeps what batches freed, and the next batch takes it again: the
//! baseline climbs towards peaks that stand still. A leak lifts both. Asked only
//! where the batch size stayed the same: a policy that lowers the size as memory rises holds the peaks
//! down itself, and those of one size are then seen below a threshold only. Limits: peaks that differ
//! from batch to batch have a wide interval and decide nothing.

use std::collections::BTreeMap;

use super::baseline::{Baseline, Basis};
use crate::series::Series;
use crate::stats::trend;
use crate::step_column::StepColumn;

/// Peaks without which nothing is said.
const FEWEST: usize = 4;
/// Share of the baseline's rise that the peaks of a leak reach: half, as of what the end must keep.
const SHARED: f64 = 0.5;
/// Share of snapshots with one batch size that makes it the run's.
const NEARLY_ALL: f64 = 0.95;
/// Share of the baseline's time that these peaks must span.
const LEAST_SPAN: f64 = 0.5;

/// The most that peaks rose with the baseline in MiB (the end of a 95 % interval), where that is shown to
/// be less than half of what the baseline rose by.
pub(super) fn level_peaks(series: &Series, baseline: &Baseline, risen_mb: f64) -> Option<f64> {
    if baseline.basis == Basis::Envelope || !one_size(&series.batch_size) {
        return None;
    }
    let (minutes, peaks_mb): (Vec<f64>, Vec<f64>) = between_troughs(series, baseline).into_iter().unzip();
    let span = minutes.last()? - minutes.first()?;
    if minutes.len() < FEWEST || span < LEAST_SPAN * baseline.length() {
        return None;
    }
    let most = trend(&minutes, &peaks_mb)?.interval.1 * baseline.length();
    (most < SHARED * risen_mb).then_some(most.max(0.0))
}

/// The highest snapshots before, between and after the baseline's points.
fn between_troughs(series: &Series, baseline: &Baseline) -> Vec<(f64, f64)> {
    let mut peaks: Vec<(f64, f64)> = Vec::new();
    let mut from = 0;
    for end in baseline.minutes.iter().copied().chain([f64::INFINITY]) {
        let to = series.seconds.partition_point(|s| s / 60.0 <= end);
        let highest = (from..to).max_by(|a, b| series.rss_mb[*a].total_cmp(&series.rss_mb[*b]));
        peaks.extend(highest.map(|i| (series.seconds[i] / 60.0, series.rss_mb[i])));
        from = to;
    }
    peaks
}

/// Whether nearly all snapshots have one batch size in force, as they all have where none is known.
#[expect(clippy::cast_precision_loss, reason = "exact below 2^53 snapshots")]
fn one_size(sizes: &StepColumn<Option<u32>>) -> bool {
    let mut counts: BTreeMap<Option<u32>, usize> = BTreeMap::new();
    for (samples, size) in sizes.stretches() {
        *counts.entry(size).or_default() += samples.len();
    }
    counts.into_values().max().is_some_and(|most| most as f64 >= NEARLY_ALL * sizes.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::examples::context;
    use crate::detect::leak::{Leak, LeakVerdict};
    use crate::series::shapes::{noise, series};

    const N: usize = 400;

    /// A saw of 20 snapshots between a baseline and peaks that rise by so much over the run.
    fn saw(floor_mb: f64, peaks_mb: f64) -> Series {
        let at = |(i, e): (usize, f64)| {
            let (share, place) = (i as f64 / N as f64, (i % 20) as f64 / 19.0);
            (200.0 + floor_mb * share) * (1.0 - place) + (600.0 + peaks_mb * share) * place + e
        };
        let rss: Vec<f64> = noise(3, N).into_iter().enumerate().map(at).collect();
        Series { batch_size: StepColumn::constant(Some(500), N), ..series(0.1, &rss) }
    }

    #[test]
    fn a_floor_that_climbs_to_level_peaks_is_no_leak() {
        let found = Leak::of(&saw(150.0, 0.0), &context()).report;
        assert_eq!(found.verdict, LeakVerdict::Saturating, "{}", found.reason);
        assert!(found.reason.starts_with("level_peaks: "), "{}", found.reason);
        assert_eq!(Leak::of(&saw(150.0, 150.0), &context()).report.verdict, LeakVerdict::Leak);
    }

    #[test]
    fn peaks_that_smaller_batches_hold_down_say_nothing() {
        let mut run = saw(150.0, 0.0);
        run.batch_size = (0..N as u32).map(|i| Some(1000 - i)).collect();
        assert_eq!(Leak::of(&run, &context()).report.verdict, LeakVerdict::Leak);
    }

    #[test]
    fn peaks_as_uneven_as_the_rise_say_nothing() {
        let mut run = saw(150.0, 0.0);
        for (peak, e) in run.rss_mb.iter_mut().skip(19).step_by(20).zip(noise(9, 20)) {
            *peak += 150.0 * e;
        }
        assert_eq!(Leak::of(&run, &context()).report.verdict, LeakVerdict::Leak);
    }
}
