//! What `tune` is asked.

use std::path::PathBuf;

use clap::Args;

use super::{Input, Memory, gigabytes, machine_gb, mebibytes};

#[derive(Debug, Args)]
pub(crate) struct Tune {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) memory: Memory,
    /// A machine size such as 8gb; may be repeated [default: 4gb, 8gb, 16gb]
    #[arg(long = "machine", value_name = "SIZE", value_parser = machine_gb)]
    pub(crate) machines: Vec<f64>,
    /// A machine with so many GB of memory; may be repeated
    #[arg(long = "memory-gb", value_name = "GB", value_parser = gigabytes)]
    pub(crate) memory_gb: Vec<f64>,
    /// A container or job that may use so much memory, in MiB, nothing reserved; may be repeated
    #[arg(long = "limit-mb", value_name = "MIB", value_parser = mebibytes)]
    pub(crate) limit_mb: Vec<f64>,
    /// Chance of a run being killed that you accept
    #[arg(long, value_name = "SHARE", default_value_t = 0.01, value_parser = risk)]
    pub(crate) risk: f64,
    /// Print what speed costs in memory: up to seven configs and the knee
    #[arg(long)]
    pub(crate) pareto: bool,
    /// Seconds per machine, search and back-test together; what was best by then is given
    #[arg(long, value_name = "SECONDS", value_parser = super::seconds)]
    pub(crate) budget: Option<f64>,
    /// The job runs memtool's recorder, which has no least thresholds or sizes
    #[arg(long)]
    pub(crate) own_recorder: bool,
    /// The folder that gets one YAML a machine
    #[arg(long, short, value_name = "FOLDER")]
    pub(crate) output: Option<PathBuf>,
    /// Edit this config in place (one machine only); a backup is kept beside it
    #[arg(long, value_name = "FILE")]
    pub(crate) apply: Option<PathBuf>,
    /// With --apply: show the difference and change nothing
    #[arg(long, requires = "apply")]
    pub(crate) dry_run: bool,
}

fn risk(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(value) if (0.0001..=0.5).contains(&value) => Ok(value),
        _ => Err("expected a chance from 0.0001 to 0.5, such as 0.01".to_owned()),
    }
}
