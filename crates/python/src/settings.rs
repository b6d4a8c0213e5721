//! Settings between Python and the recorder, as JSON: one form that both sides check.

use memtool_recorder::HostFacts;
use memtool_recorder::model::{AdaptiveConfig, AvailableLimits, Mib, Violation};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Settings from Python; what is left out has its default.
pub(crate) fn parse(json: &str) -> PyResult<AdaptiveConfig> {
    let config: AdaptiveConfig =
        serde_json::from_str(json).map_err(|error| PyValueError::new_err(format!("settings: {error}")))?;
    let violations = config.unusable();
    if violations.is_empty() { Ok(config) } else { Err(refused(&violations)) }
}

/// Refuses settings that are out of range.
#[pyfunction]
pub(crate) fn check_settings(json: &str) -> PyResult<()> {
    parse(json).map(drop)
}

/// The error for settings that are out of range.
pub(crate) fn refused(violations: &[Violation]) -> PyErr {
    let texts: Vec<String> = violations.iter().map(ToString::to_string).collect();
    PyValueError::new_err(texts.join("; "))
}

/// Reads the block `adaptive_memory` of a job's YAML. Returns JSON: the settings, the limit in
/// gibibytes, the level, job and version, which settings the file sets, and notes.
#[pyfunction]
pub(crate) fn read_config(text: &str) -> PyResult<String> {
    let file =
        memtool_job_config::read_config(text).map_err(|error| PyValueError::new_err(error.to_string()))?;
    let notes: Vec<String> = file.notes.iter().map(ToString::to_string).collect();
    let read = serde_json::json!({
        "config": file.in_recorder(),
        "memory_limit_gb": file.memory_limit_gb,
        "optimization_level": file.optimization_level,
        "job": file.job,
        "version_label": file.version_label,
        "set": file.set,
        "notes": notes,
    });
    Ok(read.to_string())
}

/// The limit of the container or the address space where that is less than 4 GiB, in MiB: the usual
/// thresholds do not fit below it.
#[pyfunction]
pub(crate) fn small_limit() -> Option<f64> {
    const SMALL_MB: f64 = 4096.0;
    let facts = HostFacts::of_self();
    let bound = facts.cgroup.map(|group| group.limit).into_iter().chain(facts.address_space);
    bound.map(Mib::get).filter(|limit| *limit < SMALL_MB).reduce(f64::min)
}

/// The available-memory limits of this process, critical first: the usual ones, scaled
/// down where a container or an address space limit leaves less than 4 GiB.
#[pyfunction]
pub(crate) fn available_limits() -> (f64, f64, f64) {
    let facts = HostFacts::of_self();
    let bound = facts.cgroup.map(|group| group.limit).into_iter().chain(facts.address_space);
    let limits = bound.map(AvailableLimits::scaled_to).fold(AvailableLimits::default(), |least, next| {
        if next.moderate_mb < least.moderate_mb { next } else { least }
    });
    (limits.critical_mb.get(), limits.high_mb.get(), limits.moderate_mb.get())
}
