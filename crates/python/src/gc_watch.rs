//! Watches Python's own garbage collections.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The oldest generation: a collection of it samples at every object and may take long.
const OLDEST: u32 = 2;

thread_local! {
    /// Whether a collection requested by the recorder is running, which the recorder enters itself.
    static OURS: Cell<bool> = const { Cell::new(false) };
}

/// Runs `gc.collect` on the recorder's behalf.
pub(crate) fn collect(py: Python<'_>, collector: &Py<PyAny>) -> PyResult<u64> {
    OURS.set(true);
    let freed = collector.call0(py).and_then(|freed| freed.extract(py));
    OURS.set(false);
    freed
}

/// An entry of `gc.callbacks`: counts all collections and enters those of the oldest generation.
#[pyclass(frozen, module = "memtool._memtool")]
pub(crate) struct GcWatch {
    recorder: Arc<memtool_recorder::Recorder>,
    total: Arc<AtomicU64>,
    began: Mutex<Option<Instant>>,
}

impl GcWatch {
    pub(crate) fn new(recorder: Arc<memtool_recorder::Recorder>, total: u64) -> Self {
        let counter = recorder.collections_counter();
        counter.store(total, Ordering::Relaxed);
        Self { recorder, total: counter, began: Mutex::new(None) }
    }

    fn replace_began(&self, began: Option<Instant>) -> Option<Instant> {
        std::mem::replace(&mut *self.began.lock().unwrap_or_else(PoisonError::into_inner), began)
    }
}

#[pymethods]
impl GcWatch {
    fn __call__(&self, phase: &str, info: &Bound<'_, PyDict>) -> PyResult<()> {
        let ends = phase == "stop";
        if ends {
            self.total.fetch_add(1, Ordering::Relaxed);
        }
        let generation = info.get_item("generation")?.map_or(Ok(0), |number| number.extract::<u32>())?;
        if generation < OLDEST || OURS.get() {
            return Ok(());
        }
        if !ends {
            self.replace_began(Some(Instant::now()));
        } else if let Some(began) = self.replace_began(None) {
            let objects = info.get_item("collected")?.map(|number| number.extract()).transpose()?;
            self.recorder.host_collected(began.elapsed().as_secs_f64(), objects, None);
        }
        Ok(())
    }
}
