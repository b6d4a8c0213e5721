//! When live bytes are read: once per second, and less often where a reading is slow.

use std::sync::atomic::{AtomicI64, Ordering};

use memtool_profile_model::Offset;

/// Nanoseconds between two readings at least, and while resident memory stands still.
const INTERVAL_NS: i64 = 1_000_000_000;
const QUIET_NS: i64 = 10 * INTERVAL_NS;
/// Times its own cost that a reading pauses: one of more than 200 µs leads to pauses over a second, and where
/// resident memory stands still, one of more than 100 µs to pauses over ten.
const PAUSE: i64 = 5_000;
const QUIET_PAUSE: i64 = 100_000;

/// Paces readings; any thread may ask.
#[derive(Debug, Default)]
pub(crate) struct Pacer {
    due: AtomicI64,
    /// When the last reading is so old that it is repeated though nothing moved.
    stale: AtomicI64,
}

impl Pacer {
    /// Whether a reading is due; the caller that is told so takes it.
    pub(crate) fn take(&self, now: Offset) -> bool {
        let due = self.due.load(Ordering::Relaxed);
        let next = now.nanos().saturating_add(INTERVAL_NS);
        now.nanos() >= due
            && self.due.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Whether the last reading is old enough to be repeated though nothing moved.
    pub(crate) fn is_stale(&self, now: Offset) -> bool {
        now.nanos() >= self.stale.load(Ordering::Relaxed)
    }

    /// Takes what a reading cost.
    pub(crate) fn took(&self, began: Offset, ended: Offset) {
        let cost = ended.nanos().saturating_sub(began.nanos()).max(0);
        let pause = cost.saturating_mul(PAUSE).max(INTERVAL_NS);
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
    fn a_reading_is_due_once_per_second_and_less_often_where_it_is_slow() {
        let pacer = Pacer::default();
        assert!(pacer.take(at(0)) && !pacer.take(at(500)), "the second caller does not take it too");
        pacer.took(at(0), at(0));
        assert!(!pacer.take(at(999)) && pacer.take(at(1_000)));
        pacer.took(at(1_000), at(1_001));
        assert!(!pacer.take(at(5_999)) && pacer.take(at(6_001)), "1 ms pauses for 5 s");
        assert!(
            !pacer.is_stale(at(100_999)) && pacer.is_stale(at(101_000)),
            "and for 100 s where nothing moves"
        );
        pacer.took(at(101_000), at(101_000));
        assert!(!pacer.is_stale(at(110_999)) && pacer.is_stale(at(111_000)));
    }
}
