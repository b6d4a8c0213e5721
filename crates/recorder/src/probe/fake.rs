//! A probe that tells what a test wants it to tell: for tests of jobs.
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

use super::{Probe, Reading};

/// A probe whose readings come from a [`FakeMemory`].
#[derive(Debug, Clone)]
pub struct FakeProbe {
    memory: FakeMemory,
}

/// What a [`FakeProbe`] tells; clones share it, so a test can change it between two looks.
#[derive(Debug, Clone, Default)]
pub struct FakeMemory {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    now: Reading,
    script: VecDeque<Reading>,
    failure: Option<io::ErrorKind>,
    looks: u64,
}

impl FakeProbe {
    /// A probe that tells this reading until it is changed.
    #[must_use]
    pub fn new(reading: Reading) -> (Self, FakeMemory) {
        let memory = FakeMemory::default();
        memory.set(reading);
        (Self { memory: memory.clone() }, memory)
    }

    /// A probe that tells a resident size and nothing else.
    #[must_use]
    pub fn with_rss(rss: Mib) -> (Self, FakeMemory) {
        Self::new(Reading { rss: Some(rss), ..Reading::default() })
    }
}

impl FakeMemory {
    /// Every look from now on sees this, and a script that was left is dropped.
    pub fn set(&self, reading: Reading) {
        let mut state = self.state();
        state.now = reading;
        state.script.clear();
    }

    /// Every look from now on sees this resident size; the rest stays.
    pub fn set_rss(&self, rss: Mib) {
        let now = self.state().now;
        self.set(Reading { rss: Some(rss), ..now });
    }

    /// Each full look takes the next of these; the last one stays.
    pub fn script(&self, readings: impl IntoIterator<Item = Reading>) {
        self.state().script.extend(readings);
    }

    /// Every look fails in this way; `None` ends it.
    pub fn fail(&self, kind: Option<io::ErrorKind>) {
        self.state().failure = kind;
    }

    /// Looks so far, the failed ones among them.
    #[must_use]
    pub fn looks(&self) -> u64 {
        self.state().looks
    }

    /// A test that panicked while it held the lock left nothing half done.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn look(&mut self) -> io::Result<()> {
        self.looks += 1;
        self.failure.map_or(Ok(()), |kind| Err(io::Error::new(kind, "the test wants it so")))
    }
}

impl Probe for FakeProbe {
    fn read(&mut self) -> io::Result<Reading> {
        let mut state = self.memory.state();
        state.look()?;
        if let Some(next) = state.script.pop_front() {
            state.now = next;
        }
        Ok(state.now)
    }

    fn rss(&mut self) -> io::Result<Mib> {
        let mut state = self.memory.state();
        state.look()?;
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
    fn a_script_is_told_in_order_and_its_last_stays() {
        let (mut probe, memory) = FakeProbe::new(sized(1.0));
        memory.script([sized(2.0), sized(3.0)]);
        assert_eq!(
            probe.rss().expect("resident"),
            Mib::new(1.0),
            "the cheap look takes nothing from the script"
        );
        let told = [(); 3].map(|()| probe.read().expect("a reading"));
        assert_eq!(told, [sized(2.0), sized(3.0), sized(3.0)]);
        memory.set(sized(4.0));
        assert_eq!(probe.read().expect("a reading"), sized(4.0));
    }

    #[test]
    fn it_fails_until_told_otherwise() {
        let (mut probe, memory) = FakeProbe::with_rss(Mib::new(1.0));
        memory.fail(Some(io::ErrorKind::NotFound));
        assert_eq!(probe.read().map_err(|e| e.kind()), Err(io::ErrorKind::NotFound));
        assert!(probe.rss().is_err());
        memory.fail(None);
        assert!(probe.read().is_ok());
        assert_eq!(memory.looks(), 3);
    }
}
