//! The straight line from paths to an analysis.

use std::path::{Path, PathBuf};

use memtool_profile_model::{
    AdaptiveConfig, Batch, Collection, Format, Mib, Operations, PeakSource, Run, Snapshot, SnapshotKind,
    Totals,
};

use super::analysis::{
    Analysis, FindingCount, ProfileReport, SkippedReport, Summary, ThresholdReport, TimeShare,
};
use crate::detect::{BatchSeen, CollectionSeen, Context, detect};
use crate::files::{Loaded, Share, is_table, load_or, pass};
use crate::frame::{self, FrameError, RunRow};
use crate::phase::{Walk, phases};
use crate::series::{Growing, Series};
use crate::stats::{quantiles, sum};
use crate::table::{Wanted, fold_snapshots, stored_report};

/// How files are read for an analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reading {
    /// Judge every run again, though the report that this version made stands in a table.
    pub recompute: bool,
    /// Bytes of memory that runs may take; of a run that does not fit some snapshots are kept.
    pub max_memory: Option<u64>,
}

/// Analyses every memory file behind the paths, in parallel.
///
/// A run is dropped once it is analysed: memory does not grow with the number of samples.
/// `progress` hears how many files are done, and of how many.
///
/// # Errors
/// Only where a dataframe cannot be built; files that cannot be read are in `skipped`.
pub fn analyze(
    paths: &[PathBuf],
    reading: Reading,
    progress: impl Fn(usize, usize) + Sync,
) -> Result<Analysis, FrameError> {
    let known = |path: &Path, share: Share| {
        let kept = if reading.recompute { None } else { kept(path) };
        kept.map(Ok).or_else(|| passing(path, share))
    };
    let each = |path: &Path, run| profile(path, &run);
    let Loaded { values, skipped, ignored } = load_or(paths, reading.max_memory, progress, known, each);
    let profiles = values.into_iter().collect::<Result<Vec<_>, _>>()?;
    let rows: Vec<RunRow> = profiles.iter().map(row).collect();
    let summary = Summary {
        profiles: profiles.len(),
        skipped: skipped.len(),
        ignored,
        findings: FindingCount::of(profiles.iter().flat_map(|p| &p.findings)),
        runs: frame::spread(frame::runs(&rows)?)?,
    };
    let skipped = skipped.iter().map(SkippedReport::from).collect();
    Ok(Analysis { schema: "memtool.analysis/1", profiles, skipped, summary })
}

/// The report on a run that was read from a path: the one that stands in a table, or a new one.
///
/// # Errors
/// Only where a dataframe cannot be built.
pub fn report(path: &Path, run: &Run) -> Result<ProfileReport, FrameError> {
    kept(path).map_or_else(|| profile(path, run), Ok)
}

/// The report that stands in a table.
///
/// Its text is kept for good: names of rules and statistics are `&'static str`, and point into
/// it. It is about as long as the report, which is kept as well.
pub(super) fn kept(path: &Path) -> Option<ProfileReport> {
    let text = is_table(path).then(|| stored_report(path)).flatten()?;
    let report: ProfileReport = serde_json::from_str(text.leak()).ok()?;
    Some(ProfileReport { path: path.display().to_string(), ..report })
}

/// Analyses one run.
///
/// # Errors
/// Only where a dataframe cannot be built.
pub fn profile(path: &Path, run: &Run) -> Result<ProfileReport, FrameError> {
    let phases = phases(run);
    let series = Series::new(run, &phases);
    let first = run.snapshots.iter().find(|snapshot| snapshot.rss.is_some());
    let start_s = first.map_or(0.0, |first| first.at.seconds());
    judged(path, run, &Columns { series, stages: phases.names, start_s })
}

/// The same of a table or a stream, of which no snapshots are kept: they become columns one by one.
/// `None` where that will not do, whatever the reason.
fn passing(path: &Path, share: Share) -> Option<Result<ProfileReport, FrameError>> {
    let (run, columns) = if is_table(path) {
        let begin = |run: &Run, rows| (run.config.clone(), Gathering::new(rows));
        let most = share.snapshots;
        let read =
            fold_snapshots(path, most, Wanted::Analysis, begin, |(config, columns), operations, snapshot| {
                columns.take(config, operations, snapshot);
            });
        read.map(|(run, (_, columns))| (run, columns)).ok()?
    } else {
        let mut columns = Gathering::new(0);
        let run = pass(path, share, &mut |config, operations, snapshot| {
            columns.take(config, operations, snapshot);
        })?;
        (run, columns)
    };
    Some(judged(path, &run, &columns.finish()))
}

/// The columns of a run while it is read.
struct Gathering {
    growing: Growing,
    walk: Walk,
}

impl Gathering {
    fn new(snapshots: usize) -> Self {
        Self { growing: Growing::new(snapshots), walk: Walk::default() }
    }

    fn take(&mut self, config: &AdaptiveConfig, operations: &Operations, snapshot: &Snapshot) {
        let label = snapshot.operation.filter(|_| snapshot.kind == SnapshotKind::Regular);
        let stage = self.walk.step(label.map(|id| operations.name(id)));
        self.growing.push(config, snapshot, stage);
    }

    fn finish(self) -> Columns {
        let start_s = self.growing.start_s();
        Columns { series: self.growing.finish(), stages: self.walk.names(), start_s }
    }
}

/// A run's snapshots as columns.
struct Columns {
    series: Series,
    /// Names of the stages that the series refers to.
    stages: Vec<String>,
    /// Seconds from the run's start to the first snapshot of the series.
    start_s: f64,
}

fn judged(path: &Path, run: &Run, columns: &Columns) -> Result<ProfileReport, FrameError> {
    let series = &columns.series;
    let detection = detect(series, &context(run, columns));
    let averages = Averages::of(series, run.totals.as_ref());
    let (peak_at_s, peak_rss_mb) = peak(series);
    let [p50, p95, p99] = averages.p50_p95_p99_rss_mb;
    let [low, moderate, high, critical] = averages.level_shares;
    let thresholds = &run.config.thresholds;
    Ok(ProfileReport {
        operations: frame::by_operation(series, &columns.stages),
        path: path.display().to_string(),
        format: run.format.as_str(),
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
        warnings: run.warnings.iter().map(ToString::to_string).collect(),
    })
}

fn row(profile: &ProfileReport) -> RunRow {
    RunRow {
        run: profile.path.clone(),
        samples: profile.samples as u64,
        duration_s: profile.duration_s,
        peak_rss_mb: profile.peak_rss_mb,
        mean_rss_mb: profile.mean_rss_mb,
        findings: profile.findings.len() as u64,
    }
}

/// What the detectors need to know of a run beside its columns.
fn context(run: &Run, columns: &Columns) -> Context {
    let thresholds = &run.config.thresholds;
    let is_profile = matches!(run.format, Format::ProfileNaive | Format::ProfileZoned);
    Context {
        moderate_mb: thresholds.moderate_mb.get(),
        high_mb: thresholds.high_mb.get(),
        critical_mb: thresholds.critical_mb.get(),
        gc_trigger_mb: thresholds.gc_trigger_mb.get(),
        limit_mb: limit_mb(run, &columns.series),
        ring: is_profile.then_some(run.config.history_size as usize),
        thinned_from: run.totals.as_ref().map_or(0, |totals| totals.samples),
        total_collections: run.counters.map(|c| c.total_gc_collections),
        stages: columns.stages.clone(),
        operations: run.operations.names().to_vec(),
        batches: batches(run, columns.start_s),
        collections: collections(run, columns.start_s),
        total_adjustments: run.counters.map(|c| c.batch_size_adjustments),
        predictive: run.config.predictive.enabled,
    }
}

/// Finished batches, in seconds from the first snapshot that counts.
fn batches(run: &Run, start: f64) -> Vec<BatchSeen> {
    let seen = |batch: &Batch| {
        Some(BatchSeen {
            operation: batch.operation.and_then(|id| u32::try_from(id.index()).ok()),
            start_s: batch.start.seconds() - start,
            end_s: batch.end?.seconds() - start,
            size: batch.size,
            items: batch.items,
            before_mb: batch.rss_start.map(Mib::get),
            peak_mb: batch.rss_peak.map(Mib::get),
            exact: batch.peak_source == Some(PeakSource::HighWaterMark),
            overlapping: batch.overlapping,
            retained_mb: batch.retained.map(Mib::get),
            after_mb: batch.rss_end.map(Mib::get),
        })
    };
    run.batches.iter().filter_map(seen).collect()
}

/// Recorded collections, in seconds from the first snapshot that counts.
fn collections(run: &Run, start: f64) -> Vec<CollectionSeen> {
    let seen = |collection: &Collection| CollectionSeen {
        at_s: collection.at.seconds() - start,
        forced: collection.forced,
        seconds: collection.seconds,
        before_mb: collection.rss_before.map(Mib::get),
        after_mb: collection.rss_after.map(Mib::get),
    };
    run.collections.iter().map(seen).collect()
}

/// The limit in the file, or else what the job held and what was left at its last snapshot.
fn limit_mb(run: &Run, series: &Series) -> Option<f64> {
    let last = || {
        let known = series.available_mb.iter().rposition(Option::is_some)?;
        Some(series.rss_mb[known] + series.available_mb[known]?)
    };
    run.host.limit_mb.map(Mib::get).or_else(last)
}

/// When memory was largest first, and how large.
fn peak(series: &Series) -> (f64, f64) {
    let largest = series.rss_mb.iter().copied().fold(0.0, f64::max);
    let at = series.rss_mb.iter().position(|rss| *rss == largest);
    at.map_or((0.0, 0.0), |at| (series.seconds[at], largest))
}

/// What is an average over all snapshots, kept or not.
struct Averages {
    samples: usize,
    mean_rss_mb: f64,
    time_weighted_mean_rss_mb: f64,
    p50_p95_p99_rss_mb: [f64; 3],
    level_shares: [f64; 4],
    coverage: f64,
}

impl Averages {
    fn of(series: &Series, totals: Option<&Totals>) -> Self {
        let Some(totals) = totals else {
            return Self {
                samples: series.len(),
                mean_rss_mb: mean(&series.rss_mb),
                time_weighted_mean_rss_mb: series.time_weighted(|i| series.rss_mb[i]),
                p50_p95_p99_rss_mb: quantiles(&series.rss_mb, [0.5, 0.95, 0.99]).unwrap_or_default(),
                level_shares: series.level_shares(),
                coverage: series.coverage(),
            };
        };
        let shares = |seconds: [f64; 4]| seconds.map(|s| s / totals.observed_s);
        let known = totals.level_s.filter(|_| totals.observed_s > 0.0);
        let duration_s = series.duration_s();
        Self {
            samples: totals.samples,
            mean_rss_mb: totals.mean_rss_mb,
            time_weighted_mean_rss_mb: totals.time_weighted_mean_rss_mb,
            p50_p95_p99_rss_mb: totals.p50_p95_p99_rss_mb,
            level_shares: known.map_or_else(|| series.level_shares(), shares),
            coverage: if duration_s > 0.0 { (totals.observed_s / duration_s).min(1.0) } else { 1.0 },
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact below 2^53 snapshots")]
fn mean(values: &[f64]) -> f64 {
    sum(values.iter().copied()) / values.len().max(1) as f64
}

fn batch_sizes(series: &Series) -> Vec<u32> {
    let mut last = None;
    let mut sizes = std::collections::BTreeSet::new();
    for size in series.batch_size.iter().flatten() {
        // Neighbours mostly have the same size, and there are few.
        if last != Some(*size) {
            sizes.insert(*size);
            last = Some(*size);
        }
    }
    sizes.into_iter().collect()
}
