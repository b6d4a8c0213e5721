//! What the interpreter's counter of collections says.

use memtool_profile_model::SnapshotKind;

use crate::series::Series;

/// Automatic collections a second in a busy window: 14,000 containers a second.
const BUSY_PER_SECOND: f64 = 20.0;
/// Automatic collections a second over the run that cost 1 % of its time at the least (the goal of
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
    #[expect(clippy::cast_precision_loss, reason = "counts")]
    pub(in crate::detect) fn of(series: &Series, growth_mb: f64) -> Option<Self> {
        if !series.has_collections() {
            return None;
        }
        let duration = series.duration_s();
        let width = BUSY_WINDOW.0.max(BUSY_WINDOW.1 * series.rough_spacing_s());
        let (mut total, mut here, mut start) = (0_u64, 0_u64, 0.0);
        let (mut windows, mut busy) = (0_u64, 0_u64);
        let mut last: Option<u64> = None;
        for (i, (count, kind)) in series.collections.iter().zip(series.kind.iter()).enumerate() {
            let Some(count) = count else { continue };
            let forced = u64::from(kind == SnapshotKind::PostGc);
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

    /// Whether it rises all the time, at a cost, while the objects are not kept.
    pub(in crate::detect) fn never_rests(&self) -> bool {
        self.total >= FEWEST_AUTOMATIC
            && self.per_second >= COSTLY_PER_SECOND
            && self.busy_share >= BUSY_SHARE
            && self.kept_bytes < KEPT_BYTES
    }
}
