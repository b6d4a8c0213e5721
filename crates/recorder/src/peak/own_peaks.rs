//! The kernel's high-water mark of this process, shared by all recorders in it.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use memtool_profile_model::Mib;

use super::counter::PeakCounter;
use super::high_water::{HighWater, PeakAccess};

/// How often a process that has a mark may fork and its child take one too.
const GENERATIONS: usize = 64;

/// The mark of this process and of its ancestors, each in a place of its own: an ancestor's lock
/// may have been held at the fork, and is then never released here.
static MARKS: [Mutex<Option<SharedMark>>; GENERATIONS] = [const { Mutex::new(None) }; GENERATIONS];
/// The process that has a mark, and its place: the two halves of the number.
static PLACE: AtomicU64 = AtomicU64::new(0);

/// The place of this process's mark.
fn own_place() -> Option<usize> {
    let own = u64::from(std::process::id()) << 32;
    let place = |seen: u64| seen & u64::from(u32::MAX);
    let taken = |seen: u64| match seen {
        0 => Some(own),
        _ if seen >> 32 == own >> 32 => None,
        _ => Some(own | (place(seen) + 1)),
    };
    let seen = match PLACE.try_update(Ordering::AcqRel, Ordering::Acquire, taken) {
        Ok(before) => taken(before)?,
        Err(own) => own,
    };
    usize::try_from(place(seen)).ok().filter(|place| *place < GENERATIONS)
}

/// The one mark of a process. A reset first passes the mark on to all other users.
struct SharedMark {
    mark: HighWater,
    /// Who uses it, and the largest mark that others have reset since their own reset.
    users: Vec<(u64, Mib)>,
    next: u64,
}

impl SharedMark {
    fn open() -> Result<Self, String> {
        let mark = HighWater::open().ok_or("the system has no high-water mark of memory")?;
        match mark.access() {
            PeakAccess::Exact => Ok(Self { mark, users: Vec::new(), next: 0 }),
            PeakAccess::ReadOnly(reason) => Err(reason),
        }
    }

    fn add_user(&mut self) -> u64 {
        let id = self.next;
        self.next += 1;
        self.users.push((id, Mib::ZERO));
        id
    }

    fn reset(&mut self, id: u64) -> io::Result<()> {
        if self.users.len() > 1 {
            let peak = self.mark.peak()?;
            self.users.iter_mut().for_each(|(_, reached)| *reached = larger(*reached, peak));
        }
        self.mark.reset()?;
        self.users.iter_mut().filter(|(user, _)| *user == id).for_each(|(_, reached)| *reached = Mib::ZERO);
        Ok(())
    }

    fn peak(&mut self, id: u64) -> io::Result<Mib> {
        let peak = self.mark.peak()?;
        let reached = self.users.iter().find(|(user, _)| *user == id).map_or(Mib::ZERO, |user| user.1);
        Ok(larger(reached, peak))
    }
}

fn larger(one: Mib, other: Mib) -> Mib {
    if other > one { other } else { one }
}

/// One user's view of this process's mark.
pub(crate) struct OwnPeaks {
    pid: u32,
    place: usize,
    id: u64,
}

impl OwnPeaks {
    /// Becomes a user of the mark.
    ///
    /// # Errors
    /// Why it cannot be used: the system has none, or does not allow to reset it.
    pub(crate) fn claim() -> Result<Self, String> {
        let place = own_place().ok_or("too many ancestors have a mark of their own")?;
        let mut shared = lock(place);
        let mark = match &mut *shared {
            Some(mark) => mark,
            None => shared.insert(SharedMark::open()?),
        };
        Ok(Self { pid: std::process::id(), place, id: mark.add_user() })
    }

    fn with_mark<T>(&self, use_it: impl FnOnce(&mut SharedMark) -> io::Result<T>) -> io::Result<T> {
        lock(self.place).as_mut().map_or_else(|| Err(io::ErrorKind::NotFound.into()), use_it)
    }
}

fn lock(place: usize) -> MutexGuard<'static, Option<SharedMark>> {
    MARKS[place].lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for OwnPeaks {
    fn drop(&mut self) {
        // In a forked child this is the parent's, and its lock may be held for ever.
        if self.pid != std::process::id() {
            return;
        }
        let mut shared = lock(self.place);
        if let Some(mark) = &mut *shared {
            mark.users.retain(|(user, _)| *user != self.id);
            if mark.users.is_empty() {
                *shared = None;
            }
        }
    }
}

impl PeakCounter for OwnPeaks {
    fn reset(&mut self) -> io::Result<()> {
        let id = self.id;
        self.with_mark(|mark| mark.reset(id))
    }

    fn peak(&mut self) -> io::Result<Mib> {
        let id = self.id;
        self.with_mark(|mark| mark.peak(id))
    }

    fn is_whole(&self) -> bool {
        self.with_mark(|mark| Ok(!mark.mark.has_swapped())).unwrap_or(false)
    }
}
