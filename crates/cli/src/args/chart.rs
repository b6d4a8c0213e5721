//! The arguments of `chart`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Budget;
use super::Mapping;

/// The kind of picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ImageFormat {
    /// Pixels
    #[default]
    Png,
    /// Vectors
    Svg,
}

#[derive(Debug, Args)]
pub(crate) struct Chart {
    /// Files, folders (searched for memory profiles and streams) or patterns; .gz and .zst too
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Write the pictures into this folder
    #[arg(long, short, value_name = "FOLDER", default_value = "charts")]
    pub(crate) output: PathBuf,
    /// The kind of picture
    #[arg(long, value_enum, default_value_t)]
    pub(crate) image_format: ImageFormat,
    #[command(flatten)]
    pub(crate) budget: Budget,
    #[command(flatten)]
    pub(crate) mapping: Mapping,
}
