//! `memtool convert --lake`: runs beside those of other jobs and machines.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use memtool_analyzer::lake::{Addition, Lake};
use memtool_analyzer::{Loaded, load};
use memtool_profile_model::{Mib, Run};

use super::{counted, exit_for, file_options, report_skipped, small_mib, whole};
use crate::args::Convert;
use crate::escape;
use crate::exit::Exit;
use crate::output;
use crate::progress::Progress;

pub(super) fn run(args: &Convert, folder: &Path) -> anyhow::Result<Exit> {
    // One after the other: of two recordings of one run the longer one is kept.
    let lake = Mutex::new(Lake::at(folder));
    let bar = Progress::files();
    let one = |path: &Path, run: Run| add(&lake.lock().unwrap_or_else(PoisonError::into_inner), path, &run);
    let files = file_options(&args.budget, &args.mapping);
    let Loaded { values, skipped, .. } = load(&args.paths, files, |done, of| bar.at(done, of), one);
    drop(bar);
    report_skipped(&skipped);
    if values.is_empty() {
        return Ok(exit_for(0));
    }
    let added = values.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    output::print(&summary(&added, folder))?;
    Ok(Exit::Done)
}

/// Adds a run, and returns the bytes written; `None` if the lake has it already.
fn add(lake: &Lake, path: &Path, run: &Run) -> anyhow::Result<Option<u64>> {
    whole(path, run)?;
    let addition =
        lake.addition(path, run).with_context(|| format!("cannot add {} to the lake", path.display()))?;
    let Addition::Files { written, stale } = addition else { return Ok(None) };
    for (path, bytes) in &written {
        output::write_file(path, bytes)?;
    }
    for path in stale {
        fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(Some(written.iter().map(|(_, bytes)| bytes.len() as u64).sum()))
}

fn summary(added: &[Option<u64>], folder: &Path) -> String {
    let new = added.iter().flatten().count();
    let mebibytes = Mib::from_bytes(added.iter().flatten().sum()).get();
    let known = match added.len() - new {
        0 => String::new(),
        known => format!(", {} there already", counted(known, "run")),
    };
    let folder = escape::control(&folder.display().to_string());
    format!("{} added to {folder}: {} MiB{known}\n", counted(new, "run"), small_mib(mebibytes))
}
