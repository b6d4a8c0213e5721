//! The arguments of `convert`.

use std::path::PathBuf;

use clap::Args;

use super::Budget;

#[derive(Debug, Args)]
pub(crate) struct Convert {
    /// Files, folders (searched for memory profiles and streams) or patterns; .gz and .zst too
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Write the tables into this folder, by day and job
    #[arg(long, short, value_name = "FOLDER")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) budget: Budget,
}
