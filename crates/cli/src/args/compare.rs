//! The arguments of `compare`.

use std::path::PathBuf;

use clap::Args;

use super::{Budget, Mapping, Publish};

#[derive(Debug, Args)]
#[command(override_usage = "memtool compare [OPTIONS] <BASE>... -- <NEW>...")]
pub(crate) struct Compare {
    /// Runs before the change: files, folders or patterns; give three or more, to measure their spread
    #[arg(required = true, value_name = "BASE")]
    pub(crate) base: Vec<PathBuf>,
    /// Runs after the change, after `--`
    #[arg(required = true, last = true, value_name = "NEW")]
    pub(crate) new: Vec<PathBuf>,
    /// Never count an increase up to this many percent (points, for shares of time)
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0, value_parser = percents)]
    pub(crate) tolerance: f64,
    #[command(flatten)]
    pub(crate) budget: Budget,
    #[command(flatten)]
    pub(crate) mapping: Mapping,
    /// Print every operation, not only those that are worse or cannot be judged
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) publish: Publish,
}

fn percents(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(value) if (0.0..=25.0).contains(&value) => Ok(value),
        _ => Err("expected percent from 0 to 25".to_owned()),
    }
}
