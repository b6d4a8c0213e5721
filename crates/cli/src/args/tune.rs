//! The arguments of `tune`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::risk::risk;
use super::seconds::seconds;
use super::size::{gibibytes, mebibytes};
use super::{Budget, Input};

/// The reader of a config.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Target {
    /// The Python AdaptiveMemoryManager, with its minimum thresholds and batch sizes
    Manager,
    /// memtool's recorder, which has no such minimums
    Recorder,
}

#[derive(Debug, Args)]
pub(crate) struct Tune {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) budget: Budget,
    /// Tune for a machine of this size, such as 8gb; may be repeated [default: 4gb, 8gb, 16gb]
    #[arg(long = "machine", value_name = "SIZE", value_parser = gibibytes)]
    pub(crate) machines: Vec<f64>,
    /// Tune for a container or job with this limit, such as 600MiB, nothing reserved; may be repeated
    #[arg(long = "memory-limit", alias = "limit-mb", value_name = "SIZE", value_parser = mebibytes)]
    pub(crate) memory_limits: Vec<f64>,
    /// Accept this probability of a run being killed
    #[arg(long, value_name = "SHARE", default_value_t = 0.01, value_parser = risk)]
    pub(crate) risk: f64,
    /// Print speed against memory: up to seven configs, with the knee marked
    #[arg(long)]
    pub(crate) pareto: bool,
    /// Limit search and back-test to this many seconds per machine; the best config by then is given
    #[arg(long = "budget", value_name = "SECONDS", value_parser = seconds)]
    pub(crate) time_budget: Option<f64>,
    /// The reader of the config [default: manager]
    #[arg(long = "target", value_enum, value_name = "READER", conflicts_with = "own_recorder")]
    target: Option<Target>,
    /// `--target recorder` in scripts
    #[arg(long, hide = true)]
    own_recorder: bool,
    /// Write one YAML file per machine into this folder
    #[arg(long, short, value_name = "FOLDER")]
    pub(crate) output: Option<PathBuf>,
    /// Edit this config in place (one machine only); a backup is kept beside it
    #[arg(long, value_name = "FILE")]
    pub(crate) apply: Option<PathBuf>,
    /// With --apply: show the difference and change nothing
    #[arg(long, requires = "apply")]
    pub(crate) dry_run: bool,
}

impl Tune {
    /// What reads the config.
    pub(crate) fn target(&self) -> Target {
        let unless_named = if self.own_recorder { Target::Recorder } else { Target::Manager };
        self.target.unwrap_or(unless_named)
    }
}
