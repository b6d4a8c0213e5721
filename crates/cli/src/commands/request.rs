//! `memtool request`: how much memory to ask for at the next run.

use memtool_analyzer::request::{RequestOptions, RequestReport, request, schedules};

use super::exit_for;
use super::task_records::{Selection, TaskRecords};
use crate::args::{Request, RequestFormat};
use crate::exit::Exit;
use crate::manifest_file::ManifestFile;
use crate::{
    output, request_compose, request_directives, request_kubernetes, request_markdown, request_text,
};

/// Bytes of a MiB.
const MIB: f64 = 1_048_576.0;

pub(crate) fn run(args: &Request) -> anyhow::Result<Exit> {
    let target = args.apply.as_deref().map(ManifestFile::read).transpose()?;
    let selection = Selection {
        paths: &args.paths,
        by: args.by.as_ref(),
        over_time: args.schedule.is_some(),
        budget: &args.budget,
        mapping: &args.mapping,
    };
    let TaskRecords { tasks, scheduled, readable } = selection.read()?;
    if readable == 0 {
        return Ok(exit_for(0));
    }
    let input_bytes = args.input_size.map(|size| size * MIB);
    let mut report = request(tasks, &RequestOptions { risk: args.risk, input_bytes });
    if let Some(steps) = args.schedule {
        report.schedules = Some(schedules(scheduled, usize::from(steps), args.risk, input_bytes));
    }
    print(&report, args.format)?;
    if let Some(target) = target {
        target.apply(&report, args.dry_run)?;
    }
    Ok(if report.groups.iter().all(|group| group.memory_mb.is_none()) {
        Exit::Inconclusive
    } else {
        Exit::Done
    })
}

fn print(report: &RequestReport, format: RequestFormat) -> anyhow::Result<()> {
    match format {
        RequestFormat::Json => output::print_json(report),
        RequestFormat::Vpa => output::print_json(&request_kubernetes::vpa(report)),
        RequestFormat::Text => output::print(&request_text::page(report)),
        RequestFormat::Markdown => output::print(&request_markdown::page(report)),
        RequestFormat::Csv => output::print(&request_directives::csv(report)),
        RequestFormat::Kubernetes => output::print(&request_kubernetes::resources(report)),
        RequestFormat::Compose => output::print(&request_compose::services(report)),
        RequestFormat::Nextflow => output::print(&request_directives::nextflow(report)),
        RequestFormat::Snakemake => output::print(&request_directives::snakemake(report)),
        RequestFormat::Sbatch => output::print(&request_directives::sbatch(report)),
    }
}
