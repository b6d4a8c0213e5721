//! The recorder as the Python half of the wheel drives it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use memtool_recorder::StartError;
use memtool_recorder::model::metrics::MetricsForm;
use memtool_recorder::model::{Mib, OptimizationLevel};
use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use serde_json::json;

use crate::batch::Batch;
use crate::callback::in_python;
use crate::fake::FakeMemory;
use crate::gc_watch::{self, GcWatch};
use crate::label::Label;
use crate::settings;
use crate::snapshot::MemorySnapshot;

/// A recorder. It samples memory when it is asked to, and at the interval between `resume`
/// and `pause`.
#[pyclass(frozen, module = "memtool._memtool")]
pub(crate) struct Recorder {
    recorder: Arc<memtool_recorder::Recorder>,
    started: Timestamp,
}

#[pymethods]
impl Recorder {
    #[new]
    #[pyo3(signature = (settings, *, start_level, folder, job=None, version_label=None, machine=None, image=None, parameters=None, limit_mb=None, include_children=false, pss=None, exact_peaks=true, fake=None))]
    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    fn new(
        py: Python<'_>,
        settings: &str,
        start_level: &str,
        folder: Option<PathBuf>,
        job: Option<Label>,
        version_label: Option<Label>,
        machine: Option<Label>,
        image: Option<Label>,
        parameters: Option<Vec<(Label, Label)>>,
        limit_mb: Option<f64>,
        include_children: bool,
        pss: Option<bool>,
        exact_peaks: bool,
        fake: Option<&FakeMemory>,
    ) -> PyResult<Self> {
        let mut builder = memtool_recorder::Recorder::builder()
            .config(settings::parse(settings)?)
            .any_order()
            .start_level(level(start_level)?)
            .initial_sample(false)
            .background(false)
            .include_children(include_children)
            .exact_peaks(exact_peaks);
        if let Some(read) = pss {
            builder = builder.pss(read);
        }
        builder = match folder {
            Some(folder) => builder.reports_dir(folder),
            None => builder.no_stream(),
        };
        if let Some(job) = job {
            builder = builder.job(job.into_string());
        }
        if let Some(label) = version_label {
            builder = builder.version_label(label.into_string());
        }
        if let Some(label) = machine {
            builder = builder.machine(label.into_string());
        }
        if let Some(name) = image {
            builder = builder.image(name.into_string());
        }
        for (name, value) in parameters.into_iter().flatten() {
            builder = builder.parameter(name.into_string(), value.into_string());
        }
        if let Some(limit) = limit_mb {
            builder = builder.planning_limit(Mib::new(limit));
        }
        if let Some(fake) = fake {
            builder = builder.probe(fake.probe());
        }
        let started = Timestamp::now();
        let recorder = py.detach(|| builder.start()).map_err(|error| match error {
            StartError::Config(violations) => settings::refused(&violations),
            StartError::BatchSize(error) => PyValueError::new_err(error),
            StartError::Probe(error) => PyOSError::new_err(error.to_string()),
            other => PyRuntimeError::new_err(other.to_string()),
        })?;
        Ok(Self { recorder: Arc::new(recorder), started })
    }

    /// Begins to sample at the interval, with a sample now.
    fn resume(&self, py: Python<'_>) -> bool {
        py.detach(|| self.recorder.resume())
    }

    /// Ends that and closes the stream; returns whether all was written in time.
    fn pause(&self, py: Python<'_>) -> bool {
        py.detach(|| self.recorder.pause())
    }

    #[getter]
    fn is_sampling(&self) -> bool {
        self.recorder.is_sampling()
    }

    /// Samples now; `None` if nothing could be seen.
    #[pyo3(signature = (operation=None))]
    fn check(&self, py: Python<'_>, operation: Option<Label>) -> Option<MemorySnapshot> {
        let label = operation.as_ref().map(Label::as_str);
        let seen = py.detach(|| self.recorder.check(label))?;
        Some(MemorySnapshot::of(&seen, self.started))
    }

    /// Items that the next batch may have.
    #[pyo3(signature = (operation=None))]
    fn batch_size(&self, py: Python<'_>, operation: Option<Label>) -> u32 {
        py.detach(|| match operation {
            Some(operation) => self.recorder.batch_size_for(operation.as_str()),
            None => self.recorder.batch_size(),
        })
    }

    fn optimization_level(&self) -> &'static str {
        self.recorder.optimization_level().as_str()
    }

    /// A batch that begins with `with`.
    fn batch(&self, operation: Label, items: u64) -> Batch {
        Batch::new(Arc::clone(&self.recorder), operation.into_string(), items)
    }

    /// A sample that is neither acted on nor kept.
    fn peek(&self, py: Python<'_>) -> Option<MemorySnapshot> {
        let seen = py.detach(|| self.recorder.peek())?;
        Some(MemorySnapshot::of(&seen, self.started))
    }

    /// Names what the job does from here on; `None` is nothing in particular.
    #[pyo3(signature = (name))]
    fn operation(&self, py: Python<'_>, name: Option<Label>) {
        py.detach(|| self.recorder.set_operation(name.as_ref().map(Label::as_str)));
    }

    /// Calls `listener` with the sizes before and after, and the snapshot, whenever the level
    /// changes the batch size.
    fn on_size_change(&self, listener: Py<PyAny>) {
        let started = self.started;
        self.recorder.on_size_change(move |change, seen| {
            in_python(|py| listener.call1(py, (change.from, change.to, MemorySnapshot::of(seen, started))));
        });
    }

    fn reconfigure(&self, py: Python<'_>, settings: &str) -> PyResult<()> {
        let config = settings::parse(settings)?;
        py.detach(|| self.recorder.reconfigure(config));
        Ok(())
    }

    /// Figures and totals, as JSON.
    fn statistics(&self, py: Python<'_>) -> PyResult<String> {
        let statistics = py.detach(|| self.recorder.statistics());
        serde_json::to_string(&statistics).map_err(|error| PyRuntimeError::new_err(error.to_string()))
    }

    /// What to do, as JSON.
    fn recommendations(&self, py: Python<'_>) -> PyResult<String> {
        let recommendations = py.detach(|| self.recorder.recommendations());
        serde_json::to_string(&recommendations).map_err(|error| PyRuntimeError::new_err(error.to_string()))
    }

    /// The live figures as OpenMetrics text, or in the older form.
    #[pyo3(signature = (*, openmetrics))]
    fn metrics(&self, py: Python<'_>, openmetrics: bool) -> String {
        let form = if openmetrics { MetricsForm::OpenMetrics } else { MetricsForm::Prometheus };
        py.detach(|| self.recorder.metrics(form))
    }

    /// Writes the last snapshots to a file.
    fn export(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        py.detach(|| self.recorder.export_profile(&path)).map_err(|error| match error {
            memtool_recorder::ExportError::File(error) => {
                PyOSError::new_err((error.raw_os_error(), error.to_string(), path))
            }
            other => PyRuntimeError::new_err(other.to_string()),
        })
    }

    fn reset_statistics(&self, py: Python<'_>) {
        py.detach(|| self.recorder.reset_statistics());
    }

    #[getter]
    fn stream_path(&self) -> Option<PathBuf> {
        self.recorder.stream_path().map(PathBuf::from)
    }

    /// Calls `hook` with each snapshot while profiling is enabled.
    fn add_hook(&self, hook: Py<PyAny>) {
        let started = self.started;
        self.recorder.add_hook(move |seen| {
            in_python(|py| hook.call1(py, (MemorySnapshot::of(seen, started),)));
        });
    }

    /// Calls `alert` with each snapshot at which memory became critical.
    fn on_critical(&self, alert: Py<PyAny>) {
        let started = self.started;
        self.recorder.on_critical(move |seen| {
            in_python(|py| alert.call1(py, (MemorySnapshot::of(seen, started),)));
        });
    }

    /// Gives the collector; it returns how many objects it freed.
    fn on_gc(&self, collector: Py<PyAny>) {
        self.recorder.on_gc(move || in_python(|py| gc_watch::collect(py, &collector)));
    }

    /// Declares a cache that the job keeps intentionally.
    #[pyo3(signature = (name, limit_mb=None))]
    fn add_cache(&self, py: Python<'_>, name: Label, limit_mb: Option<f64>) {
        py.detach(|| self.recorder.add_cache(name.as_str(), limit_mb.map(Mib::new)));
    }

    /// Records what `read` returns, a number of bytes; returns whether there was room for it.
    fn add_meter(&self, name: Label, read: Py<PyAny>) -> bool {
        let read = move || in_python(|py| read.call0(py)?.extract::<f64>(py)).and_then(bytes);
        self.recorder.add_meter(name.as_str(), read)
    }

    /// Records what `count` returns, the blocks that the interpreter has handed out.
    fn count_blocks(&self, count: Py<PyAny>) {
        self.recorder.count_blocks(move || in_python(|py| count.call0(py)?.extract::<u64>(py)));
    }

    /// Keeps room for work outside batches.
    fn reserve(&self, py: Python<'_>, room_mb: f64) {
        py.detach(|| self.recorder.reserve(Mib::new(room_mb)));
    }

    /// Declares the memory that the job keeps intentionally by now.
    fn retained(&self, py: Python<'_>, kept_mb: f64) {
        py.detach(|| self.recorder.retained(Mib::new(kept_mb)));
    }

    /// Sets the collections so far, while nothing in `gc.callbacks` counts them.
    fn set_collections(&self, total: u64) {
        self.recorder.collections_counter().store(total, Ordering::Relaxed);
    }

    /// The callable for `gc.callbacks`; `total` are the collections so far.
    fn gc_watch(&self, total: u64) -> GcWatch {
        GcWatch::new(Arc::clone(&self.recorder), total)
    }
}

/// Whole bytes; what is not a size is left out.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "finite and not negative")]
fn bytes(value: f64) -> Option<u64> {
    (value.is_finite() && value >= 0.0).then_some(value as u64)
}

fn level(name: &str) -> PyResult<OptimizationLevel> {
    serde_json::from_value(json!(name)).map_err(|error| PyValueError::new_err(error.to_string()))
}
