//! Results as CI systems read them: checks that passed or failed, in one exporter per format.
//!
//! A command turns its result into a [`CheckReport`]; an exporter turns that into text. A new format
//! is a file here and a line in [`EXPORTERS`].

mod check;
mod exporter;
mod github;
mod junit;
mod sarif;

pub(crate) use check::{
    Check, CheckReport, Level, Outcome, Suite, Suites, readable_rule, unreadable, unreadable_check,
};
pub(crate) use exporter::CiExporter;

/// All formats, in the order of help.
pub(crate) const EXPORTERS: [&CiExporter; 3] = [&junit::EXPORTER, &sarif::EXPORTER, &github::EXPORTER];
