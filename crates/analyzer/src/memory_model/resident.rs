//! Memory between batches as a function of the work done.
//!
//! Known at the start of each recorded batch; in between a straight line. Where a batch ended with
//! much less than it had at its start plus what it kept, something large was released inside it:
//! when in the batch is not known, so that a replay takes a share of it at random. Until then memory
//! grew with the items as in the other batches.

use super::interval::quantile_of;
use super::workload::PlacedBatch;

/// A release is at least this share of the memory above the lowest start.
const RELEASE_SHARE: f64 = 0.2;
/// And this much, in MiB.
const RELEASE_MB: f64 = 2.0;

#[derive(Debug, Clone, Copy, PartialEq)]
struct Knot {
    at: f64,
    rss: f64,
    items: f64,
    releases: bool,
}

/// What memory that stays after a batch means where peaks do not follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// A heap that does not shrink: a smaller batch leaves less.
    Heap,
    /// Something that every item adds: a cache, a leak, results.
    EveryBatch,
}

/// The curve of one operation in one run.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct ResidentCurve {
    knots: Vec<Knot>,
    /// Memory that an item leaves behind.
    kept_per_item: f64,
    /// What a batch may leave behind beyond its own peak, for an item: what all keep, or what was between one
    /// batch's peak and the next one's start. What rises and falls again within the peaks is no growth.
    beyond_per_item: f64,
    /// What they rose by in all, for an item.
    trend_per_item: f64,
}

impl ResidentCurve {
    pub(super) fn of(batches: &[PlacedBatch], recorded: bool) -> Self {
        let kept = batches.iter().filter_map(|b| Some((b.batch.end? - b.batch.start) / b.batch.items));
        let kept_per_item = quantile_of(kept, 0.5).unwrap_or(0.0).max(0.0);
        let lowest = batches.iter().map(|b| b.batch.start).fold(f64::INFINITY, f64::min);
        let knots = batches.iter().enumerate().map(|(index, placed)| {
            let batch = placed.batch;
            let grown = batch.start + kept_per_item * batch.items;
            let least = (RELEASE_SHARE * (grown - lowest)).max(RELEASE_MB);
            let next = batches.get(index + 1).filter(|_| !placed.last).map(|next| next.batch.start);
            let releases = next.is_some_and(|next| next < batch.start && next < grown - least);
            Knot { at: placed.at, rss: batch.start, items: batch.items, releases }
        });
        // Of the run's next batch: before the operation's own one, others may have filled the heap.
        let beyond = batches.iter().filter_map(|b| Some((b.next_start? - b.batch.peak) / b.batch.items));
        // What samples alone say is kept is so whatever the batches before it were.
        let beyond_per_item = if recorded { beyond.fold(0.0, f64::max) } else { f64::INFINITY };
        let trend_per_item = trend_per_item(batches);
        Self { knots: knots.collect(), kept_per_item, beyond_per_item, trend_per_item }
    }

    /// What a batch may leave behind beyond its own peak, for an item, if its peak follows the memory at its start by
    /// this share. Where it does not, what starts rose by may be what the heap kept after larger batches, and what a
    /// batch left behind as well: `keeping` decides.
    pub(crate) fn beyond_per_item(&self, follow: f64, keeping: Keeping) -> f64 {
        let trend = follow * self.trend_per_item;
        let share = if keeping == Keeping::EveryBatch { 1.0 } else { follow };
        self.beyond_per_item.max(share * self.kept_per_item).max(trend)
    }

    /// Memory at a position; `release` draws the shares of batches after which they release.
    pub(crate) fn at(&self, at: f64, release: f64) -> f64 {
        let beyond = self.knots.partition_point(|knot| knot.at <= at);
        let Some(knot) = beyond.checked_sub(1).map(|index| self.knots[index]) else {
            return self.knots.first().map_or(0.0, |first| first.rss);
        };
        let done = at - knot.at;
        let grown = knot.rss + self.kept_per_item * done;
        match self.knots.get(beyond) {
            Some(next) if knot.releases => {
                if done < spread(release, beyond) * knot.items {
                    grown
                } else {
                    next.rss
                }
            }
            Some(next) if next.at > knot.at => knot.rss + (next.rss - knot.rss) * done / (next.at - knot.at),
            Some(_) => grown,
            // Beyond the recording it may go on as it went, or not.
            None => {
                grown.min(knot.rss + self.kept_per_item * knot.items)
                    + release * self.trend_per_item * (done - knot.items).max(0.0)
            }
        }
    }
}

/// What the starts of batches rose by for an item, from the second on: what the first batch leaves behind is what its
/// size took, and says nothing of what each item leaves.
fn trend_per_item(batches: &[PlacedBatch]) -> f64 {
    let warm = batches.get(1..).filter(|warm| warm.len() > 1).unwrap_or(batches);
    let (Some(first), Some(last)) = (warm.first(), warm.last()) else { return 0.0 };
    (last.batch.start - first.batch.start).max(0.0) / (last.at - first.at).max(1.0)
}

/// A share for each batch, spread evenly (multiples of the golden ratio), from one draw.
#[expect(clippy::cast_precision_loss, reason = "a count of batches")]
fn spread(draw: f64, index: usize) -> f64 {
    (draw + index as f64 * 0.618_033_988_749_894_9).fract()
}

#[cfg(test)]
mod tests {
    use super::super::trace::TracedBatch;
    use super::*;

    fn batches(starts: &[f64], kept: f64) -> Vec<PlacedBatch> {
        let at = (0..starts.len()).map(|index| 10.0 * f64::from(u32::try_from(index).unwrap_or(0)));
        let placed = starts.iter().zip(at).map(|(&start, at)| {
            let batch = TracedBatch {
                operation: None,
                items: 10.0,
                allowed: 10.0,
                begin: at,
                start,
                live: None,
                peak: start + 50.0,
                end: Some(start + kept * 10.0),
                seconds: None,
                cpu: None,
            };
            PlacedBatch { at, last: false, next_start: None, batch }
        });
        let mut placed: Vec<PlacedBatch> = placed.collect();
        for index in 1..placed.len() {
            placed[index - 1].next_start = Some(placed[index].batch.start);
        }
        placed
    }

    #[test]
    fn between_two_starts_it_is_a_line() {
        let resident = ResidentCurve::of(&batches(&[100.0, 120.0, 140.0], 2.0), true);
        assert_eq!(
            (resident.at(5.0, 0.5), resident.at(20.0, 0.5), resident.at(25.0, 0.5)),
            (110.0, 140.0, 150.0)
        );
    }

    #[test]
    fn garbage_that_comes_and_goes_below_the_peaks_is_no_growth() {
        // Starts swing by 40 MiB; peaks lie 50 above them.
        let sawtooth = ResidentCurve::of(&batches(&[100.0, 140.0, 100.0, 140.0, 100.0], 0.0), true);
        assert_eq!(sawtooth.beyond_per_item(1.0, Keeping::EveryBatch), 0.0);
        // A cache that was filled between two batches: 30 MiB beyond the peak, after ten items.
        let filled = ResidentCurve::of(&batches(&[100.0, 180.0, 180.0], 0.0), true);
        assert!(filled.beyond_per_item(0.0, Keeping::Heap) >= 3.0, "{filled:?}");
    }

    #[test]
    fn a_release_comes_after_its_share_of_the_batch() {
        let resident = ResidentCurve::of(&batches(&[100.0, 150.0, 200.0, 90.0], 5.0), true);
        // The third batch's share is the draw and three times the golden ratio, without the whole part.
        let share = spread(0.5, 3);
        assert!((resident.at(20.0 + 9.0 * share, 0.5) - 200.0 - 45.0 * share).abs() < 1e-9);
        assert_eq!(resident.at(20.0 + 11.0 * share, 0.5), 90.0);
    }
}
