//! `memtool convert`: runs as Parquet tables, streams, CSV or OpenMetrics text, or into a lake.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use memtool_analyzer::{Exported, Exporter, Loaded, discover, load};
use memtool_profile_model::{Mib, Run};

use super::{counted, exit_for, file_options, lake_addition, report_skipped, small_mib, whole};
use crate::args::Convert;
use crate::escape;
use crate::exit::Exit;
use crate::output;
use crate::progress::Progress;
use crate::run_label::file_stem;
use crate::text::count;
use crate::unique_name::unique;

/// What one run came to.
#[derive(Debug, Clone, Copy, Default)]
struct Converted {
    samples: usize,
    bytes_read: u64,
    bytes_written: u64,
}

pub(crate) fn run(args: &Convert) -> anyhow::Result<Exit> {
    match (&args.lake, &args.output) {
        (Some(lake), _) => lake_addition::run(args, lake),
        (None, Some(folder)) => into_folder(args, folder),
        // The parser asks for one of them.
        (None, None) => Ok(Exit::Usage),
    }
}

fn into_folder(args: &Convert, folder: &Path) -> anyhow::Result<Exit> {
    apart(args, folder)?;
    let found = discover(&args.paths);
    if let Some(table) = found.files.iter().find(|path| path.extension().is_some_and(|e| e == "parquet")) {
        anyhow::bail!("{} is a table already", table.display());
    }
    let names = names(&found.files);
    let bar = Progress::files();
    let taken = Mutex::new(BTreeSet::new());
    let convert = |path: &Path, run: Run| {
        let stem = || file_stem(&path.to_string_lossy()).to_owned();
        let file = names.get(path).cloned().unwrap_or_else(stem);
        let part = run.origin.as_ref().and_then(|origin| origin.part.as_ref());
        let name = part.map_or_else(|| file.clone(), |part| format!("{file}_{part}"));
        // A file may hold several runs, even of one name.
        let name = unique(&name, &mut taken.lock().unwrap_or_else(PoisonError::into_inner));
        let run_to_write = Exported { path, name: &name, run: &run, folder };
        convert(&run_to_write, args.to)
    };
    let files = file_options(&args.budget, &args.mapping);
    let Loaded { values, skipped, .. } = load(&args.paths, files, |done, of| bar.at(done, of), convert);
    drop(bar);
    report_skipped(&skipped);
    if values.is_empty() {
        return Ok(exit_for(0));
    }
    let converted = values.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    output::print(&summary(&converted, folder))?;
    Ok(Exit::Done)
}

/// Tables inside a folder that is read would be read together with their sources.
fn apart(args: &Convert, output: &Path) -> anyhow::Result<()> {
    let output = std::path::absolute(output)?;
    let inside = args.paths.iter().find(|path| {
        path.is_dir() && std::path::absolute(path).is_ok_and(|folder| output.starts_with(&folder))
    });
    match inside {
        Some(folder) => anyhow::bail!(
            "--output {} lies inside {}: both would be read together then; choose a folder elsewhere",
            output.display(),
            folder.display()
        ),
        None => Ok(()),
    }
}

/// A name for each file that no other has.
fn names(files: &[PathBuf]) -> BTreeMap<&Path, String> {
    let mut taken = BTreeSet::new();
    files
        .iter()
        .map(|path| (path.as_path(), unique(file_stem(&path.to_string_lossy()), &mut taken)))
        .collect()
}

fn convert(run: &Exported<'_>, to: &Exporter) -> anyhow::Result<Converted> {
    let path = run.path;
    whole(path, run.run)?;
    let files = (to.files)(run).with_context(|| format!("cannot write {} as {}", path.display(), to.name))?;
    let mut converted = Converted {
        samples: run.run.snapshots.len(),
        bytes_read: fs::metadata(path).map_or(0, |about| about.len()),
        bytes_written: 0,
    };
    for (path, bytes) in &files {
        output::write_file(path, bytes)?;
        converted.bytes_written += bytes.len() as u64;
    }
    Ok(converted)
}

fn summary(converted: &[Converted], folder: &Path) -> String {
    let sum = |of: fn(&Converted) -> u64| Mib::from_bytes(converted.iter().map(of).sum()).get();
    let samples: usize = converted.iter().map(|one| one.samples).sum();
    let (read, written) = (sum(|one| one.bytes_read), sum(|one| one.bytes_written));
    format!(
        "{}, {} {} in {}: {} MiB of {} MiB read\n",
        counted(converted.len(), "run"),
        count(samples),
        if samples == 1 { "sample" } else { "samples" },
        escape::control(&folder.display().to_string()),
        small_mib(written),
        small_mib(read)
    )
}
