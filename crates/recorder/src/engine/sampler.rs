//! The recorder's sampler: a probe that may fail, panic, or find its process ended.

use std::io::{self, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};

use memtool_profile_model::Mib;

use crate::probe::{Probe, Reading};

/// A probe and what is known about its process.
pub(crate) struct Sampler {
    probe: Box<dyn Probe>,
    /// Whether another process is sampled, which may end before this one.
    outside: bool,
    with_children: bool,
    ended: bool,
}

/// The result of sampling.
pub(crate) enum SampleResult {
    /// Resident memory, with the children that are counted, and all figures.
    Memory(Mib, Reading),
    /// Another process has no memory: it has only just begun, or it has ended.
    NoMemory,
    /// The probe failed, panicked, or read no resident size.
    Failed,
}

impl Sampler {
    pub(crate) const fn new(probe: Box<dyn Probe>, outside: bool) -> Self {
        Self { probe, outside, with_children: false, ended: false }
    }

    /// Whether another process is sampled.
    pub(crate) const fn is_outside(&self) -> bool {
        self.outside
    }

    /// Whether the process that is sampled has ended.
    pub(crate) const fn has_ended(&self) -> bool {
        self.ended
    }

    /// Samples everything afresh.
    pub(crate) fn sample(&mut self) -> SampleResult {
        self.sample_by(|probe| probe.read())
    }

    /// Samples, with system-wide figures that may be up to a second old.
    pub(crate) fn sample_cached(&mut self) -> SampleResult {
        self.sample_by(|probe| probe.read_cached())
    }

    /// Resident memory alone; cheap where no children are counted.
    pub(crate) fn rss(&mut self) -> Option<Mib> {
        if self.with_children {
            return match self.sample() {
                SampleResult::Memory(rss, _) => Some(rss),
                SampleResult::NoMemory | SampleResult::Failed => None,
            };
        }
        let probe = &mut self.probe;
        catch_unwind(AssertUnwindSafe(|| probe.rss())).ok().and_then(Result::ok)
    }

    fn sample_by(&mut self, read: impl FnOnce(&mut dyn Probe) -> io::Result<Reading>) -> SampleResult {
        let probe = &mut *self.probe;
        match catch_unwind(AssertUnwindSafe(|| read(probe))) {
            Ok(Ok(reading)) => match whole(&reading) {
                Some(rss) => {
                    self.with_children = reading.children_rss.is_some();
                    SampleResult::Memory(rss, reading)
                }
                None if self.outside => SampleResult::NoMemory,
                None => SampleResult::Failed,
            },
            Ok(Err(error)) if self.outside && error.kind() == ErrorKind::NotFound => {
                self.ended = true;
                SampleResult::NoMemory
            }
            Ok(Err(_)) | Err(_) => SampleResult::Failed,
        }
    }
}

/// The memory of the process and its counted children; a size of 0 is a failed sample.
fn whole(reading: &Reading) -> Option<Mib> {
    let own = reading.rss.filter(|rss| rss.get() > 0.0)?;
    Some(reading.children_rss.map_or(own, |children| Mib::new(own.get() + children.get()).rounded()))
}
