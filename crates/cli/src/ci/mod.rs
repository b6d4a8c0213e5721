//! Results as CI systems read them: checks that passed or failed, in one exporter per format.
//!
//! A command turns its result into a [`CheckReport`]; an exporter turns that into text. A new format
//! is a file here and a line in [`export`].

mod check;
mod github;
mod junit;
mod sarif;

use crate::args::CiFormat;

pub(crate) use check::{
    Check, CheckReport, Level, Outcome, Suite, readable_rule, unreadable, unreadable_check,
};

/// The report in a format.
///
/// # Errors
/// Where it cannot be written as JSON, which is a fault of memtool.
pub(crate) fn export(report: &CheckReport, format: CiFormat) -> anyhow::Result<String> {
    match format {
        CiFormat::Github => Ok(github::export(report)),
        CiFormat::Junit => Ok(junit::export(report)),
        CiFormat::Sarif => sarif::export(report),
    }
}
