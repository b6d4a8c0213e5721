//! Prints a result in the requested format, and adds it to the summary of a CI step.

use std::fs::OpenOptions;
use std::io::Write as _;

use anyhow::Context as _;
use serde::Serialize;

use crate::args::{Publish, ReportFormat};
use crate::ci::CheckReport;
use crate::output;

/// Where a step of GitHub Actions finds the file of its summary.
const SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// A result in each of the forms that it is printed in.
pub(crate) trait Forms {
    /// What its JSON is of.
    fn json(&self) -> impl Serialize;

    /// For people, at a terminal.
    ///
    /// # Errors
    /// Where a part of it cannot be read from a temporary file.
    fn text(&self) -> anyhow::Result<String>;

    /// For the comments of a review.
    ///
    /// # Errors
    /// As of the text.
    fn markdown(&self) -> anyhow::Result<String>;

    /// As checks, for CI systems.
    ///
    /// # Errors
    /// Where a name cannot be written, which is a fault of memtool.
    fn checks(&self) -> anyhow::Result<CheckReport<'_>>;
}

/// Prints a result, and adds it to the step's summary if requested.
///
/// # Errors
/// Where it cannot be written, or there is no step with a summary.
pub(crate) fn publish(result: &impl Forms, asked: &Publish) -> anyhow::Result<()> {
    match asked.format {
        ReportFormat::Json => output::print_json(&result.json()),
        ReportFormat::Text => output::print(&result.text()?),
        ReportFormat::Markdown => output::print(&result.markdown()?),
        ReportFormat::Ci(exporter) => {
            let checks = result.checks()?;
            output::print_whole(|out| (exporter.export)(&checks, out))
        }
    }?;
    summarize(result, asked.step_summary)
}

/// Adds a result to the summary of a step of GitHub Actions.
///
/// # Errors
/// Where there is no such step, or its file cannot be written.
pub(crate) fn summarize(result: &impl Forms, asked: bool) -> anyhow::Result<()> {
    if !asked {
        return Ok(());
    }
    let path = std::env::var_os(SUMMARY).filter(|path| !path.is_empty()).with_context(|| {
        format!("--step-summary: {SUMMARY} is not set: this is no step of GitHub Actions")
    })?;
    let markdown = result.markdown()?;
    let added = OpenOptions::new().create(true).append(true).open(&path);
    added
        .and_then(|mut file| file.write_all(format!("{markdown}\n").as_bytes()))
        .with_context(|| format!("cannot add to the step's summary {}", path.display()))
}
