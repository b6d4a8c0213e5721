//! A job's YAML, read with errors that name the file.

use std::path::Path;

use anyhow::Context;
use memtool_job_config::{ConfigFile, read_config};

use crate::output;

/// Reads a job's YAML.
///
/// # Errors
/// Where the file cannot be read or is no YAML; the error names the file.
pub(crate) fn read(path: &Path) -> anyhow::Result<ConfigFile> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    read_config(&text).with_context(|| path.display().to_string())
}

/// Reads a job's YAML and prints the notes on it to standard error.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_with_notes(path: &Path) -> anyhow::Result<ConfigFile> {
    let file = read(path)?;
    for note in &file.notes {
        output::message(&format!("{}: {note}", path.display()));
    }
    Ok(file)
}
