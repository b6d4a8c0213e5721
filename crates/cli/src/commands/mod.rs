//! One command a file: arguments, plan, call, print.

pub(crate) mod analyze;
pub(crate) mod chart;
pub(crate) mod check_config;
pub(crate) mod compare;
pub(crate) mod convert;
pub(crate) mod doctor;
pub(crate) mod fit;
pub(crate) mod formats;
pub(crate) mod monitor;
pub(crate) mod recommendations;
pub(crate) mod record;
pub(crate) mod request;
pub(crate) mod retry_size;
pub(crate) mod run;
pub(crate) mod simulate;
mod task_records;
pub(crate) mod tune;

use std::path::PathBuf;

use memtool_analyzer::{Loaded, Skipped, load_all};
use memtool_profile_model::{Run, Warning};

use crate::args::Budget;
use crate::escape;
use crate::exit::Exit;
use crate::output;
use crate::progress::Progress;
use crate::text::{counted, mib, percent, wrapped};

/// Names the files that could not be used, on standard error.
fn report_skipped(skipped: &[Skipped]) {
    for file in skipped {
        output::message(&format!("skipped {}: {}", escape::name(&file.path), file.error));
    }
}

/// Reads every run behind the paths and keeps them all; names what could not be read, and what
/// did not fit into memory.
fn load_runs(paths: &[PathBuf], budget: &Budget) -> (Vec<(PathBuf, Run)>, Vec<Skipped>) {
    let bar = Progress::files();
    let Loaded { values, skipped, .. } = load_all(paths, Some(budget.bytes()), |done, of| bar.at(done, of));
    drop(bar);
    report_skipped(&skipped);
    for (path, run) in &values {
        for kept in run.warnings.iter().filter(|warning| matches!(warning, Warning::KeptSome { .. })) {
            output::message(&format!("{}: {kept}", escape::name(&path.display().to_string())));
        }
    }
    (values, skipped)
}

/// Done, unless nothing could be read.
fn exit_for(readable: usize) -> Exit {
    if readable == 0 {
        output::message("no readable memory profile or stream in the given paths");
        return Exit::NoInput;
    }
    Exit::Done
}
