//! What a run's chart shows, from the run and its analysis.

use std::path::Path;

use memtool_profile_model::{Mib, Run};

use super::analysis::ProfileReport;
use super::analyze::kept;
use super::track::Track;
use crate::chart::{OverviewRun, RunChart, Thresholds, Trend};
use crate::detect::FindingKind;
use crate::table::{Wanted, fold_snapshots};

/// The columns behind a run's chart, and what stands around them.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    title: String,
    subtitle: String,
    track: Track,
    thresholds: Thresholds,
    trend: Option<Trend>,
    trend_mb_per_min: Option<(f64, f64, f64)>,
    report: ProfileReport,
}

/// Collects what a run's chart shows under a title.
#[must_use]
pub fn picture(title: &str, run: &Run, report: ProfileReport) -> Picture {
    let mut track = Track::new(&run.config, run.snapshots.len());
    for snapshot in &run.snapshots {
        track.take(&run.operations, snapshot);
    }
    framed(title, run, track, report)
}

/// The same of a table whose report stands in it: only the columns that are drawn are read, and no
/// snapshot is made of them. `None` where that will not do, whatever the reason.
#[must_use]
pub fn picture_of_table(title: &str, path: &Path) -> Option<Picture> {
    let report = kept(path)?;
    let begin = |run: &Run, rows| Track::new(&run.config, rows);
    let read = fold_snapshots(path, usize::MAX, Wanted::Chart, begin, Track::take);
    let (run, track) = read.ok()?;
    Some(framed(title, &run, track, report))
}

fn framed(title: &str, run: &Run, track: Track, report: ProfileReport) -> Picture {
    let config = &run.config;
    let thresholds = Thresholds {
        moderate: Some(config.thresholds.moderate_mb.get()),
        high: Some(config.thresholds.high_mb.get()),
        critical: Some(config.thresholds.critical_mb.get()),
        gc_trigger: Some(config.thresholds.gc_trigger_mb.get()),
        limit: run.host.limit_mb.map(Mib::get),
    };
    Picture {
        title: title.to_owned(),
        subtitle: subtitle(run, &report),
        trend: trend(&report),
        trend_mb_per_min: report.leak.slope_mb_per_min.map(|g| (g.low, g.estimate, g.high)),
        thresholds,
        track,
        report,
    }
}

impl Picture {
    /// The chart of this run.
    #[must_use]
    pub fn chart(&self) -> RunChart<'_> {
        let track = &self.track;
        RunChart {
            subtitle: self.subtitle.clone(),
            thresholds: self.thresholds,
            batch_sizes: track.batch_sizes.clone(),
            gc_marks: track.gc_marks.clone(),
            fallback_spans: track.fallback_spans.clone(),
            operations: track.stages.clone(),
            trend: self.trend,
            ..RunChart::new(self.title.clone(), &track.seconds, &track.rss_mb)
        }
    }

    /// This run's row in the overview.
    #[must_use]
    pub fn overview(&self) -> OverviewRun {
        OverviewRun {
            label: self.title.clone(),
            peak_mb: self.report.peak_rss_mb,
            p95_mb: self.report.p95_rss_mb,
            mean_mb: self.report.mean_rss_mb,
            trend_mb_per_min: self.trend_mb_per_min,
            limit_mb: self.thresholds.limit,
        }
    }
}

fn subtitle(run: &Run, report: &ProfileReport) -> String {
    let started = run.started.strftime("%Y-%m-%d %H:%M UTC");
    format!(
        "{started}, {} sample{} over {:.0} s, peak {:.0} MiB, {} finding{}",
        report.samples,
        if report.samples == 1 { "" } else { "s" },
        report.duration_s,
        report.peak_rss_mb,
        report.findings.len(),
        if report.findings.len() == 1 { "" } else { "s" }
    )
}

/// The fitted line with its interval, around the middle of the window.
fn trend(report: &ProfileReport) -> Option<Trend> {
    let growth = report.leak.slope_mb_per_min?;
    let evidence = &report.findings.iter().find(|f| f.kind == FindingKind::MemoryLeak)?.evidence;
    let intercept = *evidence.details.get("line_at_start_mb")?;
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
