//! What a run's chart shows, from the run and its analysis.

use memtool_profile_model::{BatchSizes, Mib, Run, SnapshotKind};

use super::analysis::ProfileReport;
use crate::chart::{OverviewRun, RunChart, Thresholds, Trend};
use crate::detect::FindingKind;
use crate::phase::phases;
use crate::series::Series;

/// The columns behind a run's chart, and what stands around them.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    title: String,
    subtitle: String,
    series: Series,
    thresholds: Thresholds,
    operations: Vec<(f64, String)>,
    fallback_spans: Vec<(f64, f64)>,
    trend: Option<Trend>,
    trend_mb_per_min: Option<(f64, f64, f64)>,
    report: ProfileReport,
}

/// Collects what a run's chart shows under a title.
#[must_use]
pub fn picture(title: &str, run: &Run, report: ProfileReport) -> Picture {
    let phases = phases(run);
    let series = Series::new(run, &phases);
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
        operations: stage_starts(&series, &phases.names),
        // A predicted size may happen to be that of fallback.
        fallback_spans: if config.predictive.enabled {
            Vec::new()
        } else {
            fallback_spans(&config.batch_sizes, &series)
        },
        trend: trend(&report),
        trend_mb_per_min: report.leak.slope_mb_per_min.map(|g| (g.low, g.estimate, g.high)),
        thresholds,
        series,
        report,
    }
}

impl Picture {
    /// The chart of this run.
    #[must_use]
    pub fn chart(&self) -> RunChart<'_> {
        let series = &self.series;
        RunChart {
            subtitle: self.subtitle.clone(),
            thresholds: self.thresholds,
            batch_sizes: batch_steps(series),
            gc_marks: collections(series),
            fallback_spans: self.fallback_spans.clone(),
            operations: self.operations.clone(),
            trend: self.trend,
            ..RunChart::new(self.title.clone(), &series.seconds, &series.rss_mb)
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

fn batch_steps(series: &Series) -> Vec<(f64, u32)> {
    let mut steps: Vec<(f64, u32)> = Vec::new();
    for (at, size) in series.seconds.iter().zip(&series.batch_size) {
        let Some(size) = size else { continue };
        if steps.last().is_none_or(|(_, last)| last != size) {
            steps.push((*at, *size));
        }
    }
    steps
}

fn collections(series: &Series) -> Vec<f64> {
    let after = |i: &usize| series.kind[*i] == SnapshotKind::PostGc;
    (0..series.len()).filter(after).map(|i| series.seconds[i]).collect()
}

fn stage_starts(series: &Series, names: &[String]) -> Vec<(f64, String)> {
    let mut starts = Vec::new();
    let mut last = None;
    for (at, stage) in series.seconds.iter().zip(&series.stage) {
        if let Some(id) = stage.filter(|_| *stage != last) {
            starts.push((*at, names[id as usize].clone()));
        }
        last = *stage;
    }
    starts
}

/// Where the fallback size was in force; nowhere if it is also another level's size.
fn fallback_spans(sizes: &BatchSizes, series: &Series) -> Vec<(f64, f64)> {
    let mut spans: Vec<(f64, f64)> = Vec::new();
    if [sizes.low, sizes.medium, sizes.high].contains(&sizes.fallback) {
        return spans;
    }
    let mut inside = false;
    for (at, size) in series.seconds.iter().zip(&series.batch_size) {
        let is = *size == Some(sizes.fallback);
        match spans.last_mut().filter(|_| inside) {
            Some(span) => span.1 = *at,
            None if is => spans.push((*at, *at)),
            None => {}
        }
        inside = is;
    }
    spans
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::shapes::series;

    #[test]
    fn fallback_is_where_its_size_was_in_force() {
        let sizes = BatchSizes::default();
        let mut run = series(1.0, &[1.0; 6]);
        run.batch_size = [500, 100, 100, 250, 500, 100].map(Some).to_vec();
        assert_eq!(fallback_spans(&sizes, &run), [(1.0, 3.0), (5.0, 5.0)]);
        let same = BatchSizes { low: 100, ..sizes };
        assert_eq!(fallback_spans(&same, &run), []);
    }
}
