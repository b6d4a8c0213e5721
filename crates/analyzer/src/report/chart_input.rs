//! What a run's chart shows, from the run and its analysis.

use std::path::Path;

use memtool_profile_model::{Measure, Mib, Run};

use super::chart_columns::ChartColumns;
use super::columns::ColumnsBuilder;
use super::profile_report::report_on;
use super::run_report::ProfileReport;
use super::source::{report, stored};
use crate::chart::{HeapLine, OverviewRun, RunChart, Thresholds, Trend};
use crate::detect::FindingKind;
use crate::files::{Input, Skipped};
use crate::series::Series;
use crate::table::{Wanted, fold_snapshots};

/// The columns behind a run's chart, and the text around them.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartInput {
    subtitle: String,
    columns: ChartColumns,
    thresholds: Thresholds,
    trend: Option<Trend>,
    trend_mb_per_min: Option<(f64, f64, f64)>,
    report: ProfileReport,
    heap: Option<HeapLine>,
}

/// Collects what a run's chart shows.
#[must_use]
pub fn chart_input(run: &Run, report: ProfileReport) -> ChartInput {
    let mut columns = ChartColumns::new(run.snapshots.len());
    for snapshot in &run.snapshots {
        columns.take(&run.config, &run.operations, snapshot);
    }
    framed(run, columns, report)
}

/// The same of a table that its report is stored in: only the columns that are drawn are read, and no
/// snapshot is made of them. `None` where that will not do, whatever the reason.
fn of_table(path: &Path) -> Option<ChartInput> {
    let report = stored(path)?;
    let begin = |run: &Run, rows| (run.config.clone(), ChartColumns::new(rows));
    let read =
        fold_snapshots(path, usize::MAX, Wanted::Chart, begin, |(config, columns), operations, some| {
            some.snapshots().for_each(|snapshot| columns.take(config, operations, &snapshot));
        });
    let (run, (_, columns)) = read.ok()?;
    Some(framed(&run, columns, report))
}

/// The same of a file whose snapshots can be passed on: what they say of memory is kept once, for the report and for the
/// chart. `None` where that will not do.
fn of_passed(input: &mut Input<'_>) -> Option<ChartInput> {
    let begin = |rows| (ColumnsBuilder::new(rows), ChartColumns::new(0));
    let (run, (builder, marks)) = input.pass(begin, |(builder, marks), config, operations, some| {
        builder.take(config, operations, some);
        for snapshot in some.snapshots() {
            marks.mark(config, operations, &snapshot);
        }
    })?;
    let columns = builder.finish(&run.config);
    // Where pages that processes share are counted once, the chart shows them unrounded.
    if columns.series.summed_rss_mb.is_some() {
        return None;
    }
    let report = report_on(input.path(), &run, &columns);
    let Series { seconds, rss_mb, .. } = columns.series;
    Some(framed(&run, marks.with_samples(seconds, rss_mb), report))
}

fn framed(run: &Run, mut columns: ChartColumns, report: ProfileReport) -> ChartInput {
    columns.count_once();
    let config = &run.config;
    // Another tool's file has no policy.
    let level = |mb: Mib| run.origin.is_none().then(|| mb.get());
    let thresholds = Thresholds {
        moderate: level(config.thresholds.moderate_mb),
        high: level(config.thresholds.high_mb),
        critical: level(config.thresholds.critical_mb),
        gc_trigger: level(config.thresholds.gc_trigger_mb),
        limit: run.host.limit_mb.map(Mib::get),
    };
    ChartInput {
        subtitle: subtitle(run, &report),
        trend: trend(&report),
        trend_mb_per_min: report.leak.slope_mb_per_min.map(|g| (g.low, g.estimate, g.high)),
        thresholds,
        columns,
        report,
        heap: None,
    }
}

impl ChartInput {
    /// Reads what the chart of a file shows: of a table with a stored report only the columns that are
    /// drawn, of a stream or another table its columns, else a whole run.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn open(input: &mut Input<'_>) -> Result<Self, Skipped> {
        if let Some(known) = of_table(input.path()).or_else(|| of_passed(input)) {
            return Ok(known);
        }
        let run = input.read()?;
        Ok(chart_input(&run, report(input.path(), &run)))
    }

    /// The same with the heap of the run's runtime drawn beside it.
    #[must_use]
    pub(super) fn with_heap(self, heap: HeapLine) -> Self {
        Self { heap: Some(heap), ..self }
    }

    /// The run's analysis.
    #[must_use]
    pub const fn report(&self) -> &ProfileReport {
        &self.report
    }

    /// The chart of this run.
    #[must_use]
    pub fn chart(&self) -> RunChart<'_> {
        let columns = &self.columns;
        RunChart {
            subtitle: self.subtitle.clone(),
            mark: Some((self.report.peak_at_s, self.report.peak_rss_mb)),
            thresholds: self.thresholds,
            batch_sizes: columns.batch_sizes.clone(),
            gc_marks: columns.gc_marks.clone(),
            fallback_spans: columns.fallback_spans.clone(),
            operations: columns.phases.clone(),
            trend: self.trend,
            quantity: self.quantity(),
            heap: self.heap.clone(),
            ..RunChart::new(self.report.run.clone(), &columns.seconds, &columns.rss_mb)
        }
    }

    /// What is drawn, where it is not RSS.
    pub(crate) fn quantity(&self) -> Option<&'static str> {
        self.report.origin.as_ref().and_then(|origin| quantity(origin.measure))
    }

    /// The levels across the chart.
    pub(crate) const fn thresholds(&self) -> Thresholds {
        self.thresholds
    }

    /// The lines and marks.
    pub(crate) const fn columns(&self) -> &ChartColumns {
        &self.columns
    }

    /// The run's analysis.
    pub(crate) fn into_report(self) -> ProfileReport {
        self.report
    }

    /// This run's row in the overview.
    #[must_use]
    pub fn overview(&self) -> OverviewRun {
        OverviewRun {
            label: self.report.run.clone(),
            peak_mb: self.report.peak_rss_mb,
            p95_mb: self.report.p95_rss_mb,
            mean_mb: self.report.mean_rss_mb,
            trend_mb_per_min: self.trend_mb_per_min,
            limit_mb: self.thresholds.limit,
        }
    }
}

fn subtitle(run: &Run, report: &ProfileReport) -> String {
    let started = run.known_start().map(|at| at.strftime("%Y-%m-%d %H:%M UTC, ").to_string());
    let origin = run.origin.as_ref().map(|origin| format!("{} by {}, ", origin.measure, origin.tool));
    format!(
        "{}{}{} sample{} over {:.0} s, peak {:.0} MiB, {} finding{}",
        started.unwrap_or_default(),
        origin.unwrap_or_default(),
        report.samples,
        if report.samples == 1 { "" } else { "s" },
        report.duration_s,
        report.peak_rss_mb,
        report.findings.len(),
        if report.findings.len() == 1 { "" } else { "s" }
    )
}

/// What the axis is called where it is not RSS.
const fn quantity(measure: Measure) -> Option<&'static str> {
    match measure {
        Measure::ProcessRss | Measure::TreeRss => None,
        Measure::TreePss => Some("PSS"),
        Measure::Container => Some("container memory"),
        Measure::Machine => Some("machine memory"),
        Measure::HeapUsed => Some("heap in use"),
        Measure::HeapAfterCollection => Some("heap after collection"),
    }
}

/// The fitted line with its interval, around the middle of the window.
fn trend(report: &ProfileReport) -> Option<Trend> {
    let growth = report.leak.slope_mb_per_min?;
    let evidence = &report.findings.iter().find(|f| f.kind == FindingKind::MemoryLeak)?.evidence;
    let intercept = evidence.details.get("line_at_start_mb")?;
    let (start_s, end_s) = evidence.window_s;
    let at = |seconds: f64| intercept + growth.estimate * seconds / 60.0;
    let half = (end_s - start_s) / 120.0;
    let spread = |slope: f64| (slope - growth.estimate) * half;
    let ends = |middle: f64, sign: f64| {
        let (a, b) = (middle + sign * spread(growth.low), middle + sign * spread(growth.high));
        (a.min(b), a.max(b))
    };
    Some(Trend {
        start_s,
        end_s,
        start_mb: at(start_s),
        end_mb: at(end_s),
        start_interval_mb: ends(at(start_s), -1.0),
        end_interval_mb: ends(at(end_s), 1.0),
    })
}
