//! Calls Python from the recorder's threads.
//!
//! A thread that asks for the interpreter's lock while the interpreter shuts down is ended by
//! it, in the middle of Rust code. So the wheel declares beforehand, from `atexit`, that nothing
//! is called any more.

use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::prelude::*;

static CLOSED: AtomicBool = AtomicBool::new(false);

/// Says that the interpreter is about to shut down: from here on nothing of Python's is called.
#[pyfunction]
pub(crate) fn no_more_callbacks() {
    CLOSED.store(true, Ordering::SeqCst);
}

/// Runs something in Python, unless the interpreter shuts down. An exception is shown where
/// Python shows exceptions that cannot be caught.
pub(crate) fn in_python<T>(call: impl FnOnce(Python<'_>) -> PyResult<T>) -> Option<T> {
    if CLOSED.load(Ordering::SeqCst) {
        return None;
    }
    Python::try_attach(|py| call(py).map_err(|error| error.write_unraisable(py, None)).ok()).flatten()
}
