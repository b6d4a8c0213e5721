//! The predicted effect of other settings, and settings for the next run.

use std::collections::{BTreeMap, BTreeSet};

use memtool_analyzer::memory_model::Interval;
use memtool_analyzer::{MachineRow, PredictionRow, TuningReport};
use serde::Serialize;

use super::table_view::TableView;
use crate::run_label::file_stem;
use crate::text::{mib, percent};

/// Predictions, and what to know before trusting them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct ForecastView {
    table: TableView,
    notes: Vec<String>,
}

/// Settings for the next run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct SettingsView {
    table: TableView,
    notes: Vec<String>,
}

/// The predictions; none if none was requested.
pub(super) fn forecast(rows: &[PredictionRow]) -> Option<ForecastView> {
    if rows.is_empty() {
        return None;
    }
    let table = TableView {
        caption: "Each run under each config".to_owned(),
        columns: vec!["run", "with", "recorded peak (MiB)", "predicted peak (MiB)", "killed", "speed"],
        rows: rows.iter().map(prediction).collect(),
    };
    Some(ForecastView { table, notes: notes(rows) })
}

/// Each warning once, with the runs that it is about unless it is about all.
fn notes(rows: &[PredictionRow]) -> Vec<String> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in rows {
        for warning in &row.figures.warnings {
            found.entry(warning).or_default().insert(file_stem(&row.run));
        }
    }
    let all = rows.iter().map(|row| row.run.as_str()).collect::<BTreeSet<_>>().len();
    let note = |(warning, runs): (&str, BTreeSet<&str>)| match runs.len() {
        about if about == all => warning.to_owned(),
        _ => format!("{}: {warning}", runs.into_iter().collect::<Vec<_>>().join(", ")),
    };
    found.into_iter().map(note).collect()
}

fn prediction(row: &PredictionRow) -> Vec<String> {
    let figures = &row.figures;
    let unknown = || "-".to_owned();
    vec![
        file_stem(&row.run).to_owned(),
        row.config.clone(),
        figures.recorded_peak_mb.map_or_else(unknown, mib),
        figures.peak_rss_mb.map_or_else(unknown, |peak| interval(&peak, figures.bounds_only)),
        figures.kill_probability.map_or_else(unknown, percent),
        figures.throughput_ratio.map_or_else(unknown, |speed| format!("×{:.2}", speed.median)),
    ]
}

fn interval(peak: &Interval, bounds_only: bool) -> String {
    let bounds = format!("{} to {}", mib(peak.low), mib(peak.high));
    if bounds_only { bounds } else { format!("{} [{bounds}]", mib(peak.median)) }
}

/// The settings that were tuned.
pub(super) fn settings(tuning: &TuningReport) -> SettingsView {
    let refused =
        tuning.machines.iter().filter_map(|row| Some(format!("{}: {}", row.machine, row.refused.as_ref()?)));
    SettingsView {
        table: TableView {
            caption: "One config per machine".to_owned(),
            columns: vec![
                "machine",
                "usable (MiB)",
                "batch sizes low / medium / high / fallback",
                "moderate / high / critical (MiB)",
                "peak at most (MiB)",
            ],
            rows: tuning.machines.iter().map(machine).collect(),
        },
        notes: refused.chain(tuning.leak.clone()).chain(tuning.notes.iter().cloned()).collect(),
    }
}

fn machine(row: &MachineRow) -> Vec<String> {
    let sizes = row.chosen.as_ref().map(|config| {
        let sizes = &config.batch_sizes;
        format!("{} / {} / {} / {}", sizes.low, sizes.medium, sizes.high, sizes.fallback)
    });
    let levels = row.chosen.as_ref().map(|config| {
        let levels = &config.thresholds;
        [levels.moderate_mb, levels.high_mb, levels.critical_mb].map(|level| mib(level.get())).join(" / ")
    });
    let refused = || "no config".to_owned();
    vec![
        row.machine.clone(),
        mib(row.usable_mb),
        sizes.unwrap_or_else(refused),
        levels.unwrap_or_else(refused),
        row.expected.map_or_else(|| "-".to_owned(), |expected| mib(expected.peak_upper_mb)),
    ]
}
