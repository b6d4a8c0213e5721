//! A run that was read back from its file.

use arrow_schema::ArrowError;
use memtool_recorder::model::{
    Action, Cause, Mib, Offset, OperationId, PeakSource, PressureLevel, Run, SizeRule, SnapshotKind, read_run,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde::Serialize;
use serde_json::json;

use crate::snapshot::datetime;
use crate::table::{Columns, Table, refused};

/// A run as its file holds it, in columns.
#[pyclass(frozen, module = "memtool")]
pub(crate) struct Profile {
    run: Run,
    /// Where it was read.
    #[pyo3(get)]
    path: String,
}

/// Reads a stream or a profile.
#[pyfunction]
pub(crate) fn read_profile(py: Python<'_>, data: &[u8], path: String) -> PyResult<Profile> {
    let read = py.detach(|| read_run(data));
    let run = read.map_err(|error| PyValueError::new_err(format!("{path}: {error}")))?;
    Ok(Profile { run, path })
}

#[pymethods]
impl Profile {
    /// The kind of file.
    #[getter]
    fn format(&self) -> &'static str {
        self.run.format.as_str()
    }

    /// When the run began.
    #[getter]
    fn started(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        datetime(py, self.run.started.as_microsecond())
    }

    #[getter]
    fn job(&self) -> Option<&str> {
        self.run.process.job.as_deref()
    }

    /// What a reader should know before trusting the file.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.run.warnings.iter().map(ToString::to_string).collect()
    }

    /// Settings, host, process, counters and advice.
    #[getter]
    fn facts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let run = &self.run;
        let facts = json!({
            "config": run.config,
            "host": run.host,
            "process": run.process,
            "counters": run.counters,
            "recommendations": run.recommendations,
        });
        py.import("json")?.call_method1("loads", (facts.to_string(),))
    }

    #[getter]
    fn snapshots(&self) -> PyResult<Table> {
        snapshots(&self.run).map_err(|error| refused(&error))
    }

    #[getter]
    fn batches(&self) -> PyResult<Table> {
        batches(&self.run).map_err(|error| refused(&error))
    }

    #[getter]
    fn decisions(&self) -> PyResult<Table> {
        decisions(&self.run).map_err(|error| refused(&error))
    }

    #[getter]
    fn collections(&self) -> PyResult<Table> {
        collections(&self.run).map_err(|error| refused(&error))
    }

    fn __repr__(&self) -> String {
        let (snapshots, batches) = (self.run.snapshots.len(), self.run.batches.len());
        format!("<memtool.Profile {}: {snapshots} snapshots, {batches} batches>", self.path)
    }
}

fn size(size: Option<Mib>) -> Option<f64> {
    size.map(Mib::get)
}

fn label(run: &Run, id: Option<OperationId>) -> Option<&str> {
    id.map(|id| run.operations.name(id))
}

/// Seconds from the start, and the moment.
fn times(run: &Run, at: impl Iterator<Item = Offset> + Clone) -> Columns {
    let start = run.started.as_microsecond();
    Columns::default()
        .numbers("t_s", at.clone().map(|at| Some(at.seconds())))
        .moments("timestamp", at.map(move |at| Some(start.saturating_add(at.nanos() / 1_000))))
}

fn snapshots(run: &Run) -> Result<Table, ArrowError> {
    let seen = || run.snapshots.iter();
    times(run, seen().map(|s| s.at))
        .numbers("rss_mb", seen().map(|s| size(s.rss)))
        .numbers("vms_mb", seen().map(|s| size(s.vms)))
        .numbers("shared_mb", seen().map(|s| size(s.shared)))
        .numbers("children_rss_mb", seen().map(|s| size(s.children_rss)))
        .numbers("pss_mb", seen().map(|s| size(s.pss)))
        .numbers("percent", seen().map(|s| s.system_percent))
        .numbers("available_mb", seen().map(|s| size(s.available)))
        .texts("pressure_level", seen().map(|s| s.level.map(PressureLevel::as_str)))
        .counts("gc_collections", seen().map(|s| s.gc_collections.and_then(|n| i64::try_from(n).ok())))
        .counts("batch_size", seen().map(|s| s.batch_size.map(i64::from)))
        .texts("kind", seen().map(|s| Some(kind(s.kind))))
        .texts("operation", seen().map(|s| label(run, s.operation)))
        .table()
}

const fn kind(kind: SnapshotKind) -> &'static str {
    match kind.label() {
        Some(label) => label,
        None => "regular",
    }
}

fn batches(run: &Run) -> Result<Table, ArrowError> {
    let all = || run.batches.iter();
    times(run, all().map(|b| b.start))
        .texts("operation", all().map(|b| label(run, b.operation)))
        .counts("batch_size", all().map(|b| Some(i64::from(b.size))))
        .counts("items", all().map(|b| i64::try_from(b.items).ok()))
        .numbers("seconds", all().map(|b| b.end.map(|end| end.seconds_since(b.start))))
        .numbers("cpu_seconds", all().map(|b| b.cpu_seconds))
        .numbers("rss_start_mb", all().map(|b| size(b.rss_start)))
        .numbers("peak_rss_mb", all().map(|b| size(b.rss_peak)))
        .texts("peak_source", all().map(|b| b.peak_source.map(peak_source)))
        .numbers("rss_end_mb", all().map(|b| size(b.rss_end)))
        .switches("overlapping", all().map(|b| Some(b.overlapping)))
        .table()
}

const fn peak_source(source: PeakSource) -> &'static str {
    match source {
        PeakSource::HighWaterMark => "high_water_mark",
        PeakSource::CgroupPeak => "cgroup_peak",
        PeakSource::Sampled => "sampled",
    }
}

fn decisions(run: &Run) -> Result<Table, ArrowError> {
    let acts: Vec<Act<'_>> = run.decisions.iter().map(|decision| act(run, &decision.action)).collect();
    let all = || run.decisions.iter();
    let causes: Vec<Option<String>> = all().map(|d| word::<Cause>(&d.cause)).collect();
    times(run, all().map(|d| d.at))
        .texts("action", acts.iter().map(|act| Some(act.name)))
        .counts("old_size", acts.iter().map(|act| act.sizes.map(|(old, _)| i64::from(old))))
        .counts("new_size", acts.iter().map(|act| act.sizes.map(|(_, new)| i64::from(new))))
        .texts("operation", acts.iter().map(|act| act.operation))
        .numbers("predicted_peak_mb", acts.iter().map(|act| act.predicted_peak))
        .numbers("ceiling_mb", acts.iter().map(|act| act.ceiling))
        .texts("rule", acts.iter().map(|act| act.rule.as_deref()))
        .numbers("rss_mb", all().map(|d| Some(d.rss.get())))
        .numbers("available_mb", all().map(|d| size(d.available)))
        .texts("pressure_level", all().map(|d| Some(d.pressure.as_str())))
        .texts("cause", causes.iter().map(Option::as_deref))
        .table()
}

/// A decision's columns.
#[derive(Default)]
struct Act<'a> {
    name: &'static str,
    sizes: Option<(u32, u32)>,
    operation: Option<&'a str>,
    predicted_peak: Option<f64>,
    ceiling: Option<f64>,
    rule: Option<String>,
}

fn act<'a>(run: &'a Run, action: &Action) -> Act<'a> {
    match *action {
        Action::Collect => Act { name: "collect", ..Act::default() },
        Action::ChangeLevel { old_size, new_size, .. } => {
            Act { name: "change_level", sizes: Some((old_size, new_size)), ..Act::default() }
        }
        Action::Predict { operation, old_size, new_size, predicted_peak, ceiling, rule } => Act {
            name: "predict",
            sizes: Some((old_size, new_size)),
            operation: label(run, operation),
            predicted_peak: size(predicted_peak),
            ceiling: size(ceiling),
            rule: word::<SizeRule>(&rule),
        },
    }
}

/// A variant's name as files spell it.
fn word<T: Serialize>(variant: &T) -> Option<String> {
    serde_json::to_value(variant).ok()?.as_str().map(str::to_owned)
}

fn collections(run: &Run) -> Result<Table, ArrowError> {
    let all = || run.collections.iter();
    times(run, all().map(|c| c.at))
        .switches("forced", all().map(|c| Some(c.forced)))
        .numbers("seconds", all().map(|c| c.seconds))
        .numbers("rss_before_mb", all().map(|c| size(c.rss_before)))
        .numbers("rss_after_mb", all().map(|c| size(c.rss_after)))
        .counts("objects", all().map(|c| c.objects.and_then(|n| i64::try_from(n).ok())))
        .table()
}
