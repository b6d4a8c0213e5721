//! The report on one run.

use std::collections::BTreeSet;
use std::path::Path;

use memtool_profile_model::Run;

use super::analysis::{ProfileReport, ThresholdReport, TimeShare};
use super::averages::Averages;
use super::columns::Columns;
use super::context::context;
use super::operation_use::by_operation;
use super::report_warning::ReportWarning;
use super::run_label::run_label;
use crate::detect::detect;
use crate::series::Series;

/// Analyses one run.
#[must_use]
pub fn profile(path: &Path, run: &Run) -> ProfileReport {
    report_on(path, run, &Columns::of(run))
}

/// The same of a run whose samples are columns already.
pub(super) fn report_on(path: &Path, run: &Run, columns: &Columns) -> ProfileReport {
    let series = &columns.series;
    let detection = detect(series, &context(run, columns));
    let averages = Averages::of(series, run.totals.as_ref());
    let (peak_at_s, peak_rss_mb) = peak(series);
    let [p50, p95, p99] = averages.p50_p95_p99_rss_mb;
    let [low, moderate, high, critical] = averages.level_shares;
    let thresholds = &run.config.thresholds;
    ProfileReport {
        operations: by_operation(series, &columns.phases),
        path: path.display().to_string(),
        run: run_label(path, run),
        format: run.format.as_str().into(),
        started: run.started.to_string(),
        samples: averages.samples,
        duration_s: series.duration_s(),
        peak_rss_mb,
        peak_at_s,
        mean_rss_mb: averages.mean_rss_mb,
        time_weighted_mean_rss_mb: averages.time_weighted_mean_rss_mb,
        p50_rss_mb: p50,
        p95_rss_mb: p95,
        p99_rss_mb: p99,
        time_share: TimeShare { low, moderate, high, critical },
        coverage: averages.coverage,
        thresholds_mb: ThresholdReport {
            moderate: thresholds.moderate_mb.get(),
            high: thresholds.high_mb.get(),
            critical: thresholds.critical_mb.get(),
        },
        batch_sizes: batch_sizes(series),
        leak: detection.leak,
        findings: detection.findings,
        assumed: run.assumed.iter().map(ToString::to_string).collect(),
        warnings: run.warnings.iter().cloned().map(ReportWarning::File).collect(),
    }
}

/// When memory was largest first, and how large.
fn peak(series: &Series) -> (f64, f64) {
    let largest = series.rss_mb.iter().copied().fold(0.0, f64::max);
    let at = series.rss_mb.iter().position(|rss| *rss == largest);
    at.map_or((0.0, 0.0), |at| (series.seconds[at], largest))
}

fn batch_sizes(series: &Series) -> Vec<u32> {
    let mut last = None;
    let mut sizes = BTreeSet::new();
    for size in series.batch_size.iter().flatten() {
        // Neighbours mostly have the same size, and there are few.
        if last != Some(*size) {
            sizes.insert(*size);
            last = Some(*size);
        }
    }
    sizes.into_iter().collect()
}
