//! The arguments of `report`.

use std::path::PathBuf;

use clap::Args;

use super::size::{gibibytes, mebibytes};
use super::{Budget, Mapping};

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// Files, folders (searched for memory profiles and streams) or patterns; .gz and .zst too
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Write the report into this file; `-` is standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Predict peak and speed under this YAML config; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) simulate: Vec<PathBuf>,
    /// Choose the settings for a machine of this size, such as 8gb; may be repeated
    #[arg(long, value_name = "MACHINE", value_parser = gibibytes)]
    pub(crate) tune: Vec<f64>,
    /// The job's memory limit for --simulate, where a kernel would kill it, such as 600MiB
    #[arg(long, value_name = "SIZE", value_parser = mebibytes, requires = "simulate")]
    pub(crate) memory_limit: Option<f64>,
    #[command(flatten)]
    pub(crate) budget: Budget,
    #[command(flatten)]
    pub(crate) mapping: Mapping,
}
