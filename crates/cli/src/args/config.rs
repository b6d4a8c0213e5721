//! The arguments of the commands that judge a job's YAML.

use std::path::PathBuf;

use clap::Args;

use super::size::gibibytes;
use super::{Budget, Format, Target};

#[derive(Debug, Args)]
pub(crate) struct Recommendations {
    /// Files, folders (searched for memory profiles and streams) or patterns; .gz and .zst too
    #[arg(value_name = "PATH", required_unless_present = "config")]
    pub(crate) paths: Vec<PathBuf>,
    /// Check this YAML against the runs
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The output's format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) budget: Budget,
}

#[derive(Debug, Args)]
pub(crate) struct CheckConfig {
    /// The job's YAML
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Check that it fits a machine of this size, such as 8gb
    #[arg(long, value_name = "SIZE", value_parser = gibibytes)]
    pub(crate) machine: Option<f64>,
    /// The reader of the config
    #[arg(long, value_enum, value_name = "READER", default_value = "manager")]
    pub(crate) target: Target,
    /// Report keys that nothing reads as problems
    #[arg(long)]
    pub(crate) strict: bool,
    /// The output's format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}
