//! The arguments of `simulate`.

use std::path::PathBuf;

use clap::Args;

use super::size::mebibytes;
use super::{Budget, Input, Mapping};

#[derive(Debug, Args)]
pub(crate) struct Simulate {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Replay under this YAML config; may be repeated
    #[arg(long = "config", value_name = "FILE")]
    pub(crate) configs: Vec<PathBuf>,
    /// Replay with this batch size throughout, the controller off; may be repeated
    #[arg(long = "fixed-batch", value_name = "ITEMS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) fixed_batches: Vec<u32>,
    /// The job's memory limit, where a kernel would kill it, such as 600MiB
    #[arg(long, alias = "limit-mb", value_name = "SIZE", value_parser = mebibytes)]
    pub(crate) memory_limit: Option<f64>,
    /// Fit one memory model to all runs: they are runs of one job
    #[arg(long)]
    pub(crate) same_job: bool,
    /// Draw the predicted peaks into this .png or .svg file; into a folder, a before/after chart of each run and config
    #[arg(long, value_name = "FILE|FOLDER")]
    pub(crate) chart: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) budget: Budget,
    #[command(flatten)]
    pub(crate) mapping: Mapping,
}
