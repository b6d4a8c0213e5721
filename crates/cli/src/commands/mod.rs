//! One command a file: arguments, plan, call, print.

pub(crate) mod accuracy;
pub(crate) mod analyze;
pub(crate) mod chart;
pub(crate) mod check_config;
pub(crate) mod compare;
pub(crate) mod convert;
pub(crate) mod doctor;
pub(crate) mod formats;
pub(crate) mod monitor;
pub(crate) mod recommendations;
pub(crate) mod record;
pub(crate) mod simulate;
pub(crate) mod tune;

use std::path::PathBuf;

use memtool_analyzer::{Loaded, Skipped, load_all};
use memtool_profile_model::{Run, Warning};

use crate::args::Memory;
use crate::exit::Exit;
use crate::output;
use crate::progress::Progress;
use crate::text::{counted, mib, percent, span, wrapped};

/// Names the files that could not be used, on standard error.
fn say_skipped(skipped: &[Skipped]) {
    for file in skipped {
        output::say(&format!(
            "memtool: skipped {}: {}",
            output::harmless(&file.path),
            output::harmless(&file.error)
        ));
    }
}

/// Reads every run behind the paths and keeps them all; names what could not be read, and what
/// did not fit into memory.
fn load_runs(paths: &[PathBuf], memory: &Memory) -> (Vec<(PathBuf, Run)>, Vec<Skipped>) {
    let bar = Progress::files();
    let Loaded { values, skipped, .. } = load_all(paths, memory.bytes(), |done, of| bar.at(done, of));
    drop(bar);
    say_skipped(&skipped);
    for (path, run) in &values {
        for kept in run.warnings.iter().filter(|warning| matches!(warning, Warning::KeptSome { .. })) {
            output::say(&format!("memtool: {}: {kept}", output::harmless(&path.display().to_string())));
        }
    }
    (values, skipped)
}

/// Done, unless nothing could be read.
fn exit_for(readable: usize) -> Exit {
    if readable == 0 {
        output::say("memtool: no readable memory profile or stream in the given paths");
        return Exit::NoInput;
    }
    Exit::Done
}

/// The part of a path that tells a run from its neighbours.
fn run_name(path: &str) -> String {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let packed = file.strip_suffix(".gz").or_else(|| file.strip_suffix(".zst")).unwrap_or(file);
    let stem = [".json", ".ndjson", ".parquet"].into_iter().find_map(|ending| packed.strip_suffix(ending));
    let stem = stem.unwrap_or(packed);
    let stem = stem.strip_suffix(".profile").unwrap_or(stem);
    stem.strip_prefix("memory_profile_").unwrap_or(stem).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_named_by_its_file() {
        assert_eq!(run_name("a/memory_profile_20260101_000000.json.gz"), "20260101_000000");
        assert_eq!(run_name("phases__fixed__r1.profile.json"), "phases__fixed__r1");
    }
}
