//! What writes checks for one CI system.

use std::io::Write;

use super::check::CheckReport;

/// A format of a CI system.
#[derive(Debug)]
pub(crate) struct CiExporter {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// What it is for, in a line of help.
    pub(crate) about: &'static str,
    /// Writes the report in this format.
    pub(crate) export: fn(&CheckReport<'_>, &mut dyn Write) -> anyhow::Result<()>,
}

#[cfg(test)]
impl CiExporter {
    /// What it makes of the sample.
    pub(super) fn of_sample(&self) -> String {
        let mut text = Vec::new();
        (self.export)(&super::check::sample::report(), &mut text).expect("memory");
        String::from_utf8(text).expect("text")
    }
}
