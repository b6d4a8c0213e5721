//! The arguments of `analyze`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Mapping;
use super::{Budget, Publish};

/// The least severity that fails the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Any finding
    Low,
    /// Findings of medium or high severity
    Medium,
    /// Findings of high severity
    High,
}

#[derive(Debug, Args)]
pub(crate) struct Analyze {
    /// Files, folders (searched for memory profiles and streams) or patterns; .gz and .zst too
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) publish: Publish,
    /// Exit with 1 if there is a finding of this severity or worse
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(crate) fail_on: Option<FailOn>,
    /// Print every finding, not only the clearest of each kind
    #[arg(long)]
    pub(crate) all: bool,
    /// Print every finding with every figure behind it
    #[arg(long)]
    pub(crate) explain: bool,
    /// Judge the runs of tables again instead of using the reports stored by `convert`
    #[arg(long)]
    pub(crate) recompute: bool,
    #[command(flatten)]
    pub(crate) budget: Budget,
    #[command(flatten)]
    pub(crate) mapping: Mapping,
    /// Exit with 4 if the leak verdict of any run is inconclusive
    #[arg(long)]
    pub(crate) fail_on_inconclusive: bool,
}
