//! The recorder's way to look: a probe that may fail, panic, or see its process end.

use std::io::{self, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};

use memtool_profile_model::Mib;

use crate::probe::{Probe, Reading};

/// A probe and what is known of it.
pub(crate) struct Eye {
    probe: Box<dyn Probe>,
    /// Whether another process is looked at, which may end before us.
    outside: bool,
    with_children: bool,
    ended: bool,
}

/// What came of a look.
pub(crate) enum Seen {
    /// Resident memory, with the children that are counted, and all figures.
    Memory(Mib, Reading),
    /// Another process holds no memory, right after its start, or it has ended.
    Nothing,
    /// The probe failed, panicked, or gave no figure.
    Failed,
}

impl Eye {
    pub(crate) const fn new(probe: Box<dyn Probe>, outside: bool) -> Self {
        Self { probe, outside, with_children: false, ended: false }
    }

    /// Whether another process is looked at.
    pub(crate) const fn is_outside(&self) -> bool {
        self.outside
    }

    /// Whether the process that is looked at has ended.
    pub(crate) const fn has_ended(&self) -> bool {
        self.ended
    }

    /// A fresh look.
    pub(crate) fn look(&mut self) -> Seen {
        self.look_by(|probe| probe.read())
    }

    /// A look of which the system's figures may be a second old.
    pub(crate) fn glance(&mut self) -> Seen {
        self.look_by(|probe| probe.glance())
    }

    /// Resident memory alone; a cheap look where no children are counted.
    pub(crate) fn rss(&mut self) -> Option<Mib> {
        if self.with_children {
            return match self.look() {
                Seen::Memory(rss, _) => Some(rss),
                Seen::Nothing | Seen::Failed => None,
            };
        }
        let probe = &mut self.probe;
        catch_unwind(AssertUnwindSafe(|| probe.rss())).ok().and_then(Result::ok)
    }

    fn look_by(&mut self, read: impl FnOnce(&mut dyn Probe) -> io::Result<Reading>) -> Seen {
        let probe = &mut *self.probe;
        match catch_unwind(AssertUnwindSafe(|| read(probe))) {
            Ok(Ok(reading)) => match whole(&reading) {
                Some(rss) => {
                    self.with_children = reading.children_rss.is_some();
                    Seen::Memory(rss, reading)
                }
                None if self.outside => Seen::Nothing,
                None => Seen::Failed,
            },
            Ok(Err(error)) if self.outside && error.kind() == ErrorKind::NotFound => {
                self.ended = true;
                Seen::Nothing
            }
            Ok(Err(_)) | Err(_) => Seen::Failed,
        }
    }
}

/// The memory of the process and the children that are counted; 0 is a failed look.
fn whole(reading: &Reading) -> Option<Mib> {
    let own = reading.rss.filter(|rss| rss.get() > 0.0)?;
    Some(reading.children_rss.map_or(own, |children| Mib::new(own.get() + children.get()).rounded()))
}
