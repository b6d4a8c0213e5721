//! The arguments of `convert`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Budget;
use super::Mapping;

/// What a run is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Form {
    /// Tables of snapshots, batches and findings
    #[default]
    Parquet,
    /// memtool's own stream, a file a run
    Stream,
    /// A row a sample, a file a run
    Csv,
    /// OpenMetrics text with times, for `promtool tsdb create-blocks-from openmetrics`, a file a run
    Prometheus,
}

#[derive(Debug, Args)]
pub(crate) struct Convert {
    /// Files, folders (searched for memory profiles and streams) or patterns; .gz and .zst too
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Write the files into this folder, tables by day and job
    #[arg(long, short, value_name = "FOLDER")]
    pub(crate) output: PathBuf,
    /// What runs are written as
    #[arg(long, value_enum, default_value_t)]
    pub(crate) to: Form,
    #[command(flatten)]
    pub(crate) budget: Budget,
    #[command(flatten)]
    pub(crate) mapping: Mapping,
}
