//! One batch of the job, as a context manager.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use memtool_recorder::BatchMemory;
use pyo3::prelude::*;

/// A batch: it begins with `with` and ends with its block, whatever happens inside.
#[pyclass(frozen, module = "memtool")]
pub(crate) struct Batch {
    recorder: Arc<memtool_recorder::Recorder>,
    #[pyo3(get)]
    operation: String,
    #[pyo3(get)]
    items: u64,
    progress: Mutex<Progress>,
}

/// How far a batch is.
#[derive(Default)]
struct Progress {
    open: Option<memtool_recorder::Batch>,
    ended: Option<BatchMemory>,
}

impl Batch {
    pub(crate) fn new(recorder: Arc<memtool_recorder::Recorder>, operation: String, items: u64) -> Self {
        Self { recorder, operation, items, progress: Mutex::default() }
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the batch that is open, and begins another where one is given.
    fn replace(&self, next: Option<memtool_recorder::Batch>) {
        let before = std::mem::replace(&mut self.progress().open, next);
        // Not under the lock: the end of a batch may wait for the interpreter, and so for who asks for its memory.
        let ended = before.and_then(memtool_recorder::Batch::finish);
        self.progress().ended = ended;
    }

    /// Its memory, once it has ended.
    fn ended(&self) -> Option<BatchMemory> {
        self.progress().ended
    }
}

#[pymethods]
impl Batch {
    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        let batch = slf.get();
        slf.py().detach(|| {
            let begun = batch.recorder.batch(&batch.operation, batch.items);
            batch.replace(Some(begun));
        });
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyAny>) -> bool {
        py.detach(|| self.replace(None));
        false
    }

    #[getter]
    fn rss_start_mb(&self) -> Option<f64> {
        self.ended()?.rss_start.map(|mb| mb.get())
    }

    #[getter]
    fn rss_peak_mb(&self) -> Option<f64> {
        self.ended()?.rss_peak.map(|mb| mb.get())
    }

    #[getter]
    fn rss_end_mb(&self) -> Option<f64> {
        self.ended()?.rss_end.map(|mb| mb.get())
    }

    #[getter]
    fn exact_peak(&self) -> bool {
        self.ended().is_some_and(|memory| memory.exact_peak)
    }
}
