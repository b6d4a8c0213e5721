//! The arguments of `check` and `baseline`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Budget, Format, Mapping, Publish};

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Runs to check: files, folders or patterns; several runs of a job are judged together
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The budgets [default: memtool.toml in this folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The baseline [default: the one named in the budgets]
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) publish: Publish,
    #[command(flatten)]
    pub(crate) budget: Budget,
    #[command(flatten)]
    pub(crate) mapping: Mapping,
}

#[derive(Debug, Args)]
pub(crate) struct Baseline {
    #[command(subcommand)]
    pub(crate) action: BaselineAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BaselineAction {
    /// Replace the baseline of these runs' jobs; other jobs in the file stay
    Save(BaselineRuns),
    /// Add these runs to the baseline
    Update(BaselineRuns),
    /// Show the baseline: the spread of runs, and how many show a change of 5 %
    Show {
        #[command(flatten)]
        file: BaselineFile,
        /// The output's format
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

#[derive(Debug, Args)]
pub(crate) struct BaselineFile {
    /// The baseline [default: the one named in memtool.toml in this folder, or memtool-baseline.json]
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct BaselineRuns {
    /// Runs of unchanged jobs: files, folders or patterns
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) file: BaselineFile,
    #[command(flatten)]
    pub(crate) budget: Budget,
    #[command(flatten)]
    pub(crate) mapping: Mapping,
}
