//! The peak between two moments.

use std::io;

use memtool_profile_model::Mib;

/// Measures the largest resident memory since it was last reset.
pub(crate) trait PeakCounter: Send {
    /// Begins again from the memory resident now.
    ///
    /// # Errors
    /// Where the system does not allow it: peaks are then those of samples.
    fn reset(&mut self) -> io::Result<()>;

    /// The largest resident memory since then.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn peak(&mut self) -> io::Result<Mib>;

    /// Whether the peak that was read last is all of it; not so where memory was swapped out.
    fn is_whole(&self) -> bool {
        true
    }
}
