//! From a run to a profile file.

use std::borrow::Cow;

use super::document::{
    ConfigSection, CurrentSection, HistoryRow, MetadataSection, ProfileDocument, StatisticsSection,
    ThresholdsSection, Trends,
};
use crate::config::BatchSizes;
use crate::counters::Counters;
use crate::level::OptimizationLevel;
use crate::run::{Format, Run};
use crate::snapshot::Snapshot;
use crate::time;
use crate::units::Mib;

/// What a profile's closing statistics say beside the run's own records.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Closing {
    /// The policy's level.
    pub level: OptimizationLevel,
    /// Whether fallback is in force.
    pub fallback_active: bool,
    /// The policy's totals, where the run has none of its own.
    pub counters: Counters,
    /// Items a batch may have.
    pub batch_size: u32,
    /// Whether the monitor still runs.
    pub monitoring_active: bool,
}

impl Closing {
    /// After the end of a run that closed at a level, with the batch size that it means.
    #[must_use]
    pub fn after(level: OptimizationLevel, sizes: &BatchSizes) -> Self {
        Self {
            level,
            fallback_active: level == OptimizationLevel::Fallback,
            counters: Counters::default(),
            batch_size: sizes.size(level),
            monitoring_active: false,
        }
    }
}

/// Writes a run as profile JSON, in the era of the run's format (streams: today's).
///
/// # Errors
/// Where the run's times are outside what a calendar holds.
pub fn write_profile(run: &Run, closing: &Closing) -> Result<String, jiff::Error> {
    let document = document_of(run, closing)?;
    Ok(serde_json::to_string_pretty(&document).expect("a profile has text keys and finite numbers only"))
}

fn document_of<'a>(run: &'a Run, closing: &Closing) -> Result<ProfileDocument<'a>, jiff::Error> {
    let zoned = run.format != Format::ProfileNaive;
    let thresholds = &run.config.thresholds;
    let last = run.snapshots.last().map_or(0, |s| s.at.nanos());
    let export_time = time::format(run.started.checked_add(jiff::SignedDuration::from_nanos(last))?, zoned);
    Ok(ProfileDocument {
        metadata: MetadataSection {
            export_time: Cow::Owned(export_time),
            config: ConfigSection {
                thresholds_mb: ThresholdsSection {
                    moderate: thresholds.moderate_mb.get(),
                    high: thresholds.high_mb.get(),
                    critical: thresholds.critical_mb.get(),
                },
                batch_sizes: run.config.batch_sizes.into(),
                monitoring_interval_seconds: run.config.monitoring_interval_seconds,
                history_size: run.config.history_size,
            },
        },
        statistics: Some(statistics_of(run, closing)),
        history: run.snapshots.iter().map(|s| row_of(run, s, zoned)).collect::<Result<_, _>>()?,
        recommendations: run.recommendations.clone(),
    })
}

fn statistics_of(run: &Run, closing: &Closing) -> StatisticsSection {
    let current = run.snapshots.last().and_then(|s| {
        Some(CurrentSection {
            memory_mb: rounded(s.rss?.get(), 10.0),
            available_mb: rounded(s.available?.get(), 10.0),
            pressure_level: s.level?,
            batch_size: closing.batch_size,
            optimization_level: closing.level,
            fallback_active: closing.fallback_active,
        })
    });
    StatisticsSection {
        current,
        trends: trends_of(run),
        stats: Some(run.counters.unwrap_or(closing.counters)),
        recommendations_count: run.recommendations.len() as u64,
        monitoring_active: closing.monitoring_active,
    }
}

fn trends_of(run: &Run) -> Option<Trends> {
    let trends = Trends::of(run.snapshots.iter().rev().map(|snapshot| snapshot.rss))?;
    Some(Trends {
        avg_memory_mb: rounded(trends.avg_memory_mb, 10.0),
        peak_memory_mb: rounded(trends.peak_memory_mb, 10.0),
        memory_trend_mb: rounded(trends.memory_trend_mb, 10.0),
        ..trends
    })
}

fn row_of<'a>(run: &'a Run, snapshot: &Snapshot, zoned: bool) -> Result<HistoryRow<'a>, jiff::Error> {
    let at = run.started.checked_add(jiff::SignedDuration::from_nanos(snapshot.at.nanos()))?;
    let label = snapshot.kind.label().or(snapshot.operation.map(|id| run.operations.name(id)));
    let written = |size: Option<Mib>| size.map(|s| rounded(s.get(), 100.0));
    Ok(HistoryRow {
        timestamp: Cow::Owned(time::format(at, zoned)),
        rss_mb: written(snapshot.rss).unwrap_or(0.0),
        vms_mb: written(snapshot.vms),
        percent: snapshot.system_percent,
        available_mb: written(snapshot.available),
        pressure_level: snapshot.level,
        gc_collections: snapshot.gc_collections,
        batch_size: snapshot.batch_size,
        operation: label.map(Cow::Borrowed),
    })
}

fn rounded(value: f64, per_unit: f64) -> f64 {
    (value * per_unit).round() / per_unit
}
