//! The report on one run.

use std::collections::BTreeSet;
use std::path::Path;

use memtool_profile_model::{Mib, Run};

use super::analysis::{ProfileReport, ThresholdReport, TimeShare};
use super::averages::Averages;
use super::columns::Columns;
use super::context::context;
use super::operation_use::by_operation;
use super::report_warning::ReportWarning;
use super::run_label::{job, run_label};
use crate::detect::{Context, Detection, detect};
use crate::series::Series;

/// Analyses one run.
#[must_use]
pub fn profile(path: &Path, run: &Run) -> ProfileReport {
    report_on(path, run, &Columns::of(run))
}

/// The same of a run whose samples are columns already.
pub(super) fn report_on(path: &Path, run: &Run, columns: &Columns) -> ProfileReport {
    let series = &columns.series;
    let detection = judged(run, columns, Vec::new());
    let averages = Averages::of(series, run.totals.as_ref());
    let (peak_at_s, peak_rss_mb) = peak(series, run);
    let [p50, p95, p99] = averages.p50_p95_p99_rss_mb;
    let [low, moderate, high, critical] = averages.level_shares;
    let thresholds = &run.config.thresholds;
    ProfileReport {
        operations: by_operation(series, &columns.phases),
        path: path.display().to_string(),
        run: run_label(path, run),
        job: job(run).map(str::to_owned),
        format: run.format_name().to_owned().into(),
        origin: run.origin.clone(),
        task: run.task.clone(),
        started: run.known_start().map(|started| started.to_string()).unwrap_or_default(),
        samples: averages.samples,
        duration_s: run.task.as_ref().and_then(|task| task.runtime_s).unwrap_or(series.duration_s()),
        peak_rss_mb,
        peak_at_s,
        mean_rss_mb: averages.mean_rss_mb,
        time_weighted_mean_rss_mb: averages.time_weighted_mean_rss_mb,
        p50_rss_mb: p50,
        p95_rss_mb: p95,
        p99_rss_mb: p99,
        time_share: TimeShare { low, moderate, high, critical },
        coverage: averages.coverage,
        thresholds_mb: run.origin.is_none().then(|| ThresholdReport {
            moderate: thresholds.moderate_mb.get(),
            high: thresholds.high_mb.get(),
            critical: thresholds.critical_mb.get(),
        }),
        batch_sizes: batch_sizes(series),
        leak: detection.leak,
        findings: detection.findings,
        assumed: run.assumed.iter().map(ToString::to_string).collect(),
        warning_codes: run.warnings.iter().map(|warning| warning.code().to_owned()).collect(),
        warnings: run.warnings.iter().cloned().map(ReportWarning::File).collect(),
    }
}

/// What the detectors say of a run, beside a heap of which so much was committed by seconds.
pub(super) fn judged(run: &Run, columns: &Columns, heap_committed_mb: Vec<(f64, f64)>) -> Detection {
    let context = Context { heap_committed_mb, ..context(run, columns) };
    detect(&columns.series, &context)
}

/// When memory was largest first, and how large: as the samples show it, or a higher peak that the
/// file states, such as the heap before a collection.
fn peak(series: &Series, run: &Run) -> (f64, f64) {
    let (at, largest) = peak_of_samples(series);
    let stated = run.stated_peak.filter(|_| run.origin.is_some()).map(|peak| peak.rss.get());
    let Some(stated) = stated.filter(|stated| *stated > largest) else {
        return (at, largest);
    };
    let start = run.snapshots.first().map_or(0.0, |first| first.at.seconds());
    let collection = run.collections.iter().find(|c| c.rss_before.map(Mib::get) == Some(stated));
    (collection.map_or(at, |c| (c.at.seconds() - start).max(0.0)), stated)
}

fn peak_of_samples(series: &Series) -> (f64, f64) {
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
