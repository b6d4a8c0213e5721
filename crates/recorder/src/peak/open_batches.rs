//! The batches that have begun and not ended, and their peaks.
//!
//! The kernel keeps one high-water mark for the whole process. It is read into every open batch
//! and reset whenever a batch begins, so that each batch knows the exact peak of its own time,
//! nested or side by side. Two batches that overlap in time share their memory: both are marked,
//! and nothing is learned from them.

use std::sync::Arc;

use memtool_profile_model::{Mib, Offset, PeakSource};

use super::counter::PeakCounter;

/// A batch as it begins.
#[derive(Debug, Clone)]
pub(crate) struct Beginning {
    pub(crate) id: u64,
    pub(crate) operation: Option<Arc<str>>,
    pub(crate) items: u64,
    pub(crate) start: Offset,
    pub(crate) rss_start: Option<Mib>,
    /// What was deducted from resident memory then, in MiB.
    pub(crate) deduction: f64,
    pub(crate) cpu_start: Option<f64>,
    /// Whether its start went into the stream.
    pub(crate) written: bool,
}

/// A batch that has begun.
#[derive(Debug, Clone)]
pub(crate) struct Open {
    pub(crate) begun: Beginning,
    pub(crate) overlapping: bool,
    peak: Option<Mib>,
    exact: bool,
    samples: u32,
}

/// Samples inside a batch below which their largest is no measure of its peak.
const FEWEST_SAMPLES: u32 = 3;

impl Open {
    /// The largest memory since it began, and how that is known.
    pub(crate) fn peak(&self) -> Option<(Mib, PeakSource)> {
        let source = if self.exact { PeakSource::HighWaterMark } else { PeakSource::Sampled };
        self.peak.map(|peak| (peak, source))
    }

    /// Whether the peak is one to learn from.
    pub(crate) const fn is_known(&self) -> bool {
        self.exact || self.samples >= FEWEST_SAMPLES
    }

    fn saw(&mut self, rss: Mib) {
        self.peak = Some(self.peak.map_or(rss, |peak| if rss > peak { rss } else { peak }));
    }

    /// Takes the kernel's mark; one that is not whole is a lower bound.
    fn read_mark(&mut self, mark: Mib, is_whole: bool) {
        self.exact = is_whole;
        self.saw(mark);
    }
}

/// The kernel counts pages per processor first, so that a sample may be this far above the mark.
pub(crate) const MARK_SLACK_MB: f64 = 4.0;
/// A pause between two batches that is too short to reach anything in: 0.2 ms touch 0.4 MiB at most.
const SHORTEST_PAUSE_S: f64 = 0.0002;

/// All open batches of the process.
#[derive(Default)]
pub(crate) struct OpenBatches {
    open: Vec<Open>,
    counter: Option<Box<dyn PeakCounter>>,
    /// The mark as it was read last.
    mark: Option<Mib>,
    /// The largest mark of the run.
    highest: Option<Mib>,
    /// Whether a part of the run has no mark.
    has_gap: bool,
    /// The largest sample since the mark was reset.
    sampled: Option<Mib>,
    /// When the last batch ended.
    ended: Offset,
}

impl OpenBatches {
    pub(crate) fn new(counter: Option<Box<dyn PeakCounter>>) -> Self {
        Self { counter, ..Self::default() }
    }

    /// Whether peaks come from the kernel.
    pub(crate) const fn is_exact(&self) -> bool {
        self.counter.is_some()
    }

    /// Whether no batch is open.
    pub(crate) const fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Begins a batch; returns the kernel's mark where it rose since the last batch ended.
    pub(crate) fn begin(&mut self, begun: Beginning) -> Option<Mib> {
        let before = self.mark;
        // The reset forgets what was reached between two batches.
        if !self.open.is_empty() || begun.start.seconds_since(self.ended) > SHORTEST_PAUSE_S {
            self.read_counter();
        }
        let risen =
            self.mark.filter(|mark| self.open.is_empty() && before.is_none_or(|before| *mark > before));
        let exact = self.counter.as_mut().is_some_and(|counter| counter.reset().is_ok());
        self.sampled = begun.rss_start;
        if !exact {
            self.has_gap = true;
            // Open batches lost the mark of their own time.
            self.open.iter_mut().for_each(|open| open.exact = false);
        }
        let overlapping = !self.open.is_empty();
        self.open.iter_mut().for_each(|open| open.overlapping = true);
        let peak = begun.rss_start;
        self.open.push(Open { begun, overlapping, peak, exact, samples: 0 });
        risen
    }

    pub(crate) fn end(&mut self, id: u64, at: Offset) -> Option<Open> {
        let place = self.open.iter().position(|open| open.begun.id == id)?;
        self.read_counter();
        self.ended = at;
        Some(self.open.swap_remove(place))
    }

    /// A sample that was taken while they are open.
    pub(crate) fn sampled(&mut self, rss: Mib) {
        self.open.iter_mut().for_each(|open| open.samples = open.samples.saturating_add(1));
        self.saw(rss);
    }

    /// Memory that was read at the edge of a batch.
    pub(crate) fn saw(&mut self, rss: Mib) {
        self.sampled = Some(self.sampled.map_or(rss, |largest| if rss > largest { rss } else { largest }));
        self.open.iter_mut().for_each(|open| open.saw(rss));
    }

    /// The kernel's mark of the whole run; `None` where a part of the run has none.
    pub(crate) fn whole_mark(&mut self) -> Option<Mib> {
        self.read_counter();
        self.highest.filter(|_| !self.has_gap)
    }

    fn read_counter(&mut self) {
        let Some(counter) = &mut self.counter else { return };
        let peak = counter.peak();
        // A mark below what was sampled since the reset was reset by something else meanwhile, another
        // tool or recorder; beside memory that was swapped out it is too low.
        let was_reset = |mark: Mib| self.sampled.is_some_and(|rss| rss.get() > mark.get() + MARK_SLACK_MB);
        let is_whole = counter.is_whole() && !peak.as_ref().is_ok_and(|mark| was_reset(*mark));
        match peak {
            Ok(peak) => {
                self.mark = Some(peak);
                self.highest =
                    Some(self.highest.map_or(peak, |highest| if peak > highest { peak } else { highest }));
                self.open
                    .iter_mut()
                    .filter(|open| open.exact)
                    .for_each(|open| open.read_mark(peak, is_whole));
                self.has_gap |= !is_whole;
            }
            Err(_) => {
                self.mark = None;
                self.open.iter_mut().for_each(|open| open.exact = false);
                self.has_gap = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Mutex;

    use super::*;

    /// A counter of memory that the test moves.
    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<(f64, f64, bool)>>);

    impl Memory {
        fn rise_to(&self, now: f64) {
            let mut memory = self.0.lock().expect("whole");
            *memory = (now, memory.1.max(now), memory.2);
        }

        fn deny(&self) {
            self.0.lock().expect("whole").2 = true;
        }
    }

    impl PeakCounter for Memory {
        fn reset(&mut self) -> io::Result<()> {
            let mut memory = self.0.lock().expect("whole");
            if memory.2 {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            memory.1 = memory.0;
            Ok(())
        }

        fn peak(&mut self) -> io::Result<Mib> {
            Ok(Mib::new(self.0.lock().expect("whole").1))
        }
    }

    fn batches(memory: &Memory) -> OpenBatches {
        OpenBatches::new(Some(Box::new(memory.clone())))
    }

    fn beginning(id: u64) -> Beginning {
        Beginning {
            id,
            operation: None,
            items: 1,
            start: Offset::START,
            rss_start: None,
            deduction: 0.0,
            cpu_start: None,
            written: true,
        }
    }

    fn peak(open: Option<Open>) -> (f64, PeakSource, bool) {
        let open = open.expect("was open");
        let (peak, source) = open.peak().expect("seen");
        (peak.get(), source, open.overlapping)
    }

    #[test]
    fn one_after_the_other_each_has_its_own_peak() {
        let memory = Memory::default();
        let mut batches = batches(&memory);
        for (id, top) in [(1, 500.0), (2, 300.0)] {
            batches.begin(beginning(id));
            memory.rise_to(top);
            memory.rise_to(10.0);
            assert_eq!(peak(batches.end(id, Offset::START)), (top, PeakSource::HighWaterMark, false));
        }
    }

    #[test]
    fn nested_batches_keep_the_peaks_of_their_own_time() {
        let memory = Memory::default();
        let mut batches = batches(&memory);
        batches.begin(beginning(1));
        memory.rise_to(900.0);
        memory.rise_to(100.0);
        batches.begin(beginning(2));
        memory.rise_to(400.0);
        assert_eq!(peak(batches.end(2, Offset::START)), (400.0, PeakSource::HighWaterMark, true));
        assert_eq!(peak(batches.end(1, Offset::START)), (900.0, PeakSource::HighWaterMark, true));
    }

    #[test]
    fn overlapping_batches_may_end_in_the_order_they_began() {
        let memory = Memory::default();
        let mut batches = batches(&memory);
        batches.begin(beginning(1));
        batches.begin(beginning(2));
        memory.rise_to(300.0);
        assert_eq!(peak(batches.end(1, Offset::START)), (300.0, PeakSource::HighWaterMark, true));
        memory.rise_to(700.0);
        assert_eq!(peak(batches.end(2, Offset::START)), (700.0, PeakSource::HighWaterMark, true));
        assert!(batches.end(2, Offset::START).is_none());
    }

    #[test]
    fn a_mark_that_something_else_reset_is_not_exact() {
        let memory = Memory::default();
        let mut batches = batches(&memory);
        batches.begin(beginning(1));
        batches.sampled(Mib::new(500.0));
        memory.rise_to(100.0);
        assert_eq!(peak(batches.end(1, Offset::START)), (500.0, PeakSource::Sampled, false));
    }

    #[test]
    fn what_was_reached_between_two_batches_is_in_the_runs_mark() {
        let memory = Memory::default();
        let mut batches = batches(&memory);
        for (id, at) in [(1, 0), (2, 1_000_000_000)] {
            let start = Offset::from_nanos(at);
            batches.begin(Beginning { start, ..beginning(id) });
            batches.end(id, start);
            memory.rise_to(900.0);
            memory.rise_to(10.0);
        }
        assert_eq!(batches.whole_mark(), Some(Mib::new(900.0)));
        memory.deny();
        batches.begin(beginning(3));
        assert_eq!(batches.whole_mark(), None, "it can no longer be reset");
    }

    #[test]
    fn without_a_reset_the_peak_is_the_largest_sample() {
        let memory = Memory::default();
        let mut batches = batches(&memory);
        batches.begin(beginning(1));
        memory.deny();
        batches.begin(beginning(2));
        assert_eq!(batches.open.iter().map(|open| open.exact).collect::<Vec<_>>(), [false, false]);
        let mut sampled = OpenBatches::new(None);
        sampled.begin(beginning(3));
        sampled.sampled(Mib::new(50.0));
        sampled.sampled(Mib::new(40.0));
        assert!(!sampled.open[0].is_known(), "two samples do not bound what was between them");
        sampled.sampled(Mib::new(45.0));
        assert!(sampled.open[0].is_known());
        assert_eq!(peak(sampled.end(3, Offset::START)), (50.0, PeakSource::Sampled, false));
    }
}
