//! Decides how `analyze` reads a file.

use std::path::Path;

use memtool_profile_model::Run;

use super::columns::{Columns, ColumnsBuilder};
use super::profile_report::{profile, report_on};
use super::rules_version::RULES_VERSION;
use super::run_report::ProfileReport;
use crate::files::{Input, Skipped, is_table};
use crate::table::stored_report;

/// What a file gave.
pub(super) enum Source {
    /// A table with the report that rules of this version made of its run: nothing else of it is read.
    StoredReport(Box<ProfileReport>),
    /// A table or a stream, whose samples went into columns one by one: no whole run is kept.
    Columns(Box<(Run, Columns)>),
    /// Any other file, and what could not be read in those ways: a whole run.
    Run(Box<Run>),
}

impl Source {
    /// Opens a file; `recompute` leaves stored reports aside.
    ///
    /// # Errors
    /// Where it cannot be read at all.
    pub(super) fn open(input: &mut Input<'_>, recompute: bool) -> Result<Self, Skipped> {
        let report = (!recompute && input.is_table()).then(|| stored(input.path())).flatten();
        if let Some(report) = report {
            return Ok(Self::StoredReport(Box::new(report)));
        }
        if let Some((run, columns)) = input.pass(ColumnsBuilder::new, ColumnsBuilder::take) {
            let columns = columns.finish(&run.config);
            return Ok(Self::Columns(Box::new((run, columns))));
        }
        Ok(Self::Run(Box::new(input.read()?)))
    }

    /// The report on what it gave.
    pub(super) fn report(self, path: &Path) -> ProfileReport {
        match self {
            Self::StoredReport(report) => *report,
            Self::Columns(read) => report_on(path, &read.0, &read.1),
            Self::Run(run) => profile(path, &run),
        }
    }
}

/// The report that is stored in a table, if rules of this version made it.
pub(super) fn stored(path: &Path) -> Option<ProfileReport> {
    let text = is_table(path).then(|| stored_report(path, RULES_VERSION)).flatten()?;
    let report: ProfileReport = serde_json::from_str(&text).ok()?;
    Some(ProfileReport { path: path.display().to_string(), ..report })
}

/// The report on a run that was read from a path: the one stored in a table, or a new one.
#[must_use]
pub fn report(path: &Path, run: &Run) -> ProfileReport {
    stored(path).unwrap_or_else(|| profile(path, run))
}
