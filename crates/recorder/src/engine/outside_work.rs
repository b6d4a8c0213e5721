//! Memory that the job needs between its batches.
//!
//! A prediction knows the batches alone. Between them a job may need more: it joins results, writes a
//! buffer, makes a report. What it needed for a time and gave back before the next batch is kept
//! free from then on, and so is what the job asks for in advance.

use memtool_profile_model::Mib;

/// At most this share of what is available is kept free for what was seen, so that batches go on.
const MOST: f64 = 0.5;

/// The need between batches.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OutsideWork {
    /// The memory that the job reserved, in MiB.
    reserved: f64,
    /// The largest need that was seen, in MiB.
    seen: f64,
    /// Memory when the last batch ended, and the largest since.
    pause: Option<(f64, f64)>,
}

impl OutsideWork {
    /// Keeps this much room; the last call holds.
    pub(crate) fn reserve(&mut self, room: Mib) {
        self.reserved = if room.get().is_finite() { room.get().max(0.0) } else { 0.0 };
    }

    /// Begins a pause between batches.
    pub(crate) fn ended_batch(&mut self, rss: Option<Mib>) {
        self.pause = rss.map(|rss| (rss.get(), rss.get()));
    }

    /// Takes a sample between batches.
    pub(crate) fn sampled(&mut self, rss: Mib) {
        if let Some((_, largest)) = &mut self.pause {
            *largest = largest.max(rss.get());
        }
    }

    /// Ends the pause: `rss` is the memory now, `mark` the kernel's mark where it rose in the pause. Memory
    /// that stays is no need of the pause: each later batch begins with it.
    pub(crate) fn began_batch(&mut self, rss: Option<Mib>, mark: Option<Mib>) {
        let (Some((before, sampled)), Some(after)) = (self.pause.take(), rss) else { return };
        let largest = mark.map_or(sampled, |mark| mark.get().max(sampled));
        self.seen = self.seen.max(largest - before.max(after.get()));
    }

    /// What predictions may use of the memory that is available. A need that does not fit any more is not kept free:
    /// small batches would not make it fit.
    pub(crate) fn leave_room(&self, available: Mib) -> Mib {
        let seen = if self.seen < available.get() { self.seen.min(MOST * available.get()) } else { 0.0 };
        Mib::new((available.get() - seen.max(self.reserved)).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mib(size: f64) -> Option<Mib> {
        Some(Mib::new(size))
    }

    fn room(work: &OutsideWork) -> f64 {
        work.leave_room(Mib::new(1000.0)).get()
    }

    #[test]
    fn what_was_needed_between_two_batches_is_kept_free() {
        let mut work = OutsideWork::default();
        work.began_batch(mib(100.0), mib(900.0));
        assert_eq!(room(&work), 1000.0, "a load before the first batch");
        work.ended_batch(mib(100.0));
        work.sampled(Mib::new(300.0));
        work.began_batch(mib(120.0), None);
        assert_eq!(room(&work), 820.0);
        work.ended_batch(mib(100.0));
        work.began_batch(mib(600.0), mib(600.0));
        assert_eq!(room(&work), 820.0, "what stays is in every later batch");
        work.ended_batch(mib(100.0));
        work.began_batch(mib(100.0), mib(1000.0));
        assert_eq!(room(&work), 500.0, "batches go on");
        work.ended_batch(mib(100.0));
        work.began_batch(mib(100.0), mib(2000.0));
        assert_eq!(room(&work), 1000.0, "what no longer fits cannot be kept free");
    }

    #[test]
    fn what_the_job_reserves_is_kept_free_whatever_was_seen() {
        let mut work = OutsideWork::default();
        work.reserve(Mib::new(700.0));
        assert_eq!(room(&work), 300.0);
        work.reserve(Mib::new(f64::NAN));
        assert_eq!(room(&work), 1000.0);
    }
}
