//! The report on one run.

use std::collections::BTreeSet;
use std::path::Path;

use memtool_profile_model::{Mib, PeakSource, Run, TimeBase};

use super::averages::Averages;
use super::columns::Columns;
use super::context::context;
use super::operation_use::by_operation;
use super::report_warning::ReportWarning;
use super::run_label::{job, run_label, version};
use super::run_report::{ProfileReport, ThresholdReport, TimeShare};
use crate::detect::{Context, Detection, detect};
use crate::series::Series;
use crate::stats::largest;

/// Memory in child processes from which it matters that their RSS is summed.
const NOTEWORTHY_MB: f64 = 25.0;

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
    let peak = PeakSeen::of(run, columns);
    let [p50, p95, p99] = averages.p50_p95_p99_rss_mb;
    let [low, moderate, high, critical] = averages.level_shares;
    let thresholds = &run.config.thresholds;
    let warnings = warnings(run, series);
    ProfileReport {
        operations: by_operation(series, &columns.phases),
        path: path.display().to_string(),
        run: run_label(path, run),
        job: job(run).map(str::to_owned),
        version: version(run),
        machine: run.host.name.clone(),
        format: run.format_name().to_owned().into(),
        origin: run.origin.clone(),
        task: run.task.clone(),
        started: run.known_start().map(|started| started.to_string()).unwrap_or_default(),
        samples: averages.samples,
        duration_s: duration_s(run, series),
        peak_rss_mb: peak.rss_mb,
        peak_source: peak.source.into(),
        peak_at_s: peak.at_s,
        limit_mb: run.host.limit_mb.map(Mib::get),
        mean_rss_mb: averages.mean_rss_mb,
        time_weighted_mean_rss_mb: averages.time_weighted_mean_rss_mb,
        p50_rss_mb: p50,
        p95_rss_mb: p95,
        p99_rss_mb: p99,
        time_share: TimeShare { low, moderate, high, critical },
        coverage: averages.coverage,
        fate: run.fate.clone(),
        thresholds_mb: run.origin.is_none().then(|| ThresholdReport {
            moderate: thresholds.moderate_mb.get(),
            high: thresholds.high_mb.get(),
            critical: thresholds.critical_mb.get(),
        }),
        batch_sizes: batch_sizes(series),
        leak: detection.leak,
        findings: detection.findings,
        assumed: run.assumed.iter().map(ToString::to_string).collect(),
        warning_codes: warnings.iter().map(|warning| warning.code().to_owned()).collect(),
        warnings,
    }
}

/// How long the run took: what its file says, or first to last sample; 0 where the file has no clock.
fn duration_s(run: &Run, series: &Series) -> f64 {
    let sampled = match run.origin.as_ref().map(|origin| origin.time_base) {
        Some(TimeBase::None) => 0.0,
        _ => series.duration_s(),
    };
    run.task.as_ref().and_then(|task| task.runtime_s).unwrap_or(sampled)
}

/// What the detectors say of a run, beside a heap of which so much was committed by seconds.
pub(super) fn judged(run: &Run, columns: &Columns, heap_committed_mb: Vec<(f64, f64)>) -> Detection {
    let context = Context { heap_committed_mb, ..context(run, columns) };
    detect(&columns.series, &context)
}

/// The run's peak: when, how large, and where it was read.
struct PeakSeen {
    at_s: f64,
    rss_mb: f64,
    source: &'static str,
}

impl PeakSeen {
    /// The kernel's mark where there is one; not beside PSS, since marks are of RSS.
    fn of(run: &Run, columns: &Columns) -> Self {
        let series = &columns.series;
        let largest = largest(&series.rss_mb);
        let sampled_at = series.rss_mb.iter().position(|rss| *rss == largest).map(|at| series.seconds[at]);
        let sampled = Self { at_s: sampled_at.unwrap_or_default(), rss_mb: largest, source: "sampled" };
        if series.summed_rss_mb.is_some() {
            // With shared pages counted once, all processes held no less than one of them.
            let of_one = run.peak_of_one.map_or(0.0, Mib::get);
            return Self { rss_mb: largest.max(of_one), ..sampled };
        }
        let Some(peak) = run.peak(Some(Mib::new(largest))) else { return sampled };
        let of_batch = run.batches.iter().find(|batch| batch.rss_peak == Some(peak.rss));
        let ended = of_batch.and_then(|batch| batch.end).map(|end| end.seconds() - columns.start_s);
        let source = match peak.source {
            Some(PeakSource::HighWaterMark) => "high_water_mark",
            Some(PeakSource::CgroupPeak) => "cgroup_peak",
            _ => sampled.source,
        };
        let at_s = if peak.rss.get() > largest { ended.unwrap_or(sampled.at_s) } else { sampled.at_s };
        Self { at_s, rss_mb: peak.rss.get(), source }
    }
}

/// What a reader should know: of the file, and of what its figures are.
fn warnings(run: &Run, series: &Series) -> Vec<ReportWarning> {
    let of_file = run.warnings.iter().cloned().map(ReportWarning::File);
    let proportional = series.summed_rss_mb.map(|summed_mb| ReportWarning::Proportional { summed_mb });
    let children = series.children_mb.iter().flatten().fold(0.0, f64::max);
    let summed = (proportional.is_none() && children >= NOTEWORTHY_MB).then_some(ReportWarning::SummedRss);
    of_file.chain(proportional).chain(summed).collect()
}

fn batch_sizes(series: &Series) -> Vec<u32> {
    let sizes: BTreeSet<u32> = series.batch_size.values().iter().flatten().copied().collect();
    sizes.into_iter().collect()
}
