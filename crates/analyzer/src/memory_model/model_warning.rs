//! Warnings about a memory model.

use std::fmt;

/// Why the figures of a memory model are uncertain.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum ModelWarning {
    /// A smaller fixed size had the higher peak: small blocks pin the heap.
    SmallerSizeHigherPeak,
    /// Batches were not recorded: their memory is guessed from samples.
    SamplesOnly,
    /// Memory stays after batches, which hides what an item needs.
    MemoryStays,
    /// No batch size was recorded.
    NoSize,
    /// Only this batch size was recorded.
    OneSize(f64),
    /// The figures are of a runtime's heap, and a limit counts the whole process.
    HeapOnly,
}

impl fmt::Display for ModelWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::OneSize(size) => {
                return write!(
                    f,
                    "not identifiable: only batch size {size} was seen; record one run with another fixed size"
                );
            }
            Self::NoSize => "not identifiable: no batch size was recorded",
            Self::SmallerSizeHigherPeak => "a smaller fixed size had the higher peak in these runs",
            Self::SamplesOnly => {
                "snapshots only: what a batch takes is guessed from the course of memory; recorded batches tell more"
            }
            Self::MemoryStays => {
                "memory stays after a batch: what one more item costs is known only within bounds; \
                 runs of two fixed sizes would tell"
            }
            Self::HeapOnly => {
                "the figures are of a runtime's heap: a memory limit counts the whole process, which needs \
                 more; read a file of its RSS"
            }
        };
        f.write_str(text)
    }
}
