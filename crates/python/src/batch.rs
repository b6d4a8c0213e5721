//! One batch of the job, as a context manager.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;

/// A batch: it begins with `with` and ends with its block, whatever happens inside.
#[pyclass(frozen, module = "memtool")]
pub(crate) struct Batch {
    recorder: Arc<memtool_recorder::Recorder>,
    #[pyo3(get)]
    operation: String,
    #[pyo3(get)]
    items: u64,
    open: Mutex<Option<memtool_recorder::Batch>>,
}

impl Batch {
    pub(crate) const fn new(
        recorder: Arc<memtool_recorder::Recorder>,
        operation: String,
        items: u64,
    ) -> Self {
        Self { recorder, operation, items, open: Mutex::new(None) }
    }

    /// Puts another guard in place of the one that is open; returns that one.
    fn replace(&self, guard: Option<memtool_recorder::Batch>) -> Option<memtool_recorder::Batch> {
        std::mem::replace(&mut *self.open.lock().unwrap_or_else(PoisonError::into_inner), guard)
    }
}

#[pymethods]
impl Batch {
    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        let batch = slf.get();
        slf.py().detach(|| {
            let begun = batch.recorder.batch(&batch.operation, batch.items);
            drop(batch.replace(Some(begun)));
        });
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyAny>) -> bool {
        py.detach(|| drop(self.replace(None)));
        false
    }
}
