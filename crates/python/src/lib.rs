//! The native half of the wheel `memtool-recorder`: the recorder for jobs written in Python, and the analysis for engines.
//!
//! Nothing here is for other Rust crates. `python/memtool` holds the surface that jobs see;
//! this crate holds what must be fast, or must run while the interpreter is busy elsewhere.
//! The thread that samples at memory never takes the interpreter's lock. Hooks, the logger and
//! `gc.collect` run in Python, with the lock held only for them.

mod analysis;
mod batch;
mod callback;
mod fake;
mod gc_watch;
mod label;
mod levels;
mod profile;
mod recorder;
mod settings;
mod snapshot;
mod summary;
mod table;

use pyo3::prelude::*;

#[cfg(panic = "abort")]
compile_error!("a panic would end the job: build the wheel by `make wheel`, or with `--profile wheel`");

/// The module `memtool._memtool`.
#[pymodule]
fn _memtool(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<recorder::Recorder>()?;
    module.add_class::<batch::Batch>()?;
    module.add_class::<snapshot::MemorySnapshot>()?;
    module.add_class::<gc_watch::GcWatch>()?;
    module.add_class::<fake::FakeMemory>()?;
    module.add_class::<profile::Profile>()?;
    module.add_class::<table::Table>()?;
    module.add_function(wrap_pyfunction!(analysis::analyze, module)?)?;
    module.add_function(wrap_pyfunction!(summary::summary, module)?)?;
    module.add_function(wrap_pyfunction!(summary::merge, module)?)?;
    module.add_function(wrap_pyfunction!(summary::quantiles, module)?)?;
    module.add_function(wrap_pyfunction!(profile::read_profile, module)?)?;
    module.add_function(wrap_pyfunction!(table::join_tables, module)?)?;
    module.add_function(wrap_pyfunction!(callback::no_more_callbacks, module)?)?;
    module.add_function(wrap_pyfunction!(settings::check_settings, module)?)?;
    module.add_function(wrap_pyfunction!(settings::read_config, module)?)?;
    module.add_function(wrap_pyfunction!(settings::available_limits, module)?)?;
    module.add_function(wrap_pyfunction!(settings::small_limit, module)?)?;
    Ok(())
}
