//! `memtool chart`: a chart of each run, and one across them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use memtool_analyzer::chart::{self, Format, Overview, OverviewRun};
use memtool_analyzer::{ChartInput, Loaded, ProfileReport, charts_beside, load_with};

use super::{counted, exit_for, file_options, report_skipped};
use crate::args::{Chart, ImageFormat};
use crate::exit::Exit;
use crate::output;
use crate::progress::Progress;
use crate::run_label::file_stem;
use crate::unique_name::unique;

/// A run's chart, and its row in the overview.
struct Drawn {
    name: String,
    image: Vec<u8>,
    row: OverviewRun,
    report: ProfileReport,
}

pub(crate) fn run(args: &Chart) -> anyhow::Result<Exit> {
    let (format, ending) = match args.image_format {
        ImageFormat::Png => (Format::Png, "png"),
        ImageFormat::Svg => (Format::Svg, "svg"),
    };
    std::fs::create_dir_all(&args.output)
        .with_context(|| format!("cannot make the folder {}", args.output.display()))?;
    let bar = Progress::files();
    let at = |done, of| bar.at(done, of);
    let files = file_options(&args.budget, &args.mapping);
    let Loaded { values, skipped, .. } = load_with(&args.paths, files.clone(), at, |input| {
        Ok(drawn(input.path(), &ChartInput::open(input)?, format))
    });
    drop(bar);
    report_skipped(&skipped);
    if values.is_empty() {
        return Ok(exit_for(0));
    }
    let mut values = values.into_iter().collect::<anyhow::Result<Vec<Drawn>>>()?;
    let reports: Vec<ProfileReport> = values.iter().map(|drawn| drawn.report.clone()).collect();
    for (at, input) in charts_beside(&reports, &files) {
        values[at] = drawn(Path::new(&reports[at].path), &input, format)?;
    }
    let mut written = Vec::new();
    let mut names = BTreeSet::new();
    let mut rows = Vec::new();
    for drawn in values {
        let path = args.output.join(format!("{}.{ending}", unique(&drawn.name, &mut names)));
        output::write_file(&path, &drawn.image)?;
        written.push(path);
        rows.push(drawn.row);
    }
    written.push(overview(args, rows, &mut names, format, ending)?);
    let list: String = written.iter().map(|path| format!("{}\n", path.display())).collect();
    output::print(&list)?;
    Ok(Exit::Done)
}

fn title(path: &Path) -> String {
    file_stem(&path.to_string_lossy()).to_owned()
}

fn drawn(path: &Path, input: &ChartInput, format: Format) -> anyhow::Result<Drawn> {
    let image = chart::render_run(&input.chart(), format)
        .with_context(|| format!("cannot draw {}", path.display()))?;
    Ok(Drawn { name: title(path), image, row: input.overview(), report: input.report().clone() })
}

fn overview(
    args: &Chart,
    runs: Vec<OverviewRun>,
    names: &mut BTreeSet<String>,
    format: Format,
    ending: &str,
) -> anyhow::Result<PathBuf> {
    let title = "Peak memory by run".to_owned();
    let subtitle = counted(runs.len(), "run");
    let image = chart::render_overview(&Overview { title, subtitle, runs }, format)
        .context("cannot draw the overview")?;
    let path = args.output.join(format!("{}.{ending}", unique("overview", names)));
    output::write_file(&path, &image)?;
    Ok(path)
}
