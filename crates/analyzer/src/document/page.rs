//! The page of one run.

use std::path::Path;

use memtool_profile_model::Run;
use serde::Serialize;

use super::budget::PageBudget;
use super::course::Course;
use crate::compare::RunFigures;
use crate::files::{Input, Skipped};
use crate::report::{ProfileReport, chart_input, profile};

/// What a report shows of one run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunPage {
    /// Its analysis.
    #[serde(flatten)]
    pub profile: ProfileReport,
    /// What happened over time.
    pub course: Course,
    /// What it is compared by.
    #[serde(skip)]
    pub(super) figures: RunFigures,
}

impl RunPage {
    /// Reads a file and keeps what the report shows of it.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn open(input: &mut Input<'_>, budget: PageBudget) -> Result<Self, Skipped> {
        let run = input.read()?;
        Ok(Self::new(input.path(), &run, budget))
    }

    /// What a report shows of a run that was read from a path.
    #[must_use]
    pub fn new(path: &Path, run: &Run, budget: PageBudget) -> Self {
        let input = chart_input(run, profile(path, run));
        let course = Course::new(run, input.quantity(), input.thresholds(), input.columns(), budget);
        let profile = input.into_report();
        Self { figures: RunFigures::new(run, &profile), course, profile }
    }
}
