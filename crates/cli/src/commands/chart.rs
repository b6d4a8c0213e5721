//! `memtool chart`: charts of each run, and across them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use memtool_analyzer::chart::{Format, OverviewRun};
use memtool_analyzer::{
    ChartInput, FLEET_CHARTS, Loaded, ProfileReport, RUN_CHARTS, charts_beside, load_with,
};

use super::{exit_for, file_options, report_skipped};
use crate::args::{Chart, ImageFormat};
use crate::exit::Exit;
use crate::output;
use crate::progress::Progress;
use crate::run_label::file_stem;
use crate::unique_name::unique;

/// A run's charts, and its row in the charts across runs.
struct Drawn {
    name: String,
    /// What stands behind the name in the file's, and the image.
    images: Vec<(&'static str, Vec<u8>)>,
    row: OverviewRun,
    report: ProfileReport,
}

/// Where images are written, and which names are taken.
struct Folder<'a> {
    path: &'a Path,
    ending: &'static str,
    names: BTreeSet<String>,
    written: Vec<PathBuf>,
}

impl Folder<'_> {
    fn write(&mut self, name: &str, image: &[u8]) -> anyhow::Result<()> {
        let path = self.path.join(format!("{}.{}", unique(name, &mut self.names), self.ending));
        output::write_file(&path, image)?;
        self.written.push(path);
        Ok(())
    }
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
    let mut folder = Folder { path: &args.output, ending, names: BTreeSet::new(), written: Vec::new() };
    let mut rows = Vec::new();
    for Drawn { name, images, row, .. } in values {
        for (suffix, image) in images {
            folder.write(&format!("{name}{suffix}"), &image)?;
        }
        rows.push(row);
    }
    for kind in FLEET_CHARTS {
        let image = (kind.draw)(&rows, format).with_context(|| format!("cannot draw the {}", kind.name))?;
        folder.write(kind.name, &image)?;
    }
    let list: String = folder.written.iter().map(|path| format!("{}\n", path.display())).collect();
    output::print(&list)?;
    Ok(Exit::Done)
}

fn drawn(path: &Path, input: &ChartInput, format: Format) -> anyhow::Result<Drawn> {
    let draw = RUN_CHARTS.iter().map(|kind| Ok((kind.suffix, (kind.draw)(input, format)?)));
    let images: anyhow::Result<Vec<_>> = draw.collect();
    let images = images.with_context(|| format!("cannot draw {}", path.display()))?;
    let name = file_stem(&path.to_string_lossy()).to_owned();
    Ok(Drawn { name, images, row: input.overview(), report: input.report().clone() })
}
