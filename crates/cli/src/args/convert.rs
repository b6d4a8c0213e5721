//! The arguments of `convert`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use memtool_analyzer::{EXPORTERS, Exporter};

use super::Budget;
use super::Mapping;

#[derive(Debug, Args)]
pub(crate) struct Convert {
    /// Files, folders (searched for memory profiles and streams) or patterns; .gz and .zst too
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Write the files into this folder, tables by day and job
    #[arg(long, short, value_name = "FOLDER", required_unless_present = "lake")]
    pub(crate) output: Option<PathBuf>,
    /// Add the runs to the lake in this folder, beside those of other jobs and machines; a run is added once
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["output", "to"])]
    pub(crate) lake: Option<PathBuf>,
    /// The format to write
    #[arg(long, value_parser = forms(), default_value = EXPORTERS[0].name)]
    pub(crate) to: &'static Exporter,
    #[command(flatten)]
    pub(crate) budget: Budget,
    #[command(flatten)]
    pub(crate) mapping: Mapping,
}

/// An exporter by its name.
fn forms() -> impl TypedValueParser<Value = &'static Exporter> {
    let names = EXPORTERS.iter().map(|exporter| PossibleValue::new(exporter.name).help(exporter.about));
    let named = |name: String| EXPORTERS.into_iter().find(|exporter| exporter.name == name);
    PossibleValuesParser::new(names).try_map(move |name| named(name).ok_or("an unknown form"))
}
