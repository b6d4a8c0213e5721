//! Runs judged for an engine: Arrow batches of files in, a table with one row per run out.

use std::num::NonZeroUsize;

use arrow_schema::ArrowError;
use jiff::Timestamp;
use memtool_analyzer::{Content, FileOptions, LeakTier, ProfileReport, Skipped, report_contents};
use pyo3::prelude::*;

use crate::table::{Batches, Columns, Kind, Rows, Table, is_arrow, refused};

/// How runs are judged.
struct Analysis {
    threads: Option<NonZeroUsize>,
    files: FileOptions,
}

/// What came of a run, or of a file that could not be read.
struct Judged<'a> {
    uri: &'a str,
    outcome: Result<ProfileReport, Skipped>,
}

/// Judges the runs of files: Arrow data with the columns `uri` and, unless they are opened here, `bytes`; or a list of paths.
#[pyfunction]
#[pyo3(signature = (files, *, threads=None, memory_budget_mb=None))]
pub(crate) fn analyze(
    py: Python<'_>,
    files: &Bound<'_, PyAny>,
    threads: Option<NonZeroUsize>,
    memory_budget_mb: Option<u32>,
) -> PyResult<Table> {
    let max_memory = memory_budget_mb.map(|mib| u64::from(mib) << 20);
    let analysis = Analysis { threads, files: FileOptions { max_memory, ..FileOptions::default() } };
    let found = if is_arrow(files)? {
        let batches = Batches::of(files)?;
        py.detach(|| analysis.of_batches(batches))
    } else {
        let paths: Vec<String> = files.extract()?;
        py.detach(|| analysis.of_paths(&paths))
    };
    found.map_err(|error| refused(&error))
}

impl Analysis {
    fn of_paths(&self, paths: &[String]) -> Result<Table, ArrowError> {
        let contents: Vec<Content<'_>> = paths.iter().map(|uri| Content { uri, bytes: None }).collect();
        self.table(&contents)
    }

    fn of_batches(&self, batches: Batches) -> Result<Table, ArrowError> {
        let mut all = self.table(&[])?;
        for rows in batches {
            all.append(self.of_batch(&rows?)?);
        }
        Ok(all)
    }

    fn of_batch(&self, rows: &Rows) -> Result<Table, ArrowError> {
        let uri = rows.required(&["uri", "path"], Kind::Text)?;
        let bytes = rows.find(&["bytes", "content"], Kind::Bytes)?;
        let content = |row| Content {
            uri: uri.text(row).unwrap_or_default(),
            bytes: bytes.and_then(|bytes| bytes.bytes(row)),
        };
        let contents: Vec<Content<'_>> = (0..rows.len()).map(content).collect();
        self.table(&contents)
    }

    fn table(&self, contents: &[Content<'_>]) -> Result<Table, ArrowError> {
        let mut all = Vec::new();
        for (file, found) in contents.iter().zip(report_contents(contents, self.threads, &self.files)) {
            all.extend(found.into_iter().map(|outcome| Judged { uri: file.uri, outcome }));
        }
        table(&all)
    }
}

/// A row a run; of a file that could not be read its name and the reason.
fn table(all: &[Judged<'_>]) -> Result<Table, ArrowError> {
    let reports = || all.iter().map(|judged| judged.outcome.as_ref().ok());
    let columns = Columns::default().texts("uri", all.iter().map(|judged| Some(judged.uri)));
    let columns = with_figures(columns, reports);
    let columns = with_findings(columns, reports);
    let columns = with_end(columns, reports);
    let error = |judged: &'_ Judged<'_>| judged.outcome.as_ref().err().map(|skipped| skipped.error.clone());
    let errors: Vec<Option<String>> = all.iter().map(error).collect();
    columns.texts("error", errors.iter().map(Option::as_deref)).table()
}

/// What ran, and how much memory it took.
fn with_figures<'a, I>(columns: Columns, all: impl Fn() -> I) -> Columns
where
    I: Iterator<Item = Option<&'a ProfileReport>>,
{
    columns
        .texts("run", all().map(|r| r.map(|r| r.run.as_str())))
        .texts("job", all().map(|r| r.and_then(|r| r.job.as_deref())))
        .texts("version", all().map(|r| r.and_then(|r| r.version.as_deref())))
        .texts("machine", all().map(|r| r.and_then(|r| r.machine.as_deref())))
        .texts("format", all().map(|r| r.map(|r| r.format.as_ref())))
        .moments("started", all().map(|r| r.and_then(started)))
        .counts("samples", all().map(|r| r.and_then(|r| i64::try_from(r.samples).ok())))
        .numbers("duration_s", all().map(|r| r.map(|r| r.duration_s)))
        .numbers("peak_rss_mb", all().map(|r| r.map(|r| r.peak_rss_mb)))
        .texts("peak_source", all().map(|r| r.map(|r| r.peak_source.as_ref())))
        .numbers("mean_rss_mb", all().map(|r| r.map(|r| r.mean_rss_mb)))
        .numbers("p95_rss_mb", all().map(|r| r.map(|r| r.p95_rss_mb)))
        .numbers("limit_mb", all().map(|r| r.and_then(|r| r.limit_mb)))
}

fn started(report: &ProfileReport) -> Option<i64> {
    report.started.parse::<Timestamp>().ok().map(Timestamp::as_microsecond)
}

/// The verdict on a leak, and what else is wrong.
fn with_findings<'a, I>(columns: Columns, all: impl Fn() -> I) -> Columns
where
    I: Iterator<Item = Option<&'a ProfileReport>>,
{
    let kinds = |r: &'a ProfileReport| r.findings.iter().map(|finding| finding.kind.as_str()).collect();
    columns
        .texts("leak_verdict", all().map(|r| r.map(|r| r.leak.verdict.as_str())))
        .texts("leak_tier", all().map(|r| r.and_then(|r| r.leak.tier).map(LeakTier::as_str)))
        .numbers(
            "leak_mb_per_min",
            all().map(|r| r.and_then(|r| r.leak.slope_mb_per_min).map(|g| g.estimate)),
        )
        .numbers("hours_to_limit", all().map(|r| r.and_then(|r| r.leak.hours_to_limit).map(|g| g.estimate)))
        .text_lists("findings", all().map(|r| r.map(kinds)))
        // The most severe stands first.
        .texts("severity", all().map(|r| r.and_then(|r| r.findings.first()).map(|f| f.severity.as_str())))
}

/// How the process ended.
fn with_end<'a, I>(columns: Columns, all: impl Fn() -> I) -> Columns
where
    I: Iterator<Item = Option<&'a ProfileReport>>,
{
    let fates = || all().map(|r| r.and_then(|r| r.fate.as_ref()));
    columns
        .counts("exit_code", fates().map(|fate| fate.and_then(|fate| fate.exit_code).map(i64::from)))
        .counts("exit_signal", fates().map(|fate| fate.and_then(|fate| fate.signal).map(i64::from)))
        .switches("killed_for_memory", fates().map(|fate| fate.and_then(|fate| fate.killed_for_memory)))
}
