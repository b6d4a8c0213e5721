//! Puts runs into a lake.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use memtool_profile_model::Run;

use super::error::LakeError;
use super::layout;
use super::run_row;
use crate::report::{ExportedFile, finding_row, profile};
use crate::table::{Dataset, FindingRow, Rows};

/// A lake that runs are added to.
#[derive(Debug)]
pub struct Lake {
    folder: PathBuf,
    /// By day, the runs of compacted files by id.
    compacted: Mutex<BTreeMap<String, HashMap<String, KnownRun>>>,
}

/// What a run adds to a lake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addition {
    /// Nothing: it is there as it is.
    AlreadyThere,
    /// Files, to be written in this order, and then those to be removed that an earlier state of the run left.
    Files {
        /// Path and bytes.
        written: Vec<ExportedFile>,
        /// What the run has no rows for any more.
        stale: Vec<PathBuf>,
    },
}

impl Lake {
    /// The lake in a folder, which is made by the first run.
    #[must_use]
    pub fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), compacted: Mutex::default() }
    }

    /// What a run, read from a path, adds.
    ///
    /// # Errors
    /// Where a table cannot be built, or what is there cannot be read.
    pub fn addition(&self, path: &Path, run: &Run) -> Result<Addition, LakeError> {
        // Before the run is judged, which costs more.
        let day = layout::day_folder(run.known_start());
        let (id, digest) = (run_row::id(run), run_row::digest(run)?);
        let own = layout::folder(&self.folder, Dataset::Runs, &day, None).join(layout::file_of_run(&id));
        let known = self.known(&own, &day, &id)?;
        if known.is_some_and(|known| known.digest == digest || known.samples > run.snapshots.len()) {
            return Ok(Addition::AlreadyThere);
        }
        let report = profile(path, run);
        let findings: Vec<FindingRow> = report.findings.iter().map(finding_row).collect();
        let row = run_row::row(path, run, &report, digest)?;
        let job = row.job.clone();
        let tables = [
            (Dataset::Samples, Rows::of_samples(&id, run)),
            (Dataset::Batches, Rows::of_batches(&id, run)),
            (Dataset::Findings, Rows::of_findings(&id, job.as_deref(), &findings)),
            (Dataset::Runs, Rows::of_runs(&[row])),
        ];
        let (mut written, mut stale) = (Vec::new(), Vec::new());
        for (dataset, rows) in tables {
            let folder = layout::folder(&self.folder, dataset, &day, job.as_deref());
            let file = folder.join(layout::file_of_run(&id));
            if rows.count() > 0 {
                let bytes = rows.into_file().map_err(LakeError::table(&file))?;
                written.push((file, bytes));
            } else if file.exists() {
                stale.push(file);
            }
        }
        Ok(Addition::Files { written, stale })
    }

    /// What is there of a run: in its own file, else in one of several runs.
    fn known(&self, own: &Path, day: &str, id: &str) -> Result<Option<KnownRun>, LakeError> {
        if own.exists() {
            // A file that cannot be read is written again.
            let found = known_runs(own).ok();
            return Ok(found.and_then(|runs| runs.into_iter().next()).map(|(_, known)| known));
        }
        let mut compacted = self.compacted.lock().unwrap_or_else(PoisonError::into_inner);
        if !compacted.contains_key(day) {
            let folder = layout::folder(&self.folder, Dataset::Runs, day, None);
            let mut runs = HashMap::new();
            for file in layout::files(&folder)?.into_iter().filter(|file| layout::is_compacted(file)) {
                runs.extend(known_runs(&file)?);
            }
            compacted.insert(day.to_owned(), runs);
        }
        Ok(compacted.get(day).and_then(|runs| runs.get(id)).cloned())
    }
}

/// What a lake has of a run: of two recordings of one run the longer one is kept.
#[derive(Debug, Clone)]
pub(super) struct KnownRun {
    digest: String,
    samples: usize,
}

/// The runs in a file, by id.
fn known_runs(file: &Path) -> Result<Vec<(String, KnownRun)>, LakeError> {
    let rows =
        Rows::read(file, Dataset::Runs, &["run", "digest", "samples"]).map_err(LakeError::table(file))?;
    let columns = rows.texts("run").into_iter().zip(rows.texts("digest")).zip(rows.longs("samples"));
    let known = columns.filter_map(|((run, digest), samples)| {
        let samples = usize::try_from(samples?).ok()?;
        Some((run?.to_owned(), KnownRun { digest: digest?.to_owned(), samples }))
    });
    Ok(known.collect())
}

/// Removes a file that another program may have removed meanwhile.
pub(super) fn remove(file: &Path) -> Result<(), LakeError> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(LakeError::io(file)(error)),
        _ => Ok(()),
    }
}
