//! The arguments of `request`.

use std::path::PathBuf;
use std::sync::LazyLock;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use memtool_analyzer::request::GroupBy;

use super::risk::risk;
use super::size::mebibytes;
use super::{Budget, Format, Mapping, ReportFormat};

/// The output format of `request`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RequestFormat {
    /// A format shared with other commands.
    Report(ReportFormat),
    /// A row per group.
    Csv,
    /// Kubernetes container resources.
    Kubernetes,
    /// Patches of Kubernetes workloads.
    KubernetesPatch,
    /// JSON as Kubernetes' vertical pod autoscaler recommends.
    Vpa,
    /// Limits of Docker Compose services.
    Compose,
    /// A Nextflow config.
    Nextflow,
    /// A Snakemake profile.
    Snakemake,
    /// Lines for Slurm's batch scripts.
    Sbatch,
}

impl Default for RequestFormat {
    fn default() -> Self {
        Self::Report(ReportFormat::default())
    }
}

static REQUEST_FORMATS: LazyLock<Vec<RequestFormat>> = LazyLock::new(|| {
    let reports = ReportFormat::value_variants().iter().copied().map(RequestFormat::Report);
    let own = [
        RequestFormat::Csv,
        RequestFormat::Kubernetes,
        RequestFormat::KubernetesPatch,
        RequestFormat::Vpa,
        RequestFormat::Compose,
        RequestFormat::Nextflow,
        RequestFormat::Snakemake,
        RequestFormat::Sbatch,
    ];
    reports.chain(own).collect()
});

impl ValueEnum for RequestFormat {
    fn value_variants<'a>() -> &'a [Self] {
        &REQUEST_FORMATS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, help) = match self {
            Self::Report(format) => return format.to_possible_value(),
            Self::Csv => ("csv", "A row per group"),
            Self::Kubernetes => ("kubernetes", "Kubernetes container resources"),
            Self::KubernetesPatch => {
                ("kubernetes-patch", "Patches of the workloads of Kubernetes' containers")
            }
            Self::Vpa => ("vpa", "JSON as Kubernetes' vertical pod autoscaler recommends"),
            Self::Compose => ("compose", "Limits of Docker Compose services"),
            Self::Nextflow => ("nextflow", "A Nextflow config"),
            Self::Snakemake => ("snakemake", "A Snakemake profile"),
            Self::Sbatch => ("sbatch", "Lines for Slurm's batch scripts"),
        };
        Some(PossibleValue::new(name).help(help))
    }
}

#[derive(Debug, Args)]
pub(crate) struct Request {
    /// Files of runs that have ended, folders or patterns; .gz and .zst too
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Accept this share of runs failing for memory
    #[arg(long, value_name = "SHARE", default_value_t = 0.01, value_parser = risk)]
    pub(crate) risk: f64,
    /// Group runs by task (also called process or rule), job, command, version, host, file, folder, operation, or
    /// a label of the series such as container [default: task, else job, command, file]
    #[arg(long, value_name = "COLUMN")]
    pub(crate) by: Option<GroupBy>,
    /// Also give memory by phase, in at most this many steps, if runs were recorded over time
    #[arg(long, value_name = "STEPS", value_parser = clap::value_parser!(u16).range(2..=16))]
    pub(crate) schedule: Option<u16>,
    /// Size of the next run's input, if the runs have theirs recorded
    #[arg(long, value_name = "SIZE", value_parser = mebibytes)]
    pub(crate) input_size: Option<f64>,
    /// The output's format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: RequestFormat,
    /// Add the result to the summary of this step of GitHub Actions
    #[arg(long)]
    pub(crate) step_summary: bool,
    /// Set the memory in this file and keep a backup: a Kubernetes manifest or a Compose file is edited in place,
    /// where a container or service has the name of a group
    #[arg(long, value_name = "FILE")]
    pub(crate) apply: Option<PathBuf>,
    /// With --apply: show the difference and change nothing
    #[arg(long, requires = "apply")]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) budget: Budget,
    #[command(flatten)]
    pub(crate) mapping: Mapping,
}

#[derive(Debug, Args)]
pub(crate) struct RetrySize {
    /// Files with the runs that were killed, and with others of their kind
    #[arg(required = true, value_name = "FILE")]
    pub(crate) paths: Vec<PathBuf>,
    /// Accept this share of runs failing for memory
    #[arg(long, value_name = "SHARE", default_value_t = 0.01, value_parser = risk)]
    pub(crate) risk: f64,
    /// Group runs as `request` does
    #[arg(long, value_name = "COLUMN")]
    pub(crate) by: Option<GroupBy>,
    /// The output's format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) budget: Budget,
    #[command(flatten)]
    pub(crate) mapping: Mapping,
}
