//! The arguments of `fleet`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::{Budget, Mapping};

/// The grouping of runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum FleetBy {
    /// The job
    #[default]
    Job,
    /// The machine, if runs have a label for it
    Machine,
    /// The operation that the run's peak fell into
    Operation,
    /// The job's version
    Version,
    /// The namespace of containers of Kubernetes
    Namespace,
    /// The owner of their pods, such as a deployment
    Workload,
    /// Their name in the pod
    Container,
}

/// The output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum FleetFormat {
    /// For people
    #[default]
    Table,
    /// For programs: the names are stable
    Json,
    /// A row per group
    Csv,
    /// For a ticket or a review
    Markdown,
}

#[derive(Debug, Args)]
pub(crate) struct Fleet {
    /// A lake's folder, which `convert --lake` makes; or files of runs, folders or patterns
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Group runs by this
    #[arg(long, value_enum, default_value_t)]
    pub(crate) by: FleetBy,
    /// Take runs of this job only; may be repeated
    #[arg(long = "job", value_name = "NAME")]
    pub(crate) jobs: Vec<String>,
    /// Take runs on this machine only; may be repeated
    #[arg(long = "machine", value_name = "LABEL")]
    pub(crate) machines: Vec<String>,
    /// Take runs of this version only; may be repeated
    #[arg(long = "version-label", value_name = "VERSION")]
    pub(crate) versions: Vec<String>,
    /// Take runs from this day on, in UTC, such as 2026-11-01
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) since: Option<Date>,
    /// Take runs up to this day, inclusive
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) until: Option<Date>,
    /// Show this many groups in the table, the worst first; 0 shows all
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) top: usize,
    /// The output's format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: FleetFormat,
    /// Draw the peaks of the twelve worst groups over time, as .png or .svg
    #[arg(long, value_name = "FILE")]
    pub(crate) chart: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) budget: Budget,
    #[command(flatten)]
    pub(crate) mapping: Mapping,
}

/// Reads a day.
fn day(text: &str) -> Result<Date, String> {
    text.trim().parse().map_err(|_| "expected a day, such as 2026-11-01".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_day_is_told_what_one_is() {
        assert_eq!(day("2026-11-01"), Ok(jiff::civil::date(2026, 11, 1)));
        for text in ["0", "", "yesterday", "2026-13-01", "-1"] {
            assert!(day(text).is_err_and(|told| told.contains("such as 2026-11-01")), "{text}");
        }
    }
}
