//! Memory by stage of the job.

use polars::prelude::{DataFrame, IntoLazy, PolarsResult, SortMultipleOptions, col, len};
use serde::Serialize;

/// What one stage of the job did with memory.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OperationUse {
    /// The job's label.
    pub operation: String,
    /// Snapshots taken in it.
    pub samples: u64,
    /// Largest RSS.
    pub peak_rss_mb: f64,
    /// Mean RSS over its snapshots.
    pub mean_rss_mb: f64,
}

/// Groups a long frame by stage, the largest peak first.
///
/// # Errors
/// Only where polars cannot run the query.
pub fn by_operation(snapshots: DataFrame) -> PolarsResult<Vec<OperationUse>> {
    let order = SortMultipleOptions::default().with_order_descending_multi([true, false]);
    let grouped = snapshots
        .lazy()
        .filter(col("operation").is_not_null())
        .group_by([col("operation")])
        .agg([
            len().alias("samples"),
            col("rss_mb").max().alias("peak_rss_mb"),
            col("rss_mb").mean().alias("mean_rss_mb"),
        ])
        .sort(["peak_rss_mb", "operation"], order)
        .collect()?;
    let names = grouped.column("operation")?.str()?;
    let samples = grouped.column("samples")?.u32()?;
    let peaks = grouped.column("peak_rss_mb")?.f64()?;
    let means = grouped.column("mean_rss_mb")?.f64()?;
    let rows = names.iter().zip(samples.iter()).zip(peaks.iter().zip(means.iter()));
    Ok(rows
        .filter_map(|((name, samples), (peak, mean))| {
            Some(OperationUse {
                operation: name?.to_owned(),
                samples: u64::from(samples?),
                peak_rss_mb: peak?,
                mean_rss_mb: mean?,
            })
        })
        .collect())
}
