//! Batch sizes from predicted peaks: a pure, deterministic state machine in constant memory.
//!
//! Threshold rules look at memory *between* batches, yet a kill happens *inside* one. So the
//! next batch gets its size from two things learned of the batches so far, per operation: what a
//! batch of a size needs (`peak`) and how fast its items are done (`pace`). The size is the
//! best trade of time against memory whose predicted peak stays below the safe share of the
//! limit (`choose`); a fast size that is small wins over an equally fast one that is large.

mod choose;
mod curve;
mod garbage;
mod line;
mod pace;
mod peak;
mod plane;
#[cfg(test)]
mod plants;

use memtool_profile_model::{AdaptiveConfig, Mib, SizeRule};

use garbage::Garbage;
use pace::Pace;
use peak::Peaks;

/// What one finished batch showed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finished {
    /// Items it had; less than its size where a phase ends.
    pub items: u64,
    /// Resident memory before it.
    pub rss_start: Mib,
    /// The highest resident memory during it.
    pub rss_peak: Mib,
    /// Resident memory after it.
    pub rss_end: Mib,
    /// What it took: CPU seconds where they can be told, else wall time; the same for all. Wall
    /// time on a busy machine is so noisy that many batches are needed to learn from it.
    pub seconds: f64,
    /// Whether the peak is the kernel's own and not the largest sample.
    pub exact_peak: bool,
}

/// The memory there is at the moment of asking.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Room {
    /// Resident memory now.
    pub rss: Mib,
    /// What is left below the limit, of the system or of the container.
    pub available: Option<Mib>,
    /// The limit.
    pub limit: Option<Mib>,
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sizing {
    /// Items that the next batch may have.
    pub size: u32,
    /// The upper estimate of its peak, once a batch was seen.
    pub predicted_peak: Option<Mib>,
    /// The resident memory that the prediction may reach, where the room is known.
    pub ceiling: Option<Mib>,
    /// Why this size.
    pub rule: SizeRule,
    /// Collect garbage before the batch: memory is short and some of it may be garbage.
    pub collect_first: bool,
}

/// What is known of the batches of one operation.
#[derive(Debug, Clone, Default)]
pub struct BatchModel {
    peaks: Peaks,
    pace: Pace,
    garbage: Garbage,
}

impl BatchModel {
    /// Learns from a finished batch; one without items or without finite numbers teaches nothing.
    pub fn finished(&mut self, batch: Finished) {
        let Some(seen) = Seen::of(batch) else { return };
        self.peaks.learn(seen);
        self.pace.learn(seen.items, batch.seconds);
        self.garbage.after_batch(seen);
    }

    /// The size of the next batch.
    #[must_use]
    pub fn next(&self, config: &AdaptiveConfig, room: Room) -> Sizing {
        choose::size(self, config, room)
    }

    /// Learns what a collection freed, so that a useless one is not asked for again soon.
    pub fn collected(&mut self, before: Mib, after: Mib) {
        let (before, after) = (before.get(), after.get());
        if before.is_finite() && after.is_finite() {
            self.garbage.collected(before, after);
        }
    }
}

/// A batch whose numbers can be reckoned with.
#[derive(Debug, Clone, Copy)]
struct Seen {
    items: f64,
    start: f64,
    peak: f64,
}

impl Seen {
    /// A sampled peak misses what lies between the samples: 2 % at the 90th percentile.
    const MISSED_BY_SAMPLES: f64 = 1.02;

    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 items")]
    fn of(batch: Finished) -> Option<Self> {
        let (start, end, peak) = (batch.rss_start.get(), batch.rss_end.get(), batch.rss_peak.get());
        let usable = |mib: f64| (0.0..1e12).contains(&mib);
        if batch.items == 0 || !(usable(start) && usable(end) && usable(peak)) {
            return None;
        }
        let missed = if batch.exact_peak { 1.0 } else { Self::MISSED_BY_SAMPLES };
        Some(Self { items: batch.items as f64, start, peak: (peak * missed).max(start).max(end) })
    }
}
