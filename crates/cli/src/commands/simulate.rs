//! `memtool simulate`: peak and speed under other settings.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use memtool_analyzer::chart::{Format as ImageKind, Predicted, RunChart, render};
use memtool_analyzer::memory_model::{Interval, MemoryModel, left_out, memory_model};
use memtool_analyzer::simulate::{Prediction, Scenario, SimulateOptions, Simulator, simulated_path};
use memtool_analyzer::{PredictionFigures, PredictionRow, SimulationReport, chart_input, profile};
use memtool_profile_model::Run;

use super::{LoadedRuns, exit_for, file_options, load_runs, mib, percent};
use crate::args::{Format, Simulate};
use crate::config_file;
use crate::escape;
use crate::exit::Exit;
use crate::output;
use crate::predictions_chart::{self, image_kind};
use crate::run_label::file_stem;
use crate::run_notes::RunNotes;
use crate::table::{self, Field, Tone, number, text};
use crate::unique_name::unique;

/// A scenario and its name in the output.
struct Asked {
    name: String,
    scenario: Scenario,
}

pub(crate) fn run(args: &Simulate) -> anyhow::Result<Exit> {
    let asked = asked(args)?;
    let LoadedRuns { runs, notes: mut of_files, skipped } =
        load_runs(&args.input.paths, file_options(&args.budget, &args.mapping));
    if runs.is_empty() {
        return Ok(exit_for(0));
    }
    let (file, folder) = match &args.chart {
        Some(path) => match image_kind(path) {
            Some(kind) => (Some((path, kind)), None),
            None => (None, Some(path.as_path())),
        },
        None => (None, None),
    };
    let pooled = args.same_job.then(|| memory_model(&runs.iter().map(|(_, run)| run).collect::<Vec<_>>()));
    let (mut rows, mut written, mut names) = (Vec::new(), Vec::new(), BTreeSet::new());
    if let Some(model) = &pooled {
        let all: Vec<&Run> = runs.iter().map(|(_, run)| run).collect();
        let name = format!("{} runs of one job", all.len());
        rows.extend(predictions(&name, &all, model, &asked, args));
    }
    for (path, run) in &runs {
        let own;
        let model = if let Some(pooled) = &pooled {
            pooled
        } else {
            own = memory_model(&[run]);
            let name = path.display().to_string();
            rows.extend(predictions(&name, &[run], &own, &asked, args));
            &own
        };
        for asked in asked.iter().filter(|_| folder.is_some()) {
            let folder = folder.unwrap_or(Path::new("."));
            written.push(draw(folder, path, run, model, asked, &mut names)?);
        }
    }
    let mut notes = left_out(&runs.iter().map(|(_, run)| run).collect::<Vec<_>>());
    notes.append(&mut of_files);
    let report = SimulationReport::new(rows, notes, skipped);
    if let Some((path, kind)) = file {
        predictions_chart::write(path, kind, &report, args.memory_limit)?;
        written.push(path.clone());
    }
    match args.input.format {
        Format::Json => output::print_json(&report)?,
        Format::Text => output::print(&page(&report))?,
    }
    for picture in written {
        output::message(&format!("wrote {}", picture.display()));
    }
    Ok(Exit::Done)
}

/// Draws the recorded run with one replay beside it.
fn draw(
    folder: &Path,
    path: &Path,
    run: &Run,
    model: &MemoryModel,
    asked: &Asked,
    names: &mut BTreeSet<String>,
) -> anyhow::Result<PathBuf> {
    let path_text = path.to_string_lossy();
    let name = file_stem(&path_text);
    let input = chart_input(run, profile(path, run));
    let (seconds, rss_mb) = simulated_path(run, model, &asked.scenario);
    let label = file_stem(&asked.name).to_owned();
    let chart = RunChart { predicted: Some(Predicted { label, seconds, rss_mb }), ..input.chart() };
    let image = render(&chart, ImageKind::Png).with_context(|| format!("cannot draw {}", path.display()))?;
    let file = folder.join(format!("{}.png", unique(&format!("{name}_{}", file_stem(&asked.name)), names)));
    output::write_file(&file, &image)?;
    Ok(file)
}

fn asked(args: &Simulate) -> anyhow::Result<Vec<Asked>> {
    let mut asked = Vec::new();
    for path in &args.configs {
        let file = config_file::read_with_notes(path)?;
        let scenario = Scenario::Config(Box::new(file.config));
        asked.push(Asked { name: path.display().to_string(), scenario });
    }
    let fixed =
        |size: &u32| Asked { name: format!("fixed-batch-{size}"), scenario: Scenario::FixedBatch(*size) };
    asked.extend(args.fixed_batches.iter().map(fixed));
    if asked.is_empty() && args.memory_limit.is_some() {
        asked.push(Asked { name: "as-recorded".to_owned(), scenario: Scenario::AsRecorded });
    }
    anyhow::ensure!(
        !asked.is_empty(),
        "nothing to simulate: give --config FILE, --fixed-batch ITEMS, or a limit alone for the run as it was recorded"
    );
    Ok(asked)
}

/// A row for each scenario, all on the same draws.
fn predictions(
    name: &str,
    runs: &[&Run],
    model: &MemoryModel,
    asked: &[Asked],
    args: &Simulate,
) -> Vec<PredictionRow> {
    let options = SimulateOptions { limit_mb: args.memory_limit, ..SimulateOptions::default() };
    let scenarios: Vec<Scenario> = asked.iter().map(|asked| asked.scenario.clone()).collect();
    let predictions = Simulator::new(runs, model, &options).simulate_many(&scenarios);
    let row = |(asked, prediction): (&Asked, &Prediction)| PredictionRow {
        run: name.to_owned(),
        config: asked.name.clone(),
        figures: PredictionFigures::from(prediction),
    };
    asked.iter().zip(&predictions).map(row).collect()
}

const LEGEND: &str =
    "peak: median and 90 % interval, or bounds; speed: items per second over the recorded run's";

fn page(report: &SimulationReport) -> String {
    let rows = &report.predictions;
    let columns =
        [text("run"), text("with"), number("was MiB"), number("peak MiB"), number("killed"), number("speed")];
    let mut page = table::render(&columns, rows.iter().map(fields).collect());
    page.push('\n');
    page.push_str(&super::wrapped("", LEGEND));
    if rows.iter().any(|row| row.figures.kill_probability.is_some()) {
        page.push_str("killed: estimated probability that the charged memory reaches the limit\n");
    }
    for note in warnings(rows).sentences().iter().chain(&report.notes) {
        page.push_str(&super::wrapped("note: ", &escape::control(note)));
    }
    page
}

/// Each warning once, with the runs that it is about.
fn warnings(rows: &[PredictionRow]) -> RunNotes {
    let mut notes = RunNotes::default();
    for row in rows {
        notes.add_name(&row.run);
        row.figures.warnings.iter().for_each(|warning| notes.add(&row.run, warning));
    }
    notes
}

fn fields(row: &PredictionRow) -> Vec<Field> {
    let figures = &row.figures;
    let config = row.config.rsplit('/').next().unwrap_or(&row.config);
    vec![
        escape::shortened(file_stem(&row.run), 20).into(),
        escape::shortened(config, 16).into(),
        figures.recorded_peak_mb.map_or("-".into(), mib).into(),
        peak(figures),
        figures
            .kill_probability
            .map_or("-".into(), |p| Field(percent(p), if p > 0.01 { Tone::Bad } else { Tone::Good })),
        figures.throughput_ratio.map_or("-".to_owned(), |t| ratio(&t, figures.throughput_assumed)).into(),
    ]
}

fn peak(figures: &PredictionFigures) -> Field {
    let Some(peak) = figures.peak_rss_mb else { return "-".into() };
    let mark = if figures.identifiable { "" } else { " ?" };
    if figures.bounds_only {
        return format!("{}–{}{mark}", mib(peak.low), mib(peak.high)).into();
    }
    format!("{} ({}–{}){mark}", mib(peak.median), mib(peak.low), mib(peak.high)).into()
}

fn ratio(speed: &Interval, assumed: bool) -> String {
    format!("×{:.2}{}", speed.median, if assumed { " ?" } else { "" })
}
