//! Summaries that merge, as tables.

use arrow_schema::ArrowError;
use memtool_analyzer::summary::{JobSummary, RunFigures, Sketch, Summaries, WorstCase};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::table::{Batches, Cells, Columns, Kind, Rows, Table, refused};

/// The summary of rows that `analyze` made, one row per job.
#[pyfunction]
pub(crate) fn summary(py: Python<'_>, rows: &Bound<'_, PyAny>) -> PyResult<Table> {
    let batches = Batches::of(rows)?;
    let table = py.detach(|| {
        let mut all = Summaries::new();
        for rows in batches {
            add_runs(&mut all, &rows?)?;
        }
        table(&all)
    });
    table.map_err(|error| refused(&error))
}

/// The summary of all runs of several summaries.
#[pyfunction]
#[pyo3(signature = (*summaries))]
pub(crate) fn merge(py: Python<'_>, summaries: Vec<Bound<'_, PyAny>>) -> PyResult<Table> {
    let all = read(py, summaries)?;
    table(&all).map_err(|error| refused(&error))
}

/// A quantile of a figure for each job of a summary; `None` where no run has the figure.
#[pyfunction]
pub(crate) fn quantiles(
    py: Python<'_>,
    summary: Bound<'_, PyAny>,
    figure: &str,
    share: f64,
) -> PyResult<Vec<(Option<String>, Option<f64>)>> {
    let sketch: fn(&JobSummary) -> &Sketch = match figure {
        "peak_rss_mb" => |job| &job.peak_rss_mb,
        "limit_share" => |job| &job.limit_share,
        _ => {
            let text = format!("expected peak_rss_mb or limit_share, found {figure:?}");
            return Err(PyValueError::new_err(text));
        }
    };
    if !(0.0..=1.0).contains(&share) {
        return Err(PyValueError::new_err(format!("expected a share from 0 to 1, found {share}")));
    }
    let all = read(py, vec![summary])?;
    Ok(all.iter().map(|(job, summary)| (job.clone(), sketch(summary).quantile(share))).collect())
}

fn add_runs(all: &mut Summaries, rows: &Rows) -> Result<(), ArrowError> {
    let uri = rows.required(&["uri"], Kind::Text)?;
    let peak = rows.find(&["peak_rss_mb"], Kind::Number)?;
    let (job, error) = (rows.find(&["job"], Kind::Text)?, rows.find(&["error"], Kind::Text)?);
    let (samples, duration) =
        (rows.find(&["samples"], Kind::Count)?, rows.find(&["duration_s"], Kind::Number)?);
    let (limit, killed) =
        (rows.find(&["limit_mb"], Kind::Number)?, rows.find(&["killed_for_memory"], Kind::Flag)?);
    let (verdict, findings) =
        (rows.find(&["leak_verdict"], Kind::Text)?, rows.find(&["findings"], Kind::List)?);
    for row in 0..rows.len() {
        let run = RunFigures {
            uri: uri.text(row).unwrap_or_default(),
            job: job.and_then(|cells| cells.text(row)),
            failed: error.is_some_and(|cells| cells.text(row).is_some()),
            samples: samples.and_then(|cells| cells.count(row)).map_or(0, i64::unsigned_abs),
            duration_s: duration.and_then(|cells| cells.number(row)).unwrap_or_default(),
            peak_rss_mb: peak.and_then(|cells| cells.number(row)),
            limit_mb: limit.and_then(|cells| cells.number(row)),
            killed: killed.and_then(|cells| cells.flag(row)) == Some(true),
            leaks: verdict.and_then(|cells| cells.text(row)) == Some("leak"),
            has_findings: findings.is_some_and(|cells| cells.length(row) > 0),
        };
        all.entry(run.job.map(str::to_owned)).or_default().add(&run);
    }
    Ok(())
}

/// The jobs of summaries, each with all its runs.
fn read(py: Python<'_>, summaries: Vec<Bound<'_, PyAny>>) -> PyResult<Summaries> {
    let mut all = Summaries::new();
    for summary in summaries {
        let batches = Batches::of(&summary)?;
        let read = py.detach(|| {
            for rows in batches {
                merge_jobs(&mut all, &rows?)?;
            }
            Ok(())
        });
        read.map_err(|error: ArrowError| refused(&error))?;
    }
    Ok(all)
}

fn merge_jobs(all: &mut Summaries, rows: &Rows) -> Result<(), ArrowError> {
    let job = rows.find(&["job"], Kind::Text)?;
    let counts = COUNTS.iter().map(|(name, _)| rows.required(&[name], Kind::Count));
    let counts = counts.collect::<Result<Vec<_>, _>>()?;
    let peaks = FigureColumns::of(rows, "peak_rss_mb")?;
    let shares = FigureColumns::of(rows, "limit_share")?;
    for row in 0..rows.len() {
        let mut summary = JobSummary {
            worst_peak: peaks.worst(row),
            worst_limit_share: shares.worst(row),
            peak_rss_mb: peaks.sketch(row),
            limit_share: shares.sketch(row),
            ..JobSummary::default()
        };
        for ((_, field), cells) in COUNTS.iter().zip(&counts) {
            *field(&mut summary) = cells.count(row).map_or(0, i64::unsigned_abs);
        }
        let job = job.and_then(|cells| cells.text(row)).map(str::to_owned);
        all.entry(job).or_default().merge(summary);
    }
    Ok(())
}

/// A count of a summary.
type Count = fn(&mut JobSummary) -> &mut u64;

/// The counts of a summary, by the names of their columns.
const COUNTS: [(&str, Count); 7] = [
    ("runs", |job| &mut job.runs),
    ("errors", |job| &mut job.errors),
    ("samples", |job| &mut job.samples),
    ("duration_ms", |job| &mut job.duration_ms),
    ("killed", |job| &mut job.killed),
    ("leaks", |job| &mut job.leaks),
    ("with_findings", |job| &mut job.with_findings),
];

/// The columns of a figure: its worst case, and how it spreads.
struct FigureColumns<'a> {
    largest: Option<Cells<'a>>,
    uri: Option<Cells<'a>>,
    buckets: Cells<'a>,
    counts: Cells<'a>,
}

impl<'a> FigureColumns<'a> {
    fn of(rows: &'a Rows, figure: &str) -> Result<Self, ArrowError> {
        let name = |part: &str| format!("{figure}_{part}");
        Ok(Self {
            largest: rows.find(&[&name("max")], Kind::Number)?,
            uri: rows.find(&[&name("max_uri")], Kind::Text)?,
            buckets: rows.required(&[&name("buckets")], Kind::Counts)?,
            counts: rows.required(&[&name("counts")], Kind::Counts)?,
        })
    }

    fn worst(&self, row: usize) -> Option<WorstCase> {
        let value = self.largest.and_then(|cells| cells.number(row))?;
        let uri = self.uri.and_then(|cells| cells.text(row)).unwrap_or_default().to_owned();
        Some(WorstCase { value, uri })
    }

    fn sketch(&self, row: usize) -> Sketch {
        let buckets = self.buckets.counts(row).into_iter().zip(self.counts.counts(row));
        Sketch::from_buckets(
            buckets.filter_map(|(bucket, n)| Some((i32::try_from(bucket).ok()?, n.unsigned_abs()))),
        )
    }
}

/// A row a job.
fn table(all: &Summaries) -> Result<Table, ArrowError> {
    let mut columns = Columns::default().texts("job", all.keys().map(Option::as_deref));
    for (name, count) in COUNTS {
        let counts = all.values().map(|job| i64::try_from(*count(&mut job.clone())).ok());
        columns = columns.counts(name, counts);
    }
    let columns =
        with_figure(columns, "peak_rss_mb", || all.values().map(|job| (&job.worst_peak, &job.peak_rss_mb)));
    let columns = with_figure(columns, "limit_share", || {
        all.values().map(|job| (&job.worst_limit_share, &job.limit_share))
    });
    columns.table()
}

fn with_figure<'a, I>(columns: Columns, figure: &str, jobs: impl Fn() -> I) -> Columns
where
    I: Iterator<Item = (&'a Option<WorstCase>, &'a Sketch)>,
{
    columns
        .numbers(&format!("{figure}_max"), jobs().map(|(worst, _)| worst.as_ref().map(|worst| worst.value)))
        .texts(
            &format!("{figure}_max_uri"),
            jobs().map(|(worst, _)| worst.as_ref().map(|worst| worst.uri.as_str())),
        )
        .sketches(figure, jobs().map(|(_, sketch)| sketch.buckets().collect()))
}
