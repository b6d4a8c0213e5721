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
/// Bytes from which on the writer comes, urgent or not.
const PLENTY: usize = CAPACITY / 16;

#[derive(Debug, Default)]
pub(crate) struct Outbox {
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

/// What the writer is called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// Nothing: the time is over.
    None,
    /// A line is urgent.
    Write,
    /// The end has come.
    Stop,
}

impl Outbox {
    /// Adds a line; answers its length, or `None` if there was no room. One that is not urgent
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
    pub(crate) fn wait(&self, at_most: Duration) -> Call {
        let idle = |waiting: &mut Waiting| !waiting.urgent && !waiting.stopping;
        let waited = self.wake.wait_timeout_while(self.lock(), at_most, idle);
        let waiting = waited.unwrap_or_else(PoisonError::into_inner).0;
        match (waiting.stopping, waiting.urgent) {
            (true, _) => Call::Stop,
            (false, true) => Call::Write,
            (false, false) => Call::None,
        }
    }

    /// Takes the lines out, leaving the emptied `into` in their place; answers how many were
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

    /// Says that the writer has ended, and to `others` at the same moment: nobody finds the one
    /// without the other.
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
    fn lines_that_nobody_writes_are_dropped_and_counted() {
        let outbox = Outbox::default();
        let accepted = (0..1000).filter(|_| outbox.push(&record(), true).is_some()).count();
        assert!(accepted < 300, "{accepted} lines of a thousand bytes wait");
        let mut lines = Vec::new();
        assert_eq!(outbox.take(&mut lines), 1000 - accepted as u64);
        assert_eq!(crate::sink::count(&lines), accepted as u64);
        assert!(outbox.push(&record(), true).is_some());
        assert_eq!(outbox.take(&mut lines), 0);
    }

    #[test]
    fn many_quiet_lines_are_urgent_together() {
        let outbox = Outbox::default();
        let quiet = (0..1000).take_while(|_| {
            outbox.push(&record(), false);
            outbox.wait(Duration::ZERO) == Call::None
        });
        let bytes = quiet.count() * 1_000;
        assert!((PLENTY / 2..=PLENTY).contains(&bytes), "{bytes}");
    }

    #[test]
    fn an_urgent_line_ends_the_wait_and_so_does_the_end() {
        let outbox = Outbox::default();
        assert_eq!(outbox.wait(Duration::ZERO), Call::None);
        outbox.push(&record(), false);
        assert_eq!(outbox.wait(Duration::ZERO), Call::None);
        outbox.push(&record(), true);
        outbox.push(&record(), false);
        assert_eq!(outbox.wait(Duration::MAX), Call::Write);
        outbox.take(&mut Vec::new());
        assert_eq!(outbox.wait(Duration::ZERO), Call::None);
        outbox.stop();
        assert_eq!(outbox.wait(Duration::MAX), Call::Stop);
        assert!(!outbox.wait_stopped(Duration::ZERO));
        outbox.set_stopped(|| ());
        assert!(outbox.wait_stopped(Duration::MAX));
    }
}
