//! The straight line from paths to an analysis.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use super::analysis::{Analysis, Spread, Summary};
use super::beside::judge_beside;
use super::reports::{ReportStore, ReportsError};
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
/// A run is dropped once it is analysed, and of many runs most reports are in a temporary file: memory grows neither with
/// the number of samples nor, but for some 400 bytes of each, with the number of files.
/// `progress` hears how many files are done, and of how many.
/// Files that cannot be read are in `skipped`.
///
/// # Errors
/// Where the temporary file cannot be made, written or read.
pub fn analyze(
    paths: &[PathBuf],
    reading: Reading,
    progress: impl Fn(usize, usize) + Sync,
) -> Result<Analysis, ReportsError> {
    analyze_into(ReportStore::default(), paths, &reading, progress)
}

fn analyze_into(
    store: ReportStore,
    paths: &[PathBuf],
    reading: &Reading,
    progress: impl Fn(usize, usize) + Sync,
) -> Result<Analysis, ReportsError> {
    let has_failed = AtomicBool::new(false);
    let Loaded { values, skipped, ignored } = load_with(paths, reading.files.clone(), progress, |input| {
        if has_failed.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let entry = store.put(Source::open(input, reading.recompute)?.report(input.path()));
        has_failed.fetch_or(entry.is_err(), Ordering::Relaxed);
        Ok(Some(entry))
    });
    let mut profiles = store.reports(values.into_iter().flatten().collect::<Result<_, _>>()?);
    judge_beside(&mut profiles, &reading.files)?;
    name_same_tasks(&mut profiles)?;
    let summary = Summary {
        profiles: profiles.len(),
        skipped: skipped.len(),
        ignored,
        findings: profiles.figures().map(|run| run.findings).sum(),
        runs: Spread::of(profiles.figures()),
    };
    Ok(Analysis { schema: "memtool.analysis/1", profiles, skipped, summary })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn reports_in_a_file_are_those_in_memory() {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
        // The last one has runs beside each other.
        let folders = ["runs", "broken", "foreign"].map(|name| fixtures.join(name));
        let said = |room: usize| {
            let store = ReportStore::with_room(room);
            let analysis =
                analyze_into(store, &folders, &Reading::default(), |_, _| {}).expect("room on the disk");
            serde_json::to_string(&analysis).expect("plain data")
        };
        let in_memory = said(usize::MAX);
        assert!(in_memory.contains("outside_the_heap"), "no report is replaced");
        assert_eq!(said(0), in_memory);
        assert_eq!(said(7), in_memory);
    }
}
