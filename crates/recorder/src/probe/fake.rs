//! A probe whose readings a test sets: for tests of jobs.
//!
//! ```
//! use memtool_profile_model::Mib;
//! use memtool_recorder::Probe;
//! use memtool_recorder::fake::FakeProbe;
//!
//! let (mut probe, memory) = FakeProbe::with_rss(Mib::new(100.0));
//! memory.set_rss(Mib::new(900.0));
//! assert_eq!(probe.rss()?, Mib::new(900.0));
//! # std::io::Result::Ok(())
//! ```

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use memtool_profile_model::Mib;

use super::reading::{Probe, Reading};

/// A probe whose readings come from a [`FakeMemory`].
#[derive(Debug, Clone)]
pub struct FakeProbe {
    memory: FakeMemory,
}

/// The readings of a [`FakeProbe`]; clones share it, so a test can change it between two readings.
#[derive(Debug, Clone, Default)]
pub struct FakeMemory {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    now: Reading,
    script: VecDeque<Reading>,
    failure: Option<io::ErrorKind>,
    reads: u64,
}

impl FakeProbe {
    /// A probe that returns this reading until it is changed.
    #[must_use]
    pub fn new(reading: Reading) -> (Self, FakeMemory) {
        let memory = FakeMemory::default();
        memory.set(reading);
        (Self { memory: memory.clone() }, memory)
    }

    /// A probe that returns a resident size and nothing else.
    #[must_use]
    pub fn with_rss(rss: Mib) -> (Self, FakeMemory) {
        Self::new(Reading { rss: Some(rss), ..Reading::default() })
    }
}

impl FakeMemory {
    /// Every reading from now on is this one; the rest of a script is dropped.
    pub fn set(&self, reading: Reading) {
        let mut state = self.state();
        state.now = reading;
        state.script.clear();
    }

    /// Every read from now on sees this resident size; the rest stays.
    pub fn set_rss(&self, rss: Mib) {
        let now = self.state().now;
        self.set(Reading { rss: Some(rss), ..now });
    }

    /// Each full reading takes the next of these; the last one stays.
    pub fn script(&self, readings: impl IntoIterator<Item = Reading>) {
        self.state().script.extend(readings);
    }

    /// Every reading fails in this way; `None` ends it.
    pub fn fail(&self, kind: Option<io::ErrorKind>) {
        self.state().failure = kind;
    }

    /// Readings so far, the failed ones among them.
    #[must_use]
    pub fn reads(&self) -> u64 {
        self.state().reads
    }

    /// A test that panicked while it held the lock left nothing half done.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn count(&mut self) -> io::Result<()> {
        self.reads += 1;
        self.failure.map_or(Ok(()), |kind| Err(io::Error::new(kind, "the test wants it so")))
    }
}

impl Probe for FakeProbe {
    fn read(&mut self) -> io::Result<Reading> {
        let mut state = self.memory.state();
        state.count()?;
        if let Some(next) = state.script.pop_front() {
            state.now = next;
        }
        Ok(state.now)
    }

    fn rss(&mut self) -> io::Result<Mib> {
        let mut state = self.memory.state();
        state.count()?;
        state.now.rss.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no resident size was set"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sized(rss: f64) -> Reading {
        Reading { rss: Some(Mib::new(rss)), ..Reading::default() }
    }

    #[test]
    fn a_script_is_read_in_order_and_its_last_stays() {
        let (mut probe, memory) = FakeProbe::new(sized(1.0));
        memory.script([sized(2.0), sized(3.0)]);
        assert_eq!(
            probe.rss().expect("resident"),
            Mib::new(1.0),
            "the cheap reading takes nothing from the script"
        );
        let readings = [(); 3].map(|()| probe.read().expect("a reading"));
        assert_eq!(readings, [sized(2.0), sized(3.0), sized(3.0)]);
        memory.set(sized(4.0));
        assert_eq!(probe.read().expect("a reading"), sized(4.0));
    }

    #[test]
    fn it_fails_until_the_failure_is_cleared() {
        let (mut probe, memory) = FakeProbe::with_rss(Mib::new(1.0));
        memory.fail(Some(io::ErrorKind::NotFound));
        assert_eq!(probe.read().map_err(|e| e.kind()), Err(io::ErrorKind::NotFound));
        assert!(probe.rss().is_err());
        memory.fail(None);
        assert!(probe.read().is_ok());
        assert_eq!(memory.reads(), 3);
    }
}
