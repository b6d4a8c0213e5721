//! The arguments of `request`.

use std::path::PathBuf;
use std::sync::LazyLock;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::size::mebibytes;
use super::{Budget, Mapping, ReportFormat};

/// How the memory to ask for is printed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RequestFormat {
    /// As other results are.
    Report(ReportFormat),
    /// A row per group.
    Csv,
    /// Kubernetes container resources.
    Kubernetes,
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
    /// Size of the next run's input, where the runs' own are recorded
    #[arg(long, value_name = "SIZE", value_parser = mebibytes)]
    pub(crate) input_size: Option<f64>,
    /// The output's format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: RequestFormat,
    /// Add the result to the summary of this step of GitHub Actions
    #[arg(long)]
    pub(crate) step_summary: bool,
    #[command(flatten)]
    pub(crate) budget: Budget,
    #[command(flatten)]
    pub(crate) mapping: Mapping,
}

fn risk(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(value) if (0.0001..=0.5).contains(&value) => Ok(value),
        _ => Err("expected a share from 0.0001 to 0.5, such as 0.01".to_owned()),
    }
}
