//! What the last batch says of the next: memory that it left behind is there to be used again.
//!
//! An allocator often keeps what a batch gave back. The next batch takes that first, so its peak is
//! not its whole need above a high start. A batch no larger than the last one peaks no higher than the
//! last one's need above its start or end, whichever is higher, whatever part of that is free: where `D` is
//! needed and `free` of it is there already, the last need was `D - free`; what the batch added is free now, and
//! what went back to the system meanwhile is needed again.

use super::finished::Seen;

/// The last batch, and how far such predictions were too low.
#[derive(Debug, Clone, Copy)]
pub(super) struct Carried {
    last: Option<Seen>,
    /// The lowest start of all.
    lowest: f64,
    /// The highest peak above the prediction, falling back slowly.
    above: f64,
}

impl Default for Carried {
    fn default() -> Self {
        Self { last: None, lowest: f64::INFINITY, above: 0.0 }
    }
}

impl Carried {
    const ABOVE_KEPT: f64 = 0.97;
    /// Sizes up to this many times the last one are predicted.
    const REACH: f64 = 2.0;

    /// Learns from a finished batch; `slope` is what an item needs at least, `margin` what the prediction was raised by.
    pub(super) fn learn(&mut self, seen: Seen, slope: f64, margin: f64) {
        if let Some(peak) = self.bare(seen.start, seen.items, slope) {
            self.above = (seen.peak - peak - margin).max(self.above * Self::ABOVE_KEPT);
        }
        self.lowest = self.lowest.min(seen.start);
        self.last = Some(seen);
    }

    /// The upper estimate of the peak of a batch that starts at `rss`, without its margin; nothing for a
    /// size that is far larger than the last one.
    pub(super) fn peak(&self, rss: f64, items: f64, slope: f64) -> Option<f64> {
        self.bare(rss, items, slope).map(|peak| peak + self.above.max(0.0))
    }

    /// More items than the last batch had need as much each as all its memory above the lowest start, at most.
    fn bare(&self, rss: f64, items: f64, slope: f64) -> Option<f64> {
        let last = self.last.filter(|last| items <= Self::REACH * last.items)?;
        let most = (last.peak - self.lowest) / last.items;
        let slope = if items < last.items { slope } else { most };
        let need = (slope * (items - last.items) + (last.peak - last.start)).max(0.0);
        Some(rss.max(last.end).max(last.start) + need)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(items: f64, start: f64, peak: f64, end: f64) -> Seen {
        Seen { items, start, peak, end }
    }

    #[test]
    fn what_a_large_batch_left_behind_is_free_for_a_small_one() {
        let mut carried = Carried::default();
        assert_eq!(carried.peak(100.0, 100.0, 0.1), None);
        carried.learn(batch(600.0, 100.0, 170.0, 170.0), 0.1, 0.0);
        assert_eq!(carried.peak(170.0, 100.0, 0.1), Some(190.0));
        assert_eq!(carried.peak(180.0, 900.0, 0.1), Some(285.0));
        assert_eq!(carried.peak(170.0, 1300.0, 0.1), None);
    }

    #[test]
    fn one_that_needed_more_is_remembered() {
        let mut carried = Carried::default();
        carried.learn(batch(100.0, 100.0, 110.0, 100.0), 0.1, 0.0);
        carried.learn(batch(100.0, 100.0, 160.0, 100.0), 0.1, 0.0);
        carried.learn(batch(100.0, 100.0, 110.0, 100.0), 0.1, 0.0);
        assert!(carried.peak(100.0, 100.0, 0.1).is_some_and(|peak| peak > 157.0));
    }
}
