//! What the commands that read runs share.

use std::path::PathBuf;
use std::sync::LazyLock;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use memtool_profile_model::Mib;
use memtool_recorder::host;

use super::size::mebibytes;
use crate::ci;

/// memtool's own memory where nothing is known of the machine, in MiB.
const CAUTIOUS_MB: f64 = 1024.0;

/// Text for people or JSON for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs: the names are stable
    Json,
}

/// How a report is printed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum ReportFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For the comments of a review.
    Markdown,
    /// For a CI system.
    Ci(&'static ci::CiExporter),
}

/// How a result is printed, and where else it goes.
#[derive(Debug, Args)]
pub(crate) struct Publish {
    /// The output's format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ReportFormat,
    /// Add the result to the summary of this step of GitHub Actions
    #[arg(long)]
    pub(crate) step_summary: bool,
}

static REPORT_FORMATS: LazyLock<Vec<ReportFormat>> = LazyLock::new(|| {
    let own = [ReportFormat::Text, ReportFormat::Json, ReportFormat::Markdown];
    own.into_iter().chain(ci::EXPORTERS.map(ReportFormat::Ci)).collect()
});

impl ValueEnum for ReportFormat {
    fn value_variants<'a>() -> &'a [Self] {
        &REPORT_FORMATS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, help) = match self {
            Self::Text => ("text", "For people"),
            Self::Json => ("json", "For programs: the names are stable"),
            Self::Markdown => ("markdown", "For the comments of a review"),
            Self::Ci(exporter) => (exporter.name, exporter.about),
        };
        Some(PossibleValue::new(name).help(help))
    }
}

/// The files to read.
#[derive(Debug, Args)]
pub(crate) struct Input {
    /// Files, folders (searched for memory profiles and streams) or patterns; .gz and .zst too
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The output's format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// The memory that memtool itself may use.
#[derive(Debug, Default, Args)]
pub(crate) struct Budget {
    /// Memory for loaded runs; larger runs are downsampled, with exact peaks and counts [default:
    /// half of what this process may use, and streams of more than 4 million samples are downsampled]
    #[arg(long = "memory-budget", value_name = "SIZE", value_parser = mebibytes)]
    budget_mb: Option<f64>,
}

impl Budget {
    /// Whether it is the default.
    pub(crate) const fn is_default(&self) -> bool {
        self.budget_mb.is_none()
    }

    /// The budget in bytes.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked where it was typed")]
    pub(crate) fn bytes(&self) -> u64 {
        let half = || host().limit_mb.map_or(CAUTIOUS_MB, |limit| limit.get() / 2.0);
        (self.budget_mb.unwrap_or_else(half) * Mib::BYTES) as u64
    }
}
