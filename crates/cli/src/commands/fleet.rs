//! `memtool fleet`: what is wrong among the runs of many jobs and machines.

use memtool_analyzer::chart::{SmallMultiples, SmallPanel, render};
use std::path::Path;

use memtool_analyzer::fleet::{
    FleetBy, FleetFilter, FleetGroup, FleetOptions, FleetReport, fleet, fleet_of_runs,
};
use memtool_analyzer::lake::{LakeError, RunFilter, is_lake, lake_run};
use memtool_analyzer::{Loaded, load};
use memtool_profile_model::Run;

use super::{file_options, image_format, report_skipped};
use crate::args::{self, Fleet, FleetFormat};
use crate::escape;
use crate::exit::Exit;
use crate::fleet_text::group_name;
use crate::progress::Progress;
use crate::{fleet_markdown, fleet_text, output};

/// Files of a few runs each from which it is said that they should be put together: they take a fifth of a second.
const MANY_FILES: usize = 500;
const FEW_RUNS: u64 = 10;

pub(crate) fn run(args: &Fleet) -> anyhow::Result<Exit> {
    let image = args.chart.as_deref().map(image_format).transpose()?;
    let report = match &args.paths[..] {
        [lake] if is_lake(lake) => fleet(lake, &options(args))?,
        _ => of_files(args)?,
    };
    report.unreadable.iter().for_each(|error| output::message(&format!("skipped {error}")));
    if let Some(advice) = compaction(args, &report) {
        output::message(&advice);
    }
    if report.totals.runs == 0 {
        output::message("no run that is asked for");
        return Ok(Exit::NoInput);
    }
    let top = if args.top == 0 { usize::MAX } else { args.top };
    output::print(&match args.format {
        FleetFormat::Table => fleet_text::page(&report, top),
        FleetFormat::Json => output::json(&report)?,
        FleetFormat::Csv => fleet_markdown::csv(&report),
        FleetFormat::Markdown => fleet_markdown::page(&report, top),
    })?;
    if let (Some(path), Some(format)) = (&args.chart, image) {
        output::write_file(path, &render(&chart(&report), format)?)?;
    }
    Ok(Exit::Done)
}

/// What to do about a lake of many small files, which take most of the time.
fn compaction(args: &Fleet, report: &FleetReport) -> Option<String> {
    let FleetReport { files, totals, .. } = report;
    let are_small = *files >= MANY_FILES && totals.runs < FEW_RUNS * *files as u64;
    are_small.then(|| {
        let lake = escape::control(&args.paths[0].display().to_string());
        format!("the lake keeps its runs in {files} small files: `memtool lake compact {lake}` puts them together, and `fleet` takes a fraction of the time and memory")
    })
}

/// Reports on runs in files, which are judged one by one and let go.
fn of_files(args: &Fleet) -> anyhow::Result<FleetReport> {
    let bar = Progress::files();
    let one = |path: &Path, run: Run| lake_run(path, &run);
    let files = file_options(&args.budget, &args.mapping);
    let Loaded { values, skipped, .. } = load(&args.paths, files, |done, of| bar.at(done, of), one);
    drop(bar);
    report_skipped(&skipped);
    if values.is_empty() && skipped.is_empty() {
        return Err(LakeError::NoLake(args.paths[0].clone()).into());
    }
    Ok(fleet_of_runs(values.into_iter().collect::<Result<_, _>>()?, &options(args))?)
}

fn options(args: &Fleet) -> FleetOptions {
    FleetOptions {
        by: match args.by {
            args::FleetBy::Job => FleetBy::Job,
            args::FleetBy::Machine => FleetBy::Machine,
            args::FleetBy::Operation => FleetBy::Operation,
            args::FleetBy::Version => FleetBy::Version,
            args::FleetBy::Namespace => FleetBy::Namespace,
            args::FleetBy::Workload => FleetBy::Workload,
            args::FleetBy::Container => FleetBy::Container,
        },
        filter: FleetFilter {
            jobs: args.jobs.clone(),
            machines: args.machines.clone(),
            versions: args.versions.clone(),
        },
        days: RunFilter { since: args.since, until: args.until },
    }
}

fn chart(report: &FleetReport) -> SmallMultiples {
    SmallMultiples {
        title: format!("Peak memory by {} over time, the worst first", fleet_text::by_word(report.by)),
        subtitle: format!("{} runs, {} killed for want of memory", report.totals.runs, report.totals.killed),
        panels: report.groups.iter().map(panel).collect(),
    }
}

/// Seconds of a time in microseconds.
#[expect(clippy::cast_precision_loss, reason = "a place on an axis")]
fn seconds(microseconds: i64) -> f64 {
    microseconds as f64 / 1e6
}

fn panel(group: &FleetGroup) -> SmallPanel {
    let points = group.points.started.iter().zip(&group.points.peak_mb);
    let day = |time: &Option<String>| {
        time.as_deref().and_then(|time| time.get(..10)).unwrap_or_default().to_owned()
    };
    let change = group.changes.last().and_then(|change| {
        let at: jiff::Timestamp = change.since.parse().ok()?;
        let version = change.version.as_deref().map(|version| format!(" · {version}")).unwrap_or_default();
        Some((seconds(at.as_microsecond()), format!("{:+.0} %{version}", change.share * 100.0)))
    });
    SmallPanel {
        label: group_name(group).to_owned(),
        points: points.map(|(at, peak)| (seconds(*at), *peak)).collect(),
        dates: (day(&group.first), day(&group.last)),
        limit_mb: group.limit_mb,
        change,
    }
}
