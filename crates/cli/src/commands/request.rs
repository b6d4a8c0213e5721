//! `memtool request`: how much memory to ask for at the next run.

use std::path::Path;

use memtool_analyzer::request::{RequestOptions, RequestReport, TaskRecord, request};
use memtool_analyzer::{Loaded, load};
use memtool_profile_model::Run;

use super::{exit_for, file_options, report_skipped};
use crate::args::{Publish, Request, RequestFormat};
use crate::ci::CheckReport;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::publish::{Forms, publish, summarize};
use crate::run_label::file_stem;
use crate::{output, request_checks, request_directives, request_markdown, request_text};

/// Bytes of a MiB.
const MIB: f64 = 1_048_576.0;

pub(crate) fn run(args: &Request) -> anyhow::Result<Exit> {
    let bar = Progress::files();
    let one = |path: &Path, run: Run| {
        let (run, _) = run.counted_once();
        TaskRecord::of(&run, file_stem(&path.to_string_lossy()))
    };
    let files = file_options(&args.budget, &args.mapping);
    let Loaded { values, skipped, .. } = load(&args.paths, files, |done, of| bar.at(done, of), one);
    drop(bar);
    report_skipped(&skipped);
    let of = values.len();
    let tasks: Vec<TaskRecord> = values.into_iter().flatten().collect();
    if tasks.len() < of {
        output::message(&format!("{} of {of} runs left out: no readable memory", of - tasks.len()));
    }
    if tasks.is_empty() {
        return Ok(exit_for(0));
    }
    let input_bytes = args.input_size.map(|size| size * MIB);
    let report = request(tasks, &RequestOptions { risk: args.risk, input_bytes });
    let shown = Shown { report: &report, path: &args.paths[0] };
    print(&shown, args.format)?;
    summarize(&shown, args.step_summary)?;
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
    fn json(&self) -> anyhow::Result<String> {
        output::json(self.report)
    }

    fn text(&self) -> String {
        request_text::page(self.report)
    }

    fn markdown(&self) -> String {
        request_markdown::page(self.report)
    }

    fn checks(&self) -> anyhow::Result<CheckReport> {
        Ok(request_checks::checks(self.report, &self.path.to_string_lossy()))
    }
}

fn print(shown: &Shown<'_>, format: RequestFormat) -> anyhow::Result<()> {
    let report = shown.report;
    match format {
        RequestFormat::Report(format) => publish(shown, &Publish { format, step_summary: false }),
        RequestFormat::Csv => output::print(&request_directives::csv(report)),
        RequestFormat::Kubernetes => output::print(&request_directives::kubernetes(report)),
        RequestFormat::Nextflow => output::print(&request_directives::nextflow(report)),
        RequestFormat::Snakemake => output::print(&request_directives::snakemake(report)),
        RequestFormat::Sbatch => output::print(&request_directives::sbatch(report)),
    }
}
