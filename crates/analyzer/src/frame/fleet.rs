//! The runs of a lake: filtered, each once, and summed up by job, machine, operation or version.

use polars::prelude::{
    Column, DataFrame, Expr, IntoLazy, LazyFrame, NamedFrom, PolarsResult, QuantileMethod, Series,
    SortMultipleOptions, UniqueKeepStrategy, col, lit,
};

use crate::table::Rows;

/// Columns of the table of runs that a fleet's figures are made of.
pub const COLUMNS: [&str; 17] = [
    "run",
    "job",
    "version",
    "machine",
    "peak_operation",
    "started",
    "duration_s",
    "samples",
    "peak_rss_mb",
    "limit_mb",
    "waste_gb_h",
    "killed",
    "leak_verdict",
    "namespace",
    "workload",
    "container",
    "restarts",
];
/// Another, which only leaks have.
pub const HOURS: &str = "hours_to_limit";

/// What runs are summed up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FleetBy {
    /// The job.
    #[default]
    Job,
    /// The machine.
    Machine,
    /// The operation that the run's peak fell into.
    Operation,
    /// The job's version.
    Version,
    /// The namespace of containers of Kubernetes.
    Namespace,
    /// What their pods belong to.
    Workload,
    /// Their name in the pod.
    Container,
}

impl FleetBy {
    const fn column(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::Machine => "machine",
            Self::Operation => "peak_operation",
            Self::Version => "version",
            Self::Namespace => "namespace",
            Self::Workload => "workload",
            Self::Container => "container",
        }
    }
}

/// Which runs count; an empty list takes all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FleetFilter {
    /// Jobs.
    pub jobs: Vec<String>,
    /// Machines.
    pub machines: Vec<String>,
    /// Versions.
    pub versions: Vec<String>,
}

/// Figures over the runs of one group.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupFigures {
    /// The group; `None` for the runs that do not tell.
    pub group: Option<String>,
    /// Its runs.
    pub runs: u64,
    /// Runs that were killed for want of memory.
    pub killed: u64,
    /// The last of them, in microseconds since 1970.
    pub last_killed: Option<i64>,
    /// Median, 95th percentile and largest of the peaks.
    pub peak_mb: [f64; 3],
    /// The limit of the latest run that has one.
    pub limit_mb: Option<f64>,
    /// Share of the limit above the peak in all but one in twenty runs.
    pub headroom_share: Option<f64>,
    /// GB times hours held and not used, under configured limits.
    pub waste_gb_h: Option<f64>,
    /// How often containers were started again, where that is counted.
    pub restarts: Option<u64>,
    /// Runs that leak.
    pub leaks: u64,
    /// The fewest hours from a leaking run to its limit.
    pub hours_to_limit: Option<f64>,
    /// First and last start, in microseconds since 1970.
    pub started: Option<(i64, i64)>,
}

/// The runs of one group that were not killed, in order of their start.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GroupRuns {
    /// Starts, in microseconds since 1970.
    pub started: Vec<i64>,
    /// Peaks in MiB.
    pub peak_mb: Vec<f64>,
    /// Versions; `None` where a run does not tell.
    pub version: Vec<Option<String>>,
}

/// Runs as a frame.
pub struct FleetFrame {
    runs: DataFrame,
    by: FleetBy,
}

impl FleetFrame {
    /// The runs of a lake, each once, of which a filter takes some.
    ///
    /// # Errors
    /// Only where polars cannot run the query.
    pub fn of(rows: &Rows, by: FleetBy, filter: &FleetFilter) -> PolarsResult<Self> {
        let among = |column: &str, names: &[String]| {
            let equals = names.iter().map(|name| col(column).eq(lit(name.as_str())));
            equals.reduce(Expr::or).unwrap_or_else(|| lit(true))
        };
        let runs = once(frame(rows)?)?
            .filter(among("job", &filter.jobs))
            .filter(among("machine", &filter.machines))
            .filter(among("version", &filter.versions))
            // Runs that began at one moment have an order of their own, whichever file they stand in.
            .sort([by.column(), "started", "run"], SortMultipleOptions::default())
            .collect()?;
        Ok(Self { runs, by })
    }

    /// How many runs it has.
    #[must_use]
    pub fn count(&self) -> usize {
        self.runs.height()
    }

    /// The figures of each group, in order of name, the runs without one first.
    ///
    /// # Errors
    /// Only where polars cannot run the query.
    pub fn figures(&self) -> PolarsResult<Vec<GroupFigures>> {
        let peak = || col("peak_rss_mb");
        let quantile = |q: f64| peak().quantile(lit(q), QuantileMethod::Linear);
        let headroom = || lit(1.0) - peak() / col("limit_mb");
        let killed = || col("killed").fill_null(lit(false));
        let leaks = || col("leak_verdict").eq(lit("leak"));
        let figures = self
            .runs
            .clone()
            .lazy()
            .group_by_stable([col(self.by.column())])
            .agg([
                col("run").count().alias("runs"),
                killed().sum().alias("kills"),
                col("started").filter(killed()).max().alias("last_killed"),
                quantile(0.5).alias("p50"),
                quantile(0.95).alias("p95"),
                peak().max().alias("max"),
                col("limit_mb").drop_nulls().last().alias("limit"),
                headroom().quantile(lit(0.05), QuantileMethod::Linear).alias("headroom"),
                col("waste_gb_h").sum().alias("waste"),
                col("waste_gb_h").count().alias("wasting"),
                col("restarts").sum().alias("restarted"),
                col("restarts").count().alias("counted"),
                leaks().sum().alias("leaks"),
                col(HOURS).filter(leaks()).min().alias("hours"),
                col("started").min().alias("first"),
                col("started").max().alias("last"),
            ])
            .collect()?;
        (0..figures.height()).map(|row| Row { frame: &figures, row }.figures(self.by)).collect()
    }

    /// The runs of each group that were not killed and say when they started, in the order of [`Self::figures`].
    ///
    /// # Errors
    /// Only where polars lacks a column.
    pub fn runs_by_group(&self) -> PolarsResult<Vec<GroupRuns>> {
        let [group, version] =
            [self.by.column(), "version"].map(|name| self.runs.column(name).and_then(|column| column.str()));
        let (group, version) = (group?, version?);
        let (started, peak) = (self.runs.column("started")?.i64()?, self.runs.column("peak_rss_mb")?.f64()?);
        let killed = self.runs.column("killed")?.bool()?;
        let mut groups: Vec<GroupRuns> = Vec::new();
        let mut last = None;
        for row in 0..self.runs.height() {
            let name = group.get(row);
            if last != Some(name) {
                groups.push(GroupRuns::default());
                last = Some(name);
            }
            let (Some(runs), Some(at), Some(peak)) = (groups.last_mut(), started.get(row), peak.get(row))
            else {
                continue;
            };
            if killed.get(row) == Some(true) {
                continue;
            }
            runs.started.push(at);
            runs.peak_mb.push(peak);
            runs.version.push(version.get(row).map(str::to_owned));
        }
        Ok(groups)
    }
}

/// One row of the figures.
struct Row<'a> {
    frame: &'a DataFrame,
    row: usize,
}

impl Row<'_> {
    fn figures(&self, by: FleetBy) -> PolarsResult<GroupFigures> {
        Ok(GroupFigures {
            group: self.column(by.column())?.str()?.get(self.row).map(str::to_owned),
            runs: self.count("runs")?,
            killed: self.count("kills")?,
            last_killed: self.long("last_killed")?,
            peak_mb: [self.double("p50")?, self.double("p95")?, self.double("max")?]
                .map(Option::unwrap_or_default),
            limit_mb: self.double("limit")?,
            headroom_share: self.double("headroom")?,
            waste_gb_h: self.double("waste")?.filter(|_| self.count("wasting").is_ok_and(|runs| runs > 0)),
            restarts: self
                .long("restarted")?
                .and_then(|restarts| u64::try_from(restarts).ok())
                .filter(|_| self.count("counted").is_ok_and(|runs| runs > 0)),
            leaks: self.count("leaks")?,
            hours_to_limit: self.double("hours")?,
            started: self.long("first")?.zip(self.long("last")?),
        })
    }

    fn column(&self, name: &str) -> PolarsResult<&Column> {
        self.frame.column(name)
    }

    fn double(&self, name: &str) -> PolarsResult<Option<f64>> {
        Ok(self.column(name)?.f64()?.get(self.row))
    }

    fn long(&self, name: &str) -> PolarsResult<Option<i64>> {
        Ok(self.column(name)?.i64()?.get(self.row))
    }

    fn count(&self, name: &str) -> PolarsResult<u64> {
        Ok(u64::from(self.column(name)?.u32()?.get(self.row).unwrap_or_default()))
    }
}

fn frame(rows: &Rows) -> PolarsResult<DataFrame> {
    let texts = |name: &str| Column::from(Series::new(name.into(), rows.texts(name)));
    let doubles = |name: &str| Column::from(Series::new(name.into(), rows.doubles(name)));
    let longs = |name: &str| Column::from(Series::new(name.into(), rows.longs(name)));
    let columns = vec![
        texts("run"),
        texts("job"),
        texts("version"),
        texts("machine"),
        texts("peak_operation"),
        texts("leak_verdict"),
        texts("namespace"),
        Column::from(Series::new("workload".into(), workloads(rows))),
        texts("container"),
        longs("restarts"),
        longs("started"),
        longs("samples"),
        doubles("duration_s"),
        doubles("peak_rss_mb"),
        doubles("limit_mb"),
        doubles("waste_gb_h"),
        doubles(HOURS),
        Column::from(Series::new("killed".into(), rows.flags("killed"))),
    ];
    DataFrame::new(rows.count(), columns)
}

/// Workloads with their namespaces: two may have one name.
fn workloads(rows: &Rows) -> Vec<Option<String>> {
    let both = rows.texts("namespace").into_iter().zip(rows.texts("workload"));
    both.map(|(namespace, workload)| Some(format!("{}/{}", namespace.unwrap_or_default(), workload?)))
        .collect()
}

/// Each run once, by the longer of two recordings: a lake that is being compacted shows runs twice.
fn once(runs: DataFrame) -> PolarsResult<LazyFrame> {
    let different = runs.column("run")?.n_unique()?;
    let height = runs.height();
    let runs = runs.lazy();
    if different == height {
        return Ok(runs);
    }
    let by_length = runs.sort(["samples"], SortMultipleOptions::default());
    Ok(by_length.unique_stable(Some(polars::prelude::cols(["run"])), UniqueKeepStrategy::Last))
}
