//! `memtool simulate`: peak and speed under other settings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context;
use memtool_analyzer::chart::{Format as ImageKind, Predicted, RunChart, render_run};
use memtool_analyzer::memory_model::{Interval, MemoryModel, memory_model};
use memtool_analyzer::simulate::{Prediction, Scenario, SimulateOptions, Simulator, simulated_path};
use memtool_analyzer::{PredictionFigures, PredictionRow, SimulationReport, chart_input, profile};
use memtool_profile_model::Run;

use super::{counted, exit_for, file_options, load_runs, mib, percent};
use crate::args::{Format, Simulate};
use crate::config_file;
use crate::escape;
use crate::exit::Exit;
use crate::output;
use crate::run_label::file_stem;
use crate::table::{self, Field, Tone, number, text};
use crate::unique_name::unique;

/// A scenario and its name in the output.
struct Asked {
    name: String,
    scenario: Scenario,
}

pub(crate) fn run(args: &Simulate) -> anyhow::Result<Exit> {
    let asked = asked(args)?;
    let (runs, skipped) = load_runs(&args.input.paths, file_options(&args.budget, &args.mapping));
    if runs.is_empty() {
        return Ok(exit_for(0));
    }
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
        for asked in asked.iter().filter(|_| args.chart.is_some()) {
            let folder = args.chart.as_deref().unwrap_or(Path::new("."));
            written.push(draw(folder, path, run, model, asked, &mut names)?);
        }
    }
    match args.input.format {
        Format::Json => output::print_json(&SimulationReport::new(rows, skipped))?,
        Format::Text => output::print(&page(&rows))?,
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
    let image =
        render_run(&chart, ImageKind::Png).with_context(|| format!("cannot draw {}", path.display()))?;
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

/// A row for each of what is asked, all on the same draws.
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

fn page(rows: &[PredictionRow]) -> String {
    let columns =
        [text("run"), text("with"), number("was MiB"), number("peak MiB"), number("killed"), number("speed")];
    let mut page = table::render(&columns, rows.iter().map(fields).collect());
    page.push('\n');
    page.push_str(&super::wrapped("", LEGEND));
    if rows.iter().any(|row| row.figures.kill_probability.is_some()) {
        page.push_str("killed: estimated probability that the charged memory reaches the limit\n");
    }
    for (warning, runs) in warnings(rows) {
        page.push_str(&super::wrapped(
            "note: ",
            &escape::control(&format!("{}{warning}", about(&runs, rows))),
        ));
    }
    page
}

/// Each warning once, with the runs that it is about.
fn warnings(rows: &[PredictionRow]) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in rows {
        for warning in &row.figures.warnings {
            found.entry(warning).or_default().insert(&row.run);
        }
    }
    found
}

/// The run that a warning is about, and how many others; empty if it is about all.
fn about(runs: &BTreeSet<&str>, rows: &[PredictionRow]) -> String {
    let all: BTreeSet<&str> = rows.iter().map(|row| row.run.as_str()).collect();
    match (runs.first(), runs.len()) {
        (None, _) => String::new(),
        (_, many) if many == all.len() => String::new(),
        (Some(run), 1) => format!("{}: ", file_stem(run)),
        (Some(run), many) => format!("{} and {}: ", file_stem(run), counted(many - 1, "other run")),
    }
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
