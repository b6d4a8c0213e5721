//! One sample of memory, as hooks and callers get it.

use std::sync::Arc;

use jiff::Timestamp;
use memtool_recorder::model::{Mib, PressureLevel};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

use crate::levels;

/// One sample of memory. Python objects are made of its fields only when they are asked for, so
/// that a check costs little.
#[pyclass(frozen, module = "memtool")]
pub(crate) struct MemorySnapshot {
    wall_micros: i64,
    timestamp: PyOnceLock<Py<PyAny>>,
    pressure: PyOnceLock<Py<PyAny>>,
    level: PressureLevel,
    #[pyo3(get)]
    rss_mb: f64,
    #[pyo3(get)]
    vms_mb: Option<f64>,
    #[pyo3(get)]
    percent: Option<f64>,
    #[pyo3(get)]
    available_mb: Option<f64>,
    #[pyo3(get)]
    gc_collections: u64,
    #[pyo3(get)]
    batch_size: u32,
    operation: Option<Arc<str>>,
}

impl MemorySnapshot {
    /// What the recorder saw; `started` is the wall-clock time of its start.
    pub(crate) fn of(seen: &memtool_recorder::MemorySnapshot, started: Timestamp) -> Self {
        Self {
            wall_micros: started.as_microsecond() + seen.at.nanos() / 1_000,
            timestamp: PyOnceLock::new(),
            pressure: PyOnceLock::new(),
            level: seen.pressure_level,
            rss_mb: seen.rss.get(),
            vms_mb: seen.vms.map(Mib::get),
            percent: seen.system_percent,
            available_mb: seen.available.map(Mib::get),
            gc_collections: seen.gc_collections.unwrap_or(0),
            batch_size: seen.batch_size,
            operation: seen.operation.clone(),
        }
    }

    /// All fields, in the order of the constructor.
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        Ok(vec![
            self.timestamp(py)?.into_bound(py),
            self.rss_mb.into_pyobject(py)?.into_any(),
            self.vms_mb.into_pyobject(py)?.into_any(),
            self.percent.into_pyobject(py)?.into_any(),
            self.available_mb.into_pyobject(py)?.into_any(),
            self.pressure_level(py)?.into_bound(py),
            self.gc_collections.into_pyobject(py)?.into_any(),
            self.batch_size.into_pyobject(py)?.into_any(),
            self.operation().into_pyobject(py)?.into_any(),
        ])
    }
}

const NAMES: [&str; 9] = [
    "timestamp",
    "rss_mb",
    "vms_mb",
    "percent",
    "available_mb",
    "pressure_level",
    "gc_collections",
    "batch_size",
    "operation",
];

#[pymethods]
impl MemorySnapshot {
    #[new]
    #[pyo3(signature = (timestamp, rss_mb, vms_mb, percent, available_mb, pressure_level, gc_collections, batch_size, operation=None))]
    #[expect(clippy::too_many_arguments, reason = "the existing manager's constructor")]
    fn new(
        py: Python<'_>,
        timestamp: Py<PyAny>,
        rss_mb: f64,
        vms_mb: Option<f64>,
        percent: Option<f64>,
        available_mb: Option<f64>,
        pressure_level: Py<PyAny>,
        gc_collections: u64,
        batch_size: u32,
        operation: Option<&str>,
    ) -> PyResult<Self> {
        let snapshot = Self {
            wall_micros: 0,
            timestamp: PyOnceLock::new(),
            pressure: PyOnceLock::new(),
            level: PressureLevel::Low,
            rss_mb,
            vms_mb,
            percent,
            available_mb,
            gc_collections,
            batch_size,
            operation: operation.map(Arc::from),
        };
        snapshot.timestamp.get_or_init(py, || timestamp);
        snapshot.pressure.get_or_init(py, || pressure_level);
        Ok(snapshot)
    }

    #[classattr]
    fn __match_args__() -> (
        &'static str,
        &'static str,
        &'static str,
        &'static str,
        &'static str,
        &'static str,
        &'static str,
        &'static str,
        &'static str,
    ) {
        NAMES.into()
    }

    /// When, with its zone (UTC).
    #[getter]
    fn timestamp(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let made = self.timestamp.get_or_try_init(py, || datetime(py, self.wall_micros))?;
        Ok(made.clone_ref(py))
    }

    #[getter]
    fn pressure_level(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let made = self.pressure.get_or_try_init(py, || levels::pressure(py, self.level))?;
        Ok(made.clone_ref(py))
    }

    #[getter]
    fn operation(&self) -> Option<&str> {
        self.operation.as_deref()
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let Ok(other) = other.cast::<Self>() else { return Ok(py.NotImplemented()) };
        let (own, others) = (self.fields(py)?, other.get().fields(py)?);
        let mut equal = true;
        for (own, other) in own.iter().zip(&others) {
            equal = equal && own.eq(other)?;
        }
        Ok(equal.into_pyobject(py)?.to_owned().into_any().unbind())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let fields = self.fields(py)?;
        let shown = NAMES.iter().zip(&fields).map(|(name, value)| Ok(format!("{name}={}", value.repr()?)));
        Ok(format!("MemorySnapshot({})", shown.collect::<PyResult<Vec<_>>>()?.join(", ")))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyType>, Bound<'py, PyAny>)> {
        let fields = self.fields(py)?;
        Ok((py.get_type::<Self>(), pyo3::types::PyTuple::new(py, fields)?.into_any()))
    }
}

/// A moment as an aware `datetime`.
pub(crate) fn datetime(py: Python<'_>, wall_micros: i64) -> PyResult<Py<PyAny>> {
    static EPOCH: PyOnceLock<(Py<PyAny>, Py<PyAny>)> = PyOnceLock::new();
    let (epoch, delta) = EPOCH.get_or_try_init(py, || {
        let module = py.import("datetime")?;
        let utc = module.getattr("timezone")?.getattr("utc")?;
        let epoch = module.getattr("datetime")?.call1((1970, 1, 1, 0, 0, 0, 0, utc))?;
        PyResult::Ok((epoch.unbind(), module.getattr("timedelta")?.unbind()))
    })?;
    let since = delta.call1(py, (0, 0, wall_micros))?;
    epoch.call_method1(py, "__add__", (since,))
}
