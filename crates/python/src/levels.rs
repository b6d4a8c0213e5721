//! The two scales of the policy as the enums that Python sees.

use memtool_recorder::model::PressureLevel;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

static PRESSURE: PyOnceLock<Vec<Py<PyAny>>> = PyOnceLock::new();

/// The member of `MemoryPressureLevel` for a level.
pub(crate) fn pressure(py: Python<'_>, level: PressureLevel) -> PyResult<Py<PyAny>> {
    let members = PRESSURE.get_or_try_init(py, || {
        let class = py.import("memtool._levels")?.getattr("MemoryPressureLevel")?;
        let member = |level: PressureLevel| Ok(class.call1((level.as_str(),))?.unbind());
        PressureLevel::ALL.into_iter().map(member).collect::<PyResult<Vec<_>>>()
    })?;
    Ok(members[level as usize].clone_ref(py))
}
