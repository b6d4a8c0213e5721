//! The arguments of the check-up.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Format;

/// What is planted: a way to use memory whose truth is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Plant {
    /// Every batch keeps a little for ever
    Leak,
    /// A cache that fills in the first third
    Plateau,
    /// Batches that give everything back
    Sawtooth,
    /// One short peak between two looks
    Spike,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Keep the recordings in this folder
    #[arg(long, value_name = "FOLDER")]
    pub(crate) keep: Option<PathBuf>,
    /// The folder where recordings of jobs would go: whether it can be written
    #[arg(long, value_name = "FOLDER", default_value = "reports/memory")]
    pub(crate) reports: PathBuf,
    /// Be the process that plants, and record it
    #[arg(long, hide = true, value_enum, requires = "stream")]
    pub(crate) plant: Option<Plant>,
    /// The recording of what is planted
    #[arg(long, hide = true, value_name = "FILE", requires = "plant")]
    pub(crate) stream: Option<PathBuf>,
}
