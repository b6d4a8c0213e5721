//! `memtool request`: how much memory to ask for at the next run.

use std::path::Path;

use memtool_analyzer::request::{RequestOptions, RequestReport, request, schedules};
use memtool_profile_model::Mib;
use serde::Serialize;

use super::exit_for;
use super::task_records::{Selection, TaskRecords};
use crate::args::{Publish, Request, RequestFormat};
use crate::ci::CheckReport;
use crate::exit::Exit;
use crate::manifest_file::ManifestFile;
use crate::publish::{Forms, publish, summarize};
use crate::{
    output, request_checks, request_compose, request_directives, request_kubernetes, request_markdown,
    request_patch, request_text,
};

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
    let input_bytes = args.input_size.map(|size| size * Mib::BYTES);
    let mut report = request(tasks, &RequestOptions { risk: args.risk, input_bytes });
    if let Some(steps) = args.schedule {
        report.schedules = Some(schedules(scheduled, usize::from(steps), args.risk, input_bytes));
    }
    let shown = Shown { report: &report, path: &args.paths[0] };
    print(&shown, args.format)?;
    summarize(&shown, args.step_summary)?;
    if let Some(target) = target {
        target.apply(&report, args.dry_run)?;
    }
    Ok(if report.groups.iter().all(|group| group.memory_mb.is_none()) {
        Exit::Inconclusive
    } else {
        Exit::Done
    })
}

/// The answers, and the first path that their runs were read from.
struct Shown<'a> {
    report: &'a RequestReport,
    path: &'a Path,
}

impl Forms for Shown<'_> {
    fn json(&self) -> impl Serialize {
        self.report
    }

    fn text(&self) -> anyhow::Result<String> {
        Ok(request_text::page(self.report))
    }

    fn markdown(&self) -> anyhow::Result<String> {
        Ok(request_markdown::page(self.report))
    }

    fn checks(&self) -> anyhow::Result<CheckReport<'_>> {
        Ok(request_checks::checks(self.report, &self.path.to_string_lossy()))
    }
}

fn print(shown: &Shown<'_>, format: RequestFormat) -> anyhow::Result<()> {
    let report = shown.report;
    match format {
        RequestFormat::Report(format) => publish(shown, &Publish { format, step_summary: false }),
        RequestFormat::Vpa => output::print_json(&request_kubernetes::vpa(report)),
        RequestFormat::Csv => output::print(&request_directives::csv(report)),
        RequestFormat::Kubernetes => output::print(&request_kubernetes::resources(report)),
        RequestFormat::KubernetesPatch => output::print(&request_patch::patches(report)),
        RequestFormat::Compose => output::print(&request_compose::services(report)),
        RequestFormat::Nextflow => output::print(&request_directives::nextflow(report)),
        RequestFormat::Snakemake => output::print(&request_directives::snakemake(report)),
        RequestFormat::Sbatch => output::print(&request_directives::sbatch(report)),
    }
}
