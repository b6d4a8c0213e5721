//! When live bytes are read: ten times per second at first, so that a short run has enough of them, once per second from the sixteenth second
//! on, and less often where a reading is slow.

use std::sync::atomic::{AtomicI64, Ordering};

use memtool_profile_model::Offset;

/// Nanoseconds between two readings at least: a share of the time since the start, within bounds.
const AGES: i64 = 16;
const INTERVAL_NS: (i64, i64) = (100_000_000, 1_000_000_000);
/// The same while resident memory stands still.
const QUIET_NS: i64 = 10 * INTERVAL_NS.1;
/// Times its own cost that a reading pauses: a share of the time since the start, between these. So a short run has
/// some though each is slow (where caches are cold or the machine is busy, 5 ms), and a long one spends a 5,000th on them.
const PAUSE: (i64, i64) = (200, 5_000);
/// The same while resident memory stands still: one of more than 100 µs leads to pauses over ten seconds.
const QUIET_PAUSE: i64 = 100_000;

fn interval(now: Offset) -> i64 {
    (now.nanos() / AGES).clamp(INTERVAL_NS.0, INTERVAL_NS.1)
}

/// Paces readings; any thread may ask.
#[derive(Debug, Default)]
pub(crate) struct Pacer {
    due: AtomicI64,
    /// When the last reading is so old that it is repeated though nothing moved.
    stale: AtomicI64,
    /// What the last reading cost, in nanoseconds.
    cost: AtomicI64,
}

impl Pacer {
    /// Whether a reading is due; the caller then takes it.
    pub(crate) fn take(&self, now: Offset) -> bool {
        let due = self.due.load(Ordering::Relaxed);
        let next = now.nanos().saturating_add(interval(now));
        now.nanos() >= due
            && self.due.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Whether the last reading is old enough to be repeated though nothing moved.
    pub(crate) fn is_stale(&self, now: Offset) -> bool {
        now.nanos() >= self.stale.load(Ordering::Relaxed)
    }

    /// Takes what a reading cost. One slow reading says little: on a busy machine its thread may have been held up.
    pub(crate) fn took(&self, began: Offset, ended: Offset) {
        let cost = ended.nanos().saturating_sub(began.nanos()).max(0);
        let cost = cost.min(self.cost.swap(cost, Ordering::Relaxed));
        let bounds = (cost.saturating_mul(PAUSE.0), cost.saturating_mul(PAUSE.1));
        let pause = (ended.nanos() / AGES).clamp(bounds.0, bounds.1).max(interval(ended));
        self.due.store(ended.nanos().saturating_add(pause), Ordering::Relaxed);
        let quiet = cost.saturating_mul(QUIET_PAUSE).max(QUIET_NS);
        self.stale.store(began.nanos().saturating_add(quiet), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Offset {
        Offset::from_nanos(millis * 1_000_000)
    }

    #[test]
    fn readings_are_dense_at_first_and_a_second_apart_later() {
        let pacer = Pacer::default();
        assert!(pacer.take(at(0)) && !pacer.take(at(50)), "the second caller does not take it too");
        pacer.took(at(0), at(0));
        assert!(!pacer.take(at(99)) && pacer.take(at(100)));
        pacer.took(at(8_000), at(8_000));
        assert!(!pacer.take(at(8_499)) && pacer.take(at(8_500)));
        pacer.took(at(60_000), at(60_000));
        assert!(!pacer.take(at(60_999)) && pacer.take(at(61_000)));
        assert!(!pacer.is_stale(at(69_999)) && pacer.is_stale(at(70_000)), "where nothing moves");
    }

    #[test]
    fn slow_readings_are_less_frequent() {
        let pacer = Pacer::default();
        pacer.took(at(900), at(902));
        assert!(pacer.take(at(1_002)), "its thread may have been held up");
        pacer.took(at(1_000), at(1_001));
        assert!(!pacer.take(at(1_200)) && pacer.take(at(1_201)), "1 ms pauses for 0.2 s at first");
        pacer.took(at(48_000), at(48_001));
        assert!(!pacer.take(at(51_000)) && pacer.take(at(51_002)), "for a 16th of the run");
        pacer.took(at(400_000), at(400_001));
        assert!(!pacer.take(at(405_000)) && pacer.take(at(405_002)), "and for 5 s later");
        assert!(!pacer.is_stale(at(499_999)) && pacer.is_stale(at(500_000)), "for 100 s where nothing moves");
    }
}
