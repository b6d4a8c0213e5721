//! The chart of all predictions of one call.

use std::path::Path;

use anyhow::Context;
use memtool_analyzer::chart::{Format, PredictedRow, PredictionsChart, render};
use memtool_analyzer::{PredictionRow, SimulationReport};

use crate::output;
use crate::run_label::file_stem;
use crate::text::counted;

/// The kind of image that a path names by its ending; `None` for a folder.
pub(crate) fn image_kind(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()? {
        "png" => Some(Format::Png),
        "svg" => Some(Format::Svg),
        _ => None,
    }
}

/// Writes the predicted peaks with their intervals; `limit_mb` is the limit that was asked about.
pub(crate) fn write(
    path: &Path,
    kind: Format,
    report: &SimulationReport,
    limit_mb: Option<f64>,
) -> anyhow::Result<()> {
    let first = report.predictions.first().map(|row| file_stem(&row.run));
    let one_run = report.predictions.iter().all(|row| Some(file_stem(&row.run)) == first);
    let count = counted(report.predictions.len(), "prediction");
    let chart = PredictionsChart {
        title: "Predicted peak memory".to_owned(),
        subtitle: first.filter(|_| one_run).map_or(count.clone(), |run| format!("{run} · {count}")),
        limit_mb,
        rows: report.predictions.iter().map(|prediction| row(prediction, one_run)).collect(),
    };
    let image = render(&chart, kind).with_context(|| format!("cannot draw {}", path.display()))?;
    output::write_file(path, &image)
}

/// A prediction's row; the run is named where there are several.
fn row(row: &PredictionRow, one_run: bool) -> PredictedRow {
    let (figures, config) = (&row.figures, file_stem(&row.config));
    PredictedRow {
        label: if one_run { config.to_owned() } else { format!("{} · {config}", file_stem(&row.run)) },
        peak_mb: figures.peak_rss_mb.map(|peak| (peak.low, peak.median, peak.high)),
        identifiable: figures.identifiable,
        bounds_only: figures.bounds_only,
        kill_probability: figures.kill_probability,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_known_by_its_ending() {
        assert_eq!(image_kind(Path::new("out/sizes.png")), Some(Format::Png));
        assert_eq!(image_kind(Path::new("sizes.svg")), Some(Format::Svg));
        assert_eq!(image_kind(Path::new("charts")), None);
    }
}
