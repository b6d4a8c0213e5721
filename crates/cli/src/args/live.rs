//! The arguments of the commands that watch a job while it runs.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use super::{mebibytes, seconds};

pub(super) const RECORD_USAGE: &str = "memtool record [OPTIONS] -- CMD [ARG]...
       memtool record [OPTIONS] --pid PID";

#[derive(Debug, Args)]
pub(crate) struct Record {
    /// Watch a running process until it ends, or until Ctrl-C
    #[arg(long, value_name = "PID", conflicts_with = "command")]
    pub(crate) pid: Option<u32>,
    /// The stream: a name that ends in .ndjson and does not exist yet, or a folder
    #[arg(long, short, value_name = "FILE|FOLDER", default_value = "reports/memory")]
    pub(crate) output: PathBuf,
    /// The job's name, by which its runs are grouped [default: the program's name]
    #[arg(long, value_name = "NAME")]
    pub(crate) job: Option<String>,
    /// Seconds between two looks; from outside, a peak between them is not seen
    #[arg(long, value_name = "SECONDS", default_value_t = 0.1, value_parser = seconds)]
    pub(crate) interval: f64,
    /// Count the process alone, without its children
    #[arg(long)]
    pub(crate) no_children: bool,
    /// The job's YAML, for its thresholds [default: shares of the limit]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The MiB the job may use, where that is less than machine and container allow
    #[arg(long, value_name = "MIB", value_parser = mebibytes)]
    pub(crate) memory_limit: Option<f64>,
    /// Keep a file with the live figures in Prometheus' text form
    #[arg(long, value_name = "FILE")]
    pub(crate) metrics_file: Option<PathBuf>,
    /// Say nothing at the end
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// The program to run, and its arguments
    #[arg(value_name = "CMD", trailing_var_arg = true, required_unless_present = "pid")]
    pub(crate) command: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct Monitor {
    /// A stream, or a folder whose newest unfinished stream is followed
    #[arg(value_name = "STREAM|FOLDER", default_value = "reports/memory", conflicts_with = "pid")]
    pub(crate) stream: PathBuf,
    /// Watch another process and its children from outside
    #[arg(long, value_name = "PID")]
    pub(crate) pid: Option<u32>,
    /// With --pid: the YAML with the thresholds [default: shares of the limit]
    #[arg(long, value_name = "FILE", requires = "pid")]
    pub(crate) config: Option<PathBuf>,
    /// Seconds between two lines, and with --pid between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0, value_parser = seconds)]
    pub(crate) interval: f64,
    /// The MiB the job may use, where that is less than the stream or the machine says
    #[arg(long, value_name = "MIB", value_parser = mebibytes)]
    pub(crate) memory_limit: Option<f64>,
    /// Print lines although standard output is a terminal
    #[arg(long)]
    pub(crate) plain: bool,
}
