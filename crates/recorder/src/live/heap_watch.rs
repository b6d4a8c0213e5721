//! Whether resident memory moved since the heap was last read.

use memtool_profile_model::Mib;

/// Resident memory that moves by less shows nothing new of the heap, in MiB.
const MOVE_MB: f64 = 1.0;

/// Resident memory by the latest sample, and when the heap was last read.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct HeapWatch {
    latest: Mib,
    read: Option<Mib>,
}

impl HeapWatch {
    /// Takes a sample.
    pub(crate) const fn sampled(&mut self, rss: Mib) {
        self.latest = rss;
    }

    /// Takes that the heap was read.
    pub(crate) const fn was_read(&mut self) {
        self.read = Some(self.latest);
    }

    /// Whether resident memory moved since, or the heap was never read.
    pub(crate) fn moved(&self) -> bool {
        self.read.is_none_or(|read| (self.latest.get() - read.get()).abs() >= MOVE_MB)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heap_is_read_again_once_memory_moves() {
        let mut watch = HeapWatch::default();
        assert!(watch.moved());
        watch.sampled(Mib::new(100.0));
        watch.was_read();
        watch.sampled(Mib::new(100.9));
        assert!(!watch.moved());
        watch.sampled(Mib::new(98.0));
        assert!(watch.moved());
    }
}
