//! The arguments of `fit`.

use std::path::PathBuf;

use clap::Args;

use super::risk::risk;
use super::size::{gibibytes, mebibytes};
use super::{Budget, Format, Mapping};

#[derive(Debug, Args)]
pub(crate) struct Fit {
    /// Files of runs that have ended, folders or patterns: each process, rule or job is a unit
    #[arg(value_name = "PATH", required_unless_present = "units")]
    pub(crate) paths: Vec<PathBuf>,
    /// All runs in PATH are of this unit; may be repeated for units that run at the same time
    #[arg(long = "unit", value_name = "NAME=PATH", value_parser = named)]
    pub(crate) units: Vec<NamedPath>,
    /// A machine of this size, such as 16gb, less the system's reserve
    #[arg(long, value_name = "SIZE", value_parser = gibibytes, required_unless_present = "memory_limit")]
    pub(crate) machine: Option<f64>,
    /// The memory that all may use together, such as 2GiB, nothing reserved
    #[arg(long, value_name = "SIZE", value_parser = mebibytes, conflicts_with = "machine")]
    pub(crate) memory_limit: Option<f64>,
    /// Accept this probability of exceeding the limit
    #[arg(long, value_name = "SHARE", default_value_t = 0.01, value_parser = risk)]
    pub(crate) risk: f64,
    /// Draw the probability against the count into this file: .png or .svg
    #[arg(long, value_name = "FILE")]
    pub(crate) chart: Option<PathBuf>,
    /// The output's format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) budget: Budget,
    #[command(flatten)]
    pub(crate) mapping: Mapping,
}

/// A unit's name and its runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedPath {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

fn named(text: &str) -> Result<NamedPath, String> {
    match text.split_once('=') {
        Some((name, path)) if !name.trim().is_empty() && !path.is_empty() => {
            Ok(NamedPath { name: name.trim().to_owned(), path: path.into() })
        }
        _ => Err("expected NAME=PATH, such as worker=reports/memory".to_owned()),
    }
}
