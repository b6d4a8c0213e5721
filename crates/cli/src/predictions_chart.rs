//! The chart of all predictions of one call.

use std::path::Path;

use anyhow::Context;
use memtool_analyzer::chart::{Format, PredictedRow, PredictionsChart, render_predictions};
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
    let chart = PredictionsChart {
        title: "Predicted peak memory".to_owned(),
        subtitle: counted(report.predictions.len(), "prediction"),
        limit_mb,
        rows: report.predictions.iter().map(row).collect(),
    };
    let image =
        render_predictions(&chart, kind).with_context(|| format!("cannot draw {}", path.display()))?;
    output::write_file(path, &image)
}

fn row(row: &PredictionRow) -> PredictedRow {
    let figures = &row.figures;
    PredictedRow {
        label: format!("{} · {}", file_stem(&row.run), file_stem(&row.config)),
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
