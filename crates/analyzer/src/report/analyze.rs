//! The straight line from paths to an analysis.

use std::path::PathBuf;

use super::analysis::{Analysis, FindingCount, Spread, Summary};
use super::beside::judge_beside;
use super::same_task::name_same_tasks;
use super::source::Source;
use crate::files::{FileOptions, Loaded, load_with};

/// How files are read for an analysis.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// Judge every run again, though the report that this version made is stored in a table.
    pub recompute: bool,
    /// How files are read.
    pub files: FileOptions,
}

/// Analyses every memory file behind the paths, in parallel.
///
/// A run is dropped once it is analysed: memory does not grow with the number of samples.
/// `progress` hears how many files are done, and of how many.
/// Files that cannot be read are in `skipped`.
pub fn analyze(paths: &[PathBuf], reading: Reading, progress: impl Fn(usize, usize) + Sync) -> Analysis {
    let Loaded { values: mut profiles, skipped, ignored } =
        load_with(paths, reading.files.clone(), progress, |input| {
            Ok(Source::open(input, reading.recompute)?.report(input.path()))
        });
    judge_beside(&mut profiles, &reading.files);
    name_same_tasks(&mut profiles);
    let summary = Summary {
        profiles: profiles.len(),
        skipped: skipped.len(),
        ignored,
        findings: FindingCount::of(profiles.iter().flat_map(|p| &p.findings)),
        runs: Spread::of(&profiles),
    };
    Analysis { schema: "memtool.analysis/1", profiles, skipped, summary }
}
