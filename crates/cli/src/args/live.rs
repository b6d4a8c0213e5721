//! The arguments of the commands that watch a job while it runs.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use super::seconds::seconds;
use super::size::mebibytes;

pub(super) const RECORD_USAGE: &str = "memtool record [OPTIONS] -- CMD [ARG]...
       memtool record [OPTIONS] --pid PID";

#[derive(Debug, Args)]
pub(crate) struct Record {
    /// Watch a running process until it ends, or until Ctrl-C
    #[arg(long, value_name = "PID", conflicts_with = "command")]
    pub(crate) pid: Option<u32>,
    /// Write the stream here: a new file whose name ends in .ndjson, or a folder
    #[arg(long, short, value_name = "FILE|FOLDER", default_value = "reports/memory")]
    pub(crate) output: PathBuf,
    /// Group the run under this job name [default: the program's name]
    #[arg(long, value_name = "NAME")]
    pub(crate) job: Option<String>,
    #[command(flatten)]
    pub(crate) identity: Identity,
    /// Time between two samples, such as 100ms; a peak between them is not seen
    #[arg(long, value_name = "SECONDS", default_value_t = 0.1, value_parser = seconds)]
    pub(crate) interval: f64,
    /// Measure the process alone, without its children
    #[arg(long)]
    pub(crate) no_children: bool,
    /// Take the thresholds from this YAML [default: shares of the limit]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The job's memory limit, if it is below that of machine and container, such as 600MiB
    #[arg(long, value_name = "SIZE", value_parser = mebibytes)]
    pub(crate) memory_limit: Option<f64>,
    /// Keep a file with the live metrics in Prometheus' text format
    #[arg(long, value_name = "FILE")]
    pub(crate) metrics_file: Option<PathBuf>,
    /// Fail if the recording cannot be written, instead of running the job without it
    #[arg(long)]
    pub(crate) require_recording: bool,
    /// Print no summary at the end
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// The program to run, and its arguments
    #[arg(value_name = "CMD", trailing_var_arg = true, required_unless_present = "pid")]
    pub(crate) command: Vec<OsString>,
}

/// Labels that distinguish the runs of a fleet, beside the job.
#[derive(Debug, Default, Args)]
pub(crate) struct Identity {
    /// The job's version, for fleets [default: MEMTOOL_VERSION_LABEL]; a commit is recorded besides
    #[arg(long, value_name = "VERSION")]
    pub(crate) version_label: Option<String>,
    /// A name for this machine, for fleets; the host name is never recorded [default: MEMTOOL_MACHINE]
    #[arg(long, value_name = "LABEL")]
    pub(crate) machine: Option<String>,
    /// The container image that the job runs in [default: MEMTOOL_IMAGE]
    #[arg(long, value_name = "NAME")]
    pub(crate) image: Option<String>,
    /// Record a parameter of the run, such as year=2026; may be repeated
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    pub(crate) parameters: Vec<(String, String)>,
}

/// A name and its value.
fn parameter(text: &str) -> Result<(String, String), String> {
    let both = text.split_once('=').filter(|(name, _)| !name.trim().is_empty());
    let (name, value) = both.ok_or_else(|| format!("expected NAME=VALUE, found {text:?}"))?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

#[derive(Debug, Args)]
pub(crate) struct Monitor {
    /// A stream, or a folder: its newest unfinished stream is followed
    #[arg(value_name = "STREAM|FOLDER", default_value = "reports/memory", conflicts_with = "pid")]
    pub(crate) stream: PathBuf,
    /// Measure this process and its children from outside
    #[arg(long, value_name = "PID")]
    pub(crate) pid: Option<u32>,
    /// With --pid: take the thresholds from this YAML [default: shares of the limit]
    #[arg(long, value_name = "FILE", requires = "pid")]
    pub(crate) config: Option<PathBuf>,
    /// Time between two lines, and with --pid between two samples
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0, value_parser = seconds)]
    pub(crate) interval: f64,
    /// The job's memory limit, if it is below that of stream or machine, such as 600MiB
    #[arg(long, value_name = "SIZE", value_parser = mebibytes)]
    pub(crate) memory_limit: Option<f64>,
    /// Print lines even if standard output is a terminal
    #[arg(long)]
    pub(crate) plain: bool,
}
