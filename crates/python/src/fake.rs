//! Memory that a test of a job sets.

use memtool_recorder::fake::{FakeMemory as Memory, FakeProbe};
use memtool_recorder::model::Mib;
use memtool_recorder::{Probe, Reading};
use pyo3::prelude::*;

/// What a manager sees in place of the real memory, for tests of jobs.
#[pyclass(frozen, module = "memtool")]
pub(crate) struct FakeMemory {
    probe: FakeProbe,
    memory: Memory,
}

impl FakeMemory {
    pub(crate) fn probe(&self) -> Box<dyn Probe> {
        Box::new(self.probe.clone())
    }
}

fn reading(rss_mb: f64, available_mb: Option<f64>, vms_mb: Option<f64>, percent: Option<f64>) -> Reading {
    Reading {
        rss: Some(Mib::new(rss_mb)),
        vms: vms_mb.map(Mib::new),
        available: available_mb.map(Mib::new),
        system_percent: percent,
        ..Reading::default()
    }
}

#[pymethods]
impl FakeMemory {
    #[new]
    #[pyo3(signature = (rss_mb, available_mb=None, *, vms_mb=None, percent=None))]
    fn new(rss_mb: f64, available_mb: Option<f64>, vms_mb: Option<f64>, percent: Option<f64>) -> Self {
        let (probe, memory) = FakeProbe::new(reading(rss_mb, available_mb, vms_mb, percent));
        Self { probe, memory }
    }

    /// Every read from now on sees this.
    #[pyo3(signature = (rss_mb, available_mb=None, *, vms_mb=None, percent=None))]
    fn set(&self, rss_mb: f64, available_mb: Option<f64>, vms_mb: Option<f64>, percent: Option<f64>) {
        self.memory.set(reading(rss_mb, available_mb, vms_mb, percent));
    }

    /// Whether every sample from now on fails.
    fn fail(&self, fail: bool) {
        self.memory.fail(fail.then_some(std::io::ErrorKind::Other));
    }

    /// Samples so far.
    #[getter]
    fn looks(&self) -> u64 {
        self.memory.reads()
    }
}
