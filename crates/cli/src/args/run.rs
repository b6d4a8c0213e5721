//! The arguments of `run`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use super::risk::risk;
use super::seconds::seconds;
use super::size::mebibytes;
use super::{Identity, Record};

pub(super) const RUN_USAGE: &str = "memtool run [OPTIONS] -- CMD [ARG]...
       memtool run [OPTIONS] --jobs FILE";

#[derive(Debug, Args)]
pub(crate) struct RunUnits {
    /// Run the commands of this file, one per line (- for standard input)
    #[arg(long, value_name = "FILE", conflicts_with = "command")]
    pub(crate) jobs: Option<PathBuf>,
    /// Commands at once: auto for as many as fit into memory, or at most this many
    #[arg(long, value_name = "auto|COUNT", default_value = "auto", value_parser = slots)]
    pub(crate) slots: Slots,
    /// The memory that all commands may use together, such as 2GiB [default: that of the machine or container]
    #[arg(long, value_name = "SIZE", value_parser = mebibytes)]
    pub(crate) memory_limit: Option<f64>,
    /// Accept this probability of exceeding the limit
    #[arg(long, value_name = "SHARE", default_value_t = 0.01, value_parser = risk)]
    pub(crate) risk: f64,
    /// Expected memory of a command without earlier runs
    #[arg(long, value_name = "SIZE", value_parser = mebibytes)]
    pub(crate) expect: Option<f64>,
    /// Run a command that memory ended again, with more, up to this many times
    #[arg(long, value_name = "COUNT", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=20))]
    pub(crate) retries: u32,
    /// Predict the memory from earlier runs of this name [default: the program or script]
    #[arg(long, value_name = "NAME")]
    pub(crate) job: Option<String>,
    /// The folder with the registry and the journal of the commands that share the memory [default: one per user]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) registry: Option<PathBuf>,
    /// Write the recordings into this folder
    #[arg(long, short, value_name = "FOLDER", default_value = "reports/memory")]
    pub(crate) output: PathBuf,
    /// Seconds between two samples
    #[arg(long, value_name = "SECONDS", default_value_t = 0.1, value_parser = seconds)]
    pub(crate) interval: f64,
    /// Print no summary at the end
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// The program to run, and its arguments
    #[arg(value_name = "CMD", trailing_var_arg = true, required_unless_present = "jobs")]
    pub(crate) command: Vec<OsString>,
}

/// Commands at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slots(pub(crate) Option<usize>);

fn slots(text: &str) -> Result<Slots, String> {
    match (text.trim(), text.trim().parse()) {
        ("auto", _) => Ok(Slots(None)),
        (_, Ok(count @ 1..=10_000)) => Ok(Slots(Some(count))),
        _ => Err("expected auto, or a count from 1 to 10000".to_owned()),
    }
}

impl RunUnits {
    /// How the command is recorded.
    pub(crate) fn record(&self) -> Record {
        Record {
            pid: None,
            output: self.output.clone(),
            job: self.job.clone(),
            identity: Identity::default(),
            interval: self.interval,
            no_children: false,
            config: None,
            memory_limit: None,
            metrics_file: None,
            require_recording: false,
            quiet: true,
            command: self.command.clone(),
        }
    }
}
