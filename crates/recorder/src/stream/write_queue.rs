//! Lines between the threads that make them and the one that writes them.
//!
//! Who makes a line never waits for a disk. If the writer cannot keep up, lines are dropped
//! and counted: the memory that waits is bounded.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use memtool_profile_model::stream::append_line;
use memtool_profile_model::stream::current::Record;

/// Bytes that may wait.
const CAPACITY: usize = 256 << 10;
/// Bytes from which on the writer is woken, urgent or not.
const PLENTY: usize = CAPACITY / 16;

#[derive(Debug, Default)]
pub(crate) struct WriteQueue {
    waiting: Mutex<Waiting>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: Vec<u8>,
    dropped: u64,
    /// Whether a line is among them that must not wait for its like.
    urgent: bool,
    stopping: bool,
    stopped: bool,
}

/// Why the writer was woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WakeReason {
    /// The time is over.
    Timeout,
    /// A line is urgent.
    Write,
    /// The recording ends.
    Stop,
}

impl WriteQueue {
    /// Adds a line; returns its length, or `None` if there was no room. One that is not urgent
    /// may wait for the writer's next round.
    pub(crate) fn push(&self, record: &Record, urgent: bool) -> Option<usize> {
        let mut waiting = self.lock();
        if waiting.lines.len() >= CAPACITY {
            waiting.dropped += 1;
            return None;
        }
        let before = waiting.lines.len();
        if append_line(&mut waiting.lines, record).is_err() {
            waiting.dropped += 1;
            return None;
        }
        waiting.urgent |= urgent || waiting.lines.len() >= PLENTY;
        Some(waiting.lines.len() - before)
    }

    /// Whether a line must not wait for its like.
    pub(crate) fn is_urgent(&self) -> bool {
        self.lock().urgent
    }

    /// Wakes the writer if a line is urgent.
    pub(crate) fn wake(&self) {
        if self.lock().urgent {
            self.wake.notify_all();
        }
    }

    /// Wakes the writer if there is any line.
    pub(crate) fn wake_for_any(&self) {
        let mut waiting = self.lock();
        waiting.urgent = !waiting.lines.is_empty();
        drop(waiting);
        self.wake();
    }

    /// Waits until a line is urgent, the time is over, or the end has come.
    pub(crate) fn wait(&self, at_most: Duration) -> WakeReason {
        let idle = |waiting: &mut Waiting| !waiting.urgent && !waiting.stopping;
        let waited = self.wake.wait_timeout_while(self.lock(), at_most, idle);
        let waiting = waited.unwrap_or_else(PoisonError::into_inner).0;
        match (waiting.stopping, waiting.urgent) {
            (true, _) => WakeReason::Stop,
            (false, true) => WakeReason::Write,
            (false, false) => WakeReason::Timeout,
        }
    }

    /// Takes the lines out, leaving the emptied `into` in their place; returns how many were
    /// dropped since the last time.
    pub(crate) fn take(&self, into: &mut Vec<u8>) -> u64 {
        into.clear();
        let mut waiting = self.lock();
        waiting.urgent = false;
        std::mem::swap(&mut waiting.lines, into);
        std::mem::take(&mut waiting.dropped)
    }

    /// Asks the writer to end.
    pub(crate) fn stop(&self) {
        self.lock().stopping = true;
        self.wake.notify_all();
    }

    /// Makes ready for another writer.
    pub(crate) fn reopen(&self) {
        let mut waiting = self.lock();
        (waiting.stopping, waiting.stopped) = (false, false);
    }

    /// Marks the writer as ended and runs `others` under the same lock, so that both become
    /// visible together.
    pub(crate) fn set_stopped(&self, others: impl FnOnce()) {
        let mut waiting = self.lock();
        waiting.stopped = true;
        others();
        drop(waiting);
        self.wake.notify_all();
    }

    /// Waits until the writer has ended; false if it did not in time.
    pub(crate) fn wait_stopped(&self, at_most: Duration) -> bool {
        let waited = self.wake.wait_timeout_while(self.lock(), at_most, |waiting| !waiting.stopped);
        waited.unwrap_or_else(PoisonError::into_inner).0.stopped
    }

    /// A panic elsewhere leaves whole lines behind: they are still good.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::Offset;
    use memtool_profile_model::stream::current::OperationRecord;

    use super::*;

    fn record() -> Record {
        Record::Operation(OperationRecord { t_ns: Offset::START, name: "x".repeat(1000) })
    }

    #[test]
    fn lines_that_are_not_written_are_dropped_and_counted() {
        let queue = WriteQueue::default();
        let accepted = (0..1000).filter(|_| queue.push(&record(), true).is_some()).count();
        assert!(accepted < 300, "{accepted} lines of a thousand bytes wait");
        let mut lines = Vec::new();
        assert_eq!(queue.take(&mut lines), 1000 - accepted as u64);
        assert_eq!(crate::stream::sink::count(&lines), accepted as u64);
        assert!(queue.push(&record(), true).is_some());
        assert_eq!(queue.take(&mut lines), 0);
    }

    #[test]
    fn many_lines_that_may_wait_are_urgent_together() {
        let queue = WriteQueue::default();
        let waiting = (0..1000).take_while(|_| {
            queue.push(&record(), false);
            queue.wait(Duration::ZERO) == WakeReason::Timeout
        });
        let bytes = waiting.count() * 1_000;
        assert!((PLENTY / 2..=PLENTY).contains(&bytes), "{bytes}");
    }

    #[test]
    fn an_urgent_line_ends_the_wait_and_so_does_the_end() {
        let queue = WriteQueue::default();
        assert_eq!(queue.wait(Duration::ZERO), WakeReason::Timeout);
        queue.push(&record(), false);
        assert_eq!(queue.wait(Duration::ZERO), WakeReason::Timeout);
        queue.push(&record(), true);
        queue.push(&record(), false);
        assert_eq!(queue.wait(Duration::MAX), WakeReason::Write);
        queue.take(&mut Vec::new());
        assert_eq!(queue.wait(Duration::ZERO), WakeReason::Timeout);
        queue.stop();
        assert_eq!(queue.wait(Duration::MAX), WakeReason::Stop);
        assert!(!queue.wait_stopped(Duration::ZERO));
        queue.set_stopped(|| ());
        assert!(queue.wait_stopped(Duration::MAX));
    }
}
