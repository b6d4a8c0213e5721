//! From the write queue to the stream, and the stream's end.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::closing::{Closing, ProcessEnd};
use super::events;
use super::shared::Shared;

/// How long a line that shows nothing new may wait: what a crash may lose.
pub(crate) const FLUSH_INTERVAL: Duration = Duration::from_secs(1);
/// How long a clean end waits for the writer.
const STOP_WAIT: Duration = Duration::from_secs(2);

impl Shared {
    /// Has the lines written: by the sampling thread, or here where there is none, where lines that show nothing new
    /// wait for later ones as they do there.
    pub(super) fn deliver(&self) {
        if self.is_threaded() {
            // The sampling thread writes after each sample; at long intervals it is woken.
            if self.interval() > FLUSH_INTERVAL { self.queue.wake_for_any() } else { self.queue.wake() }
        } else if self.queue.is_urgent() || self.is_flush_due() {
            self.flush();
        }
    }

    fn is_flush_due(&self) -> bool {
        let since = self.clock.now().nanos() - self.flushed.load(Ordering::Relaxed);
        u128::from(since.unsigned_abs()) >= FLUSH_INTERVAL.as_nanos()
    }

    /// Writes the lines that wait; called by the sampling thread, or by the job where there is none.
    pub(crate) fn flush(&self) {
        drop(self.state());
        self.flushed.store(self.clock.now().nanos(), Ordering::Relaxed);
        let flushed = self.output().flush(&self.queue, self.now());
        if let Some((problems, problem)) = &flushed.problem {
            events::not_written(*problems, problem);
        }
        let mut state = self.raw_state();
        state.totals.lost_records = flushed.lost;
        state.write_problem =
            flushed.problem.map(|(_, problem)| problem.to_string()).or(state.write_problem.take());
    }

    /// Writes all lines and the footer, and forces them to the disk.
    pub(crate) fn close(&self) {
        self.flush();
        self.state().footer(self.now());
        self.flush();
        if let Err(error) = self.output().sync() {
            events::not_written(1, &error);
        }
    }

    /// Takes how the watched process ended, where that is known, and ends the recording.
    pub(crate) fn finish(&self, end: Option<ProcessEnd>) -> Closing {
        if let Some(end) = end {
            let at = self.now();
            self.state().end(at, end);
        }
        let in_time = self.stop();
        let state = self.raw_state();
        Closing { in_time, lost_records: state.totals.lost_records, problem: state.write_problem.clone() }
    }

    /// Ends the recording; returns whether everything was written in time.
    pub(crate) fn stop(&self) -> bool {
        if self.is_threaded() {
            return self.pause();
        }
        self.close();
        true
    }

    /// Ends the sampling thread, which closes the stream; returns whether it did in time.
    pub(crate) fn pause(&self) -> bool {
        if !self.is_threaded() {
            self.flush();
            return true;
        }
        self.queue.stop();
        self.queue.wait_stopped(STOP_WAIT)
    }
}
