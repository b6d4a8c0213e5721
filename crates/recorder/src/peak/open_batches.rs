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
}

/// All open batches of the process.
#[derive(Default)]
pub(crate) struct OpenBatches {
    open: Vec<Open>,
    counter: Option<Box<dyn PeakCounter>>,
}

impl OpenBatches {
    pub(crate) fn new(counter: Option<Box<dyn PeakCounter>>) -> Self {
        Self { open: Vec::new(), counter }
    }

    /// Whether peaks come from the kernel.
    pub(crate) const fn is_exact(&self) -> bool {
        self.counter.is_some()
    }

    pub(crate) fn begin(&mut self, begun: Beginning) {
        self.read_counter();
        let exact = self.counter.as_mut().is_some_and(|counter| counter.reset().is_ok());
        if !exact {
            // Open batches lost the mark of their own time.
            self.open.iter_mut().for_each(|open| open.exact = false);
        }
        let overlapping = !self.open.is_empty();
        self.open.iter_mut().for_each(|open| open.overlapping = true);
        let peak = begun.rss_start;
        self.open.push(Open { begun, overlapping, peak, exact, samples: 0 });
    }

    pub(crate) fn end(&mut self, id: u64) -> Option<Open> {
        let place = self.open.iter().position(|open| open.begun.id == id)?;
        self.read_counter();
        Some(self.open.swap_remove(place))
    }

    /// A sample that was taken while they are open.
    pub(crate) fn sampled(&mut self, rss: Mib) {
        self.open.iter_mut().for_each(|open| open.samples = open.samples.saturating_add(1));
        self.saw(rss);
    }

    /// Memory that was read at the edge of a batch.
    pub(crate) fn saw(&mut self, rss: Mib) {
        self.open.iter_mut().for_each(|open| open.saw(rss));
    }

    fn read_counter(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let Some(counter) = &mut self.counter else { return };
        match counter.peak() {
            Ok(peak) => self.open.iter_mut().filter(|open| open.exact).for_each(|open| open.saw(peak)),
            Err(_) => self.open.iter_mut().for_each(|open| open.exact = false),
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
            assert_eq!(peak(batches.end(id)), (top, PeakSource::HighWaterMark, false));
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
        assert_eq!(peak(batches.end(2)), (400.0, PeakSource::HighWaterMark, true));
        assert_eq!(peak(batches.end(1)), (900.0, PeakSource::HighWaterMark, true));
    }

    #[test]
    fn overlapping_batches_may_end_in_the_order_they_began() {
        let memory = Memory::default();
        let mut batches = batches(&memory);
        batches.begin(beginning(1));
        batches.begin(beginning(2));
        memory.rise_to(300.0);
        assert_eq!(peak(batches.end(1)), (300.0, PeakSource::HighWaterMark, true));
        memory.rise_to(700.0);
        assert_eq!(peak(batches.end(2)), (700.0, PeakSource::HighWaterMark, true));
        assert!(batches.end(2).is_none());
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
        assert_eq!(peak(sampled.end(3)), (50.0, PeakSource::Sampled, false));
    }
}
