//! The arguments of `doctor`.

use std::path::PathBuf;

use clap::Args;

use super::Format;

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// The output's format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Check that recordings can be written to this folder
    #[arg(long, value_name = "FOLDER", default_value = "reports/memory")]
    pub(crate) reports: PathBuf,
}
