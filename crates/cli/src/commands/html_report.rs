//! `memtool report`: runs, findings and charts as one HTML file.

use std::path::{Path, PathBuf};

use memtool_analyzer::document::{PageBudget, ReportDocument, RunPage};
use memtool_analyzer::memory_model::memory_model;
use memtool_analyzer::simulate::{Prediction, Scenario, SimulateOptions, Simulator};
use memtool_analyzer::tune::{Evidence, Machine, TuneOptions, tune};
use memtool_analyzer::{
    Input, LeakReport, Loaded, PredictionFigures, PredictionRow, Skipped, TuningReport, discover, load_with,
};
use memtool_profile_model::Run;

use super::{exit_for, file_options, report_skipped};
use crate::args::Report;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::{config_file, output, report_page};

/// The path that stands for standard output.
const STDOUT: &str = "-";

pub(crate) fn run(args: &Report) -> anyhow::Result<Exit> {
    ensure_apart(&args.output, &args.paths)?;
    let scenarios = scenarios(&args.simulate)?;
    let (pages, skipped) = pages(args);
    if pages.is_empty() {
        return Ok(exit_for(0));
    }
    let mut document = ReportDocument::new(pages, skipped);
    if !scenarios.is_empty() || !args.tune.is_empty() {
        // What a page keeps of a run is not enough to replay it.
        let runs = runs(args);
        anyhow::ensure!(
            runs.len() == document.runs.len(),
            "--simulate and --tune read the runs a second time, which gave {} of {}: write them to files first",
            runs.len(),
            document.runs.len()
        );
        document.predictions = predictions(&runs, &scenarios, args.memory_limit);
        document.tuning = tuning(&runs, &document, &args.tune);
    }
    let html = report_page::render(&document)?;
    if args.output == Path::new(STDOUT) {
        output::print(&html)?;
    } else {
        output::write_file(&args.output, html.as_bytes())?;
        output::print(&format!("{}\n", args.output.display()))?;
    }
    Ok(Exit::Done)
}

/// Refuses to write the page over a file that it is made from.
fn ensure_apart(output: &Path, paths: &[PathBuf]) -> anyhow::Result<()> {
    let Ok(output) = output.canonicalize() else { return Ok(()) };
    let is_read = |path: &PathBuf| path.canonicalize().is_ok_and(|path| path == output);
    anyhow::ensure!(
        !discover(paths).files.iter().any(is_read),
        "--output {}: the report is made from this file: give it another name",
        output.display()
    );
    Ok(())
}

/// Every run behind the paths; pages that processes share count once.
fn runs(args: &Report) -> Vec<(PathBuf, Run)> {
    let read = |input: &mut Input<'_>| Ok((input.path().to_owned(), input.read()?.counted_once().0));
    load_with(&args.paths, file_options(&args.budget, &args.mapping), |_, _| {}, read).values
}

/// What is kept of each run behind the paths; the runs themselves are let go.
fn pages(args: &Report) -> (Vec<RunPage>, Vec<Skipped>) {
    let bar = Progress::files();
    let room = PageBudget::for_files(discover(&args.paths).files.len());
    let Loaded { values, skipped, .. } = load_with(
        &args.paths,
        file_options(&args.budget, &args.mapping),
        |done, of| bar.at(done, of),
        |input| RunPage::open(input, room),
    );
    drop(bar);
    report_skipped(&skipped);
    (values, skipped)
}

/// The configs to predict with, and their names.
fn scenarios(configs: &[PathBuf]) -> anyhow::Result<Vec<(String, Scenario)>> {
    let scenario = |path: &PathBuf| {
        let file = config_file::read_with_notes(path)?;
        Ok((path.display().to_string(), Scenario::Config(Box::new(file.config))))
    };
    configs.iter().map(scenario).collect()
}

fn predictions(
    runs: &[(PathBuf, Run)],
    scenarios: &[(String, Scenario)],
    limit_mb: Option<f64>,
) -> Vec<PredictionRow> {
    let options = SimulateOptions { limit_mb, ..SimulateOptions::default() };
    let asked: Vec<Scenario> = scenarios.iter().map(|(_, scenario)| scenario.clone()).collect();
    let of_run = |(path, run): &(PathBuf, Run)| {
        let predictions = Simulator::new(&[run], &memory_model(&[run]), &options).simulate_many(&asked);
        let row = |((config, _), prediction): (&(String, Scenario), &Prediction)| PredictionRow {
            run: path.display().to_string(),
            config: config.clone(),
            figures: PredictionFigures::from(prediction),
        };
        scenarios.iter().zip(&predictions).map(row).collect::<Vec<_>>()
    };
    if asked.is_empty() { Vec::new() } else { runs.iter().flat_map(of_run).collect() }
}

/// Settings for machines of these sizes, in GiB.
fn tuning(runs: &[(PathBuf, Run)], document: &ReportDocument, sizes: &[f64]) -> Option<TuningReport> {
    let machines: Vec<Machine> = sizes.iter().map(|gb| Machine::with_gib(*gb)).collect();
    if machines.is_empty() || runs.is_empty() {
        return None;
    }
    let leaks: Vec<&LeakReport> = document.runs.iter().map(|page| &page.profile.leak).collect();
    let evidence: Vec<Evidence> =
        runs.iter().zip(leaks).map(|((_, run), leak)| Evidence { run, leak: Some(leak) }).collect();
    let tuning = tune(&evidence, &machines, &TuneOptions::default(), |_, _, _| 1.0);
    Some(TuningReport::new(&tuning, Vec::new()))
}
