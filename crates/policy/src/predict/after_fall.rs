//! What is known of a batch's need after memory has fallen.
//!
//! A batch that starts high may find much of what it needs there already: its peak says little of its need.
//! Once memory is given back, the next batch has all of it to fetch. From there the need of the last batches
//! is at most their peaks above the memory now, and that for each item, until one has started as low.

use super::finished::Seen;

/// The last batches.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct AfterFall {
    last: [Option<Seen>; Self::BATCHES],
    /// The lowest start of them, and the one of most items: one choice of a size asks for them dozens of times.
    lowest: f64,
    largest: Option<Seen>,
}

impl AfterFall {
    const BATCHES: usize = 8;
    /// A start that is higher by this share of the memory now is no drop.
    const SAME: f64 = 0.1;

    pub(super) fn learn(&mut self, seen: Seen) {
        self.last.rotate_right(1);
        self.last[0] = Some(seen);
        let last = || self.last.iter().flatten();
        self.lowest = last().map(|seen| seen.start).fold(f64::INFINITY, f64::min);
        self.largest = last().max_by(|a, b| a.items.total_cmp(&b.items)).copied();
    }

    /// The upper estimate of the peak of a batch that starts at `rss` and is larger than all of the last;
    /// nothing where one of them started as low, or had as many items: that is for the other estimates.
    pub(super) fn peak(&self, rss: f64, items: f64) -> Option<f64> {
        let largest = self.largest?;
        if self.lowest <= (1.0 + Self::SAME) * rss || items <= largest.items {
            return None;
        }
        Some((largest.peak - rss).max(0.0) * (items / largest.items) + rss)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(starts: &[f64]) -> AfterFall {
        let mut fallen = AfterFall::default();
        for &start in starts {
            fallen.learn(Seen { items: 400.0, start, peak: start + 50.0, end: start });
        }
        fallen
    }

    #[test]
    fn after_a_drop_a_larger_batch_may_need_all_that_the_last_ones_found() {
        assert_eq!(after(&[270.0, 270.0]).peak(100.0, 800.0), Some(540.0));
        assert_eq!(after(&[270.0]).peak(100.0, 400.0), None, "no larger than before");
        assert_eq!(after(&[270.0]).peak(260.0, 800.0), None, "no drop");
        assert_eq!(AfterFall::default().peak(100.0, 800.0), None);
    }

    #[test]
    fn one_batch_from_the_low_start_is_enough() {
        assert_eq!(after(&[270.0, 100.0, 270.0]).peak(100.0, 800.0), None);
    }
}
