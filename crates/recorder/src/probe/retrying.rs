//! A probe that could not be opened yet.
//!
//! A job that has no free file descriptor, or no `/proc`, runs without samples until it has: they
//! are counted as failed.

use std::io;

use memtool_profile_model::Mib;

use super::reading::{Probe, ProbeOptions, Reading};
use super::system::system_probe;

/// Opens the system's probe at the first reading that can.
pub(crate) struct RetryingProbe {
    options: ProbeOptions,
    opened: Option<Box<dyn Probe>>,
}

impl RetryingProbe {
    pub(crate) const fn new(options: ProbeOptions) -> Self {
        Self { options, opened: None }
    }

    fn opened(&mut self) -> io::Result<&mut Box<dyn Probe>> {
        match self.opened.take() {
            Some(probe) => Ok(self.opened.insert(probe)),
            None => Ok(self.opened.insert(system_probe(self.options)?)),
        }
    }
}

impl Probe for RetryingProbe {
    fn read(&mut self) -> io::Result<Reading> {
        self.opened()?.read()
    }

    fn read_cached(&mut self) -> io::Result<Reading> {
        self.opened()?.read_cached()
    }

    fn rss(&mut self) -> io::Result<Mib> {
        self.opened()?.rss()
    }
}
