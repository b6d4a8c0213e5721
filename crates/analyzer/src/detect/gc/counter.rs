//! The interpreter's counter of collections.

use std::ops::Range;

use memtool_profile_model::{Mib, SnapshotKind};

use crate::series::Series;

/// Automatic collections per second in a busy window: 14,000 containers per second.
const BUSY_PER_SECOND: f64 = 20.0;
/// Automatic collections per second over the run that cost at least 1 % of its time (the goal of
/// HotSpot's parallel collector): one of the youngest 700 containers alone took 7 to 33 µs when
/// measured (CPython 3.11), before what older generations add.
const COSTLY_PER_SECOND: f64 = 300.0;
/// Share of the run's windows in which the counter must be busy.
const BUSY_SHARE: f64 = 0.6;
/// A window of the counter, in seconds, and in sample spacings.
const BUSY_WINDOW: (f64, f64) = (0.5, 3.0);
/// Automatic collections in all, below which a run is too short to say.
const FEWEST_AUTOMATIC: u64 = 200;
/// Containers that the youngest generation takes before it is collected (CPython).
pub(in crate::detect) const CONTAINERS: f64 = 630.0;
/// Bytes by which memory grew a container, from which the objects were kept and not garbage.
const KEPT_BYTES: f64 = 6.0;

/// What the interpreter's counter says of automatic collections.
pub(in crate::detect) struct Counter {
    /// Automatic collections.
    pub(in crate::detect) total: u64,
    /// A second, over the run.
    pub(in crate::detect) per_second: f64,
    /// Share of windows that are busy.
    pub(in crate::detect) busy_share: f64,
    /// Bytes of growth a container made.
    kept_bytes: f64,
}

impl Counter {
    /// `None` where nothing was counted, or so little that the collector rests.
    #[expect(clippy::cast_precision_loss, reason = "counts")]
    pub(in crate::detect) fn of(series: &Series, growth_mb: f64) -> Option<Self> {
        let duration = series.duration_s();
        let total: u64 = rises(series).map(|(_, automatic)| automatic).sum();
        let per_second = total as f64 / duration;
        if total < FEWEST_AUTOMATIC || duration <= 0.0 || per_second < COSTLY_PER_SECOND {
            return None;
        }
        let width = BUSY_WINDOW.0.max(BUSY_WINDOW.1 * series.rough_spacing_s());
        let (mut here, mut start, mut windows, mut busy) = (0, 0.0, 0_u64, 0_u64);
        for (samples, automatic) in rises(series) {
            here += automatic;
            for second in &series.seconds[samples] {
                let passed = second - start;
                if passed >= width {
                    windows += 1;
                    busy += u64::from(here as f64 / passed >= BUSY_PER_SECOND);
                    (here, start) = (0, *second);
                }
            }
        }
        (windows > 0).then(|| Self {
            total,
            per_second,
            busy_share: busy as f64 / windows as f64,
            kept_bytes: growth_mb * Mib::BYTES / (total as f64 * CONTAINERS),
        })
    }

    /// Whether it rises all the time, at a cost, while the objects are not kept.
    pub(in crate::detect) fn never_rests(&self) -> bool {
        self.busy_share >= BUSY_SHARE && self.kept_bytes < KEPT_BYTES
    }
}

/// Samples between which the counter stays, and the automatic collections before the first of them.
fn rises(series: &Series) -> impl Iterator<Item = (Range<usize>, u64)> + '_ {
    let counted = series.collections.stretches().filter_map(|(samples, count)| Some((samples, count?)));
    counted.scan(None, |last: &mut Option<u64>, (samples, count)| {
        let forced = u64::from(series.kind[samples.start] == SnapshotKind::PostGc);
        let before = last.replace(count).unwrap_or(count);
        Some((samples, count.saturating_sub(before).saturating_sub(forced)))
    })
}
