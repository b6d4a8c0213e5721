//! The short frame: one row a run.

use polars::prelude::{DataFrame, IntoLazy, PolarsResult, QuantileMethod, col, df, lit};
use serde::Serialize;

/// One run in the frame of runs.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRow {
    /// The file.
    pub run: String,
    /// Snapshots with a readable RSS.
    pub samples: u64,
    /// First to last snapshot, in seconds.
    pub duration_s: f64,
    /// Largest RSS.
    pub peak_rss_mb: f64,
    /// Mean RSS.
    pub mean_rss_mb: f64,
    /// Findings of any severity.
    pub findings: u64,
}

/// Builds the frame of runs, one column a field of [`RunRow`].
///
/// # Errors
/// Only where polars cannot build a frame.
pub fn runs(rows: &[RunRow]) -> PolarsResult<DataFrame> {
    df!(
        "run" => rows.iter().map(|r| r.run.as_str()).collect::<Vec<_>>(),
        "samples" => rows.iter().map(|r| r.samples).collect::<Vec<_>>(),
        "duration_s" => rows.iter().map(|r| r.duration_s).collect::<Vec<_>>(),
        "peak_rss_mb" => rows.iter().map(|r| r.peak_rss_mb).collect::<Vec<_>>(),
        "mean_rss_mb" => rows.iter().map(|r| r.mean_rss_mb).collect::<Vec<_>>(),
        "findings" => rows.iter().map(|r| r.findings).collect::<Vec<_>>(),
    )
}

/// How runs spread.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spread {
    /// Snapshots of all runs.
    pub samples: u64,
    /// Smallest peak of a run.
    pub peak_rss_mb_min: f64,
    /// Median of the runs' peaks.
    pub peak_rss_mb_median: f64,
    /// 95th percentile of the runs' peaks.
    pub peak_rss_mb_p95: f64,
    /// Largest peak of a run.
    pub peak_rss_mb_max: f64,
    /// Runs with at least one finding.
    pub runs_with_findings: u64,
}

/// Sums up a frame of runs; `None` where it has no row.
///
/// # Errors
/// Only where polars cannot run the query.
pub fn spread(runs: DataFrame) -> PolarsResult<Option<Spread>> {
    if runs.height() == 0 {
        return Ok(None);
    }
    let peak = || col("peak_rss_mb");
    let quantile = |q: f64| peak().quantile(lit(q), QuantileMethod::Linear);
    let row = runs
        .lazy()
        .select([
            col("samples").sum().alias("samples"),
            peak().min().alias("min"),
            quantile(0.5).alias("median"),
            quantile(0.95).alias("p95"),
            peak().max().alias("max"),
            col("findings").gt(lit(0_u64)).sum().alias("with_findings"),
        ])
        .collect()?;
    let float = |name: &str| row.column(name)?.f64().map(|c| c.get(0).unwrap_or_default());
    Ok(Some(Spread {
        samples: row.column("samples")?.u64()?.get(0).unwrap_or_default(),
        peak_rss_mb_min: float("min")?,
        peak_rss_mb_median: float("median")?,
        peak_rss_mb_p95: float("p95")?,
        peak_rss_mb_max: float("max")?,
        runs_with_findings: u64::from(row.column("with_findings")?.u32()?.get(0).unwrap_or_default()),
    }))
}
