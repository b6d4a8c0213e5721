//! What knows the peak between two moments.

use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

use memtool_profile_model::Mib;

use crate::high_water::{HighWater, PeakAccess};

/// Knows the largest resident memory since it was last reset.
pub trait PeakCounter: Send {
    /// Begins anew from what is resident now.
    ///
    /// # Errors
    /// Where the system does not allow it: peaks are then those of samples.
    fn reset(&mut self) -> io::Result<()>;

    /// The largest resident memory since then.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn peak(&mut self) -> io::Result<Mib>;
}

/// The process that has an [`OwnPeaks`]; 0 is none. A forked child may take it for itself.
static OWNER: AtomicU32 = AtomicU32::new(0);

/// The one mark of this process. Whoever resets it takes it from all others, so that only the
/// first recorder of a process gets it; later ones go by samples.
pub(crate) struct OwnPeaks {
    mark: HighWater,
    claimed_by: u32,
}

impl OwnPeaks {
    /// Takes the mark.
    ///
    /// # Errors
    /// Why it cannot be had: it is taken, or the system does not allow to reset it.
    pub(crate) fn claim() -> Result<Self, String> {
        let own = std::process::id();
        let free = |owner| (owner != own).then_some(own);
        let taken = |_| "another recorder of this process has the mark".to_owned();
        OWNER.try_update(Ordering::AcqRel, Ordering::Acquire, free).map_err(taken)?;
        resettable()
            .map(|mark| Self { mark, claimed_by: own })
            .inspect_err(|_| OWNER.store(0, Ordering::Release))
    }
}

fn resettable() -> Result<HighWater, String> {
    let mark = HighWater::open().ok_or("the system has no high-water mark of memory")?;
    match mark.access() {
        PeakAccess::Exact => Ok(mark),
        PeakAccess::ReadOnly(reason) => Err(reason),
    }
}

impl Drop for OwnPeaks {
    fn drop(&mut self) {
        // In a forked child this is the parent's, and the child may have claimed its own since.
        if self.claimed_by == std::process::id() {
            OWNER.store(0, Ordering::Release);
        }
    }
}

impl PeakCounter for OwnPeaks {
    fn reset(&mut self) -> io::Result<()> {
        self.mark.reset()
    }

    fn peak(&mut self) -> io::Result<Mib> {
        self.mark.peak()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_mark_has_one_owner_at_a_time() {
        let Ok(first) = OwnPeaks::claim() else { return };
        assert!(OwnPeaks::claim().is_err(), "two would take it from each other");
        drop(first);
        assert!(OwnPeaks::claim().is_ok());
    }
}
