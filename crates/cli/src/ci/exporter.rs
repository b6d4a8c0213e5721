//! What writes checks for one CI system.

use super::check::CheckReport;

/// A format of a CI system.
#[derive(Debug)]
pub(crate) struct CiExporter {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// What it is for, in a line of help.
    pub(crate) about: &'static str,
    /// The report in this format; it fails only where memtool is at fault.
    pub(crate) export: fn(&CheckReport) -> anyhow::Result<String>,
}
