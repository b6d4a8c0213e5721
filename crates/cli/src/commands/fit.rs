//! `memtool fit`: how many of a unit can run at once.

use std::path::{Path, PathBuf};

use memtool_analyzer::chart::{FitChart, FitCurve, render};
use memtool_analyzer::fit::{FitOptions, FitReport, UnitRun, fit};
use memtool_analyzer::tune::Machine;
use memtool_analyzer::{Loaded, load};
use memtool_profile_model::Run;

use super::{exit_for, file_options, image_format, mib, report_skipped};
use crate::args::{Fit, Format};
use crate::exit::Exit;
use crate::progress::Progress;
use crate::{fit_text, output};

pub(crate) fn run(args: &Fit) -> anyhow::Result<Exit> {
    let image = args.chart.as_deref().map(image_format).transpose()?;
    let mut runs = read(args, &args.paths, None);
    for unit in &args.units {
        runs.extend(read(args, std::slice::from_ref(&unit.path), Some(&unit.name)));
    }
    if runs.is_empty() {
        return Ok(exit_for(0));
    }
    let by_machine = args.machine.map(|gib| Machine::with_gib(gib).limit_mb);
    let limit_mb = by_machine.or(args.memory_limit).unwrap_or_default();
    let report = fit(runs, &FitOptions { limit_mb, risk: args.risk, mixed: args.units.len() > 1 });
    match args.format {
        Format::Json => output::print_json(&report)?,
        Format::Text => output::print(&fit_text::page(&report))?,
    }
    if let (Some(path), Some(format)) = (&args.chart, image) {
        output::write_file(path, &render(&chart(&report), format)?)?;
    }
    Ok(if report.fits() { Exit::Done } else { Exit::Inconclusive })
}

fn read(args: &Fit, paths: &[PathBuf], name: Option<&str>) -> Vec<UnitRun> {
    if paths.is_empty() {
        return Vec::new();
    }
    let bar = Progress::files();
    let files = file_options(&args.budget, &args.mapping);
    let one = |path: &Path, run: Run| UnitRun::of(run, path, name);
    let Loaded { values, skipped, .. } = load(paths, files, |done, of| bar.at(done, of), one);
    drop(bar);
    report_skipped(&skipped);
    values.into_iter().flatten().collect()
}

fn chart(report: &FitReport) -> FitChart {
    let curve = |unit: &memtool_analyzer::fit::UnitFit| FitCurve {
        label: unit.unit.clone(),
        points: unit.curve.iter().map(|point| (point.count, point.independent, point.together)).collect(),
    };
    FitChart {
        title: format!("Probability of passing {} MiB", mib(report.limit_mb)),
        subtitle: "by how many run at once".to_owned(),
        risk: report.risk,
        curves: report.units.iter().map(curve).collect(),
    }
}
