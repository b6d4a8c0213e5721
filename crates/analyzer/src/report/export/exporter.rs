//! An exporter: it writes runs in one format.

use std::io;
use std::path::{Path, PathBuf};

use memtool_profile_model::Run;

use crate::table::TableError;

/// A file to write: its path and its bytes.
pub type ExportedFile = (PathBuf, Vec<u8>);

/// A form that runs are written in.
#[derive(Debug, Clone, Copy)]
pub struct Exporter {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it writes, in a line of help.
    pub about: &'static str,
    /// The files that a run becomes.
    pub files: fn(&Exported<'_>) -> Result<Vec<ExportedFile>, ConversionError>,
}

/// A run to be written.
#[derive(Debug, Clone, Copy)]
pub struct Exported<'a> {
    /// The file that it was read from.
    pub path: &'a Path,
    /// A name that no other run of the folder has.
    pub name: &'a str,
    /// The run.
    pub run: &'a Run,
    /// The folder that is written to.
    pub folder: &'a Path,
}

/// Why a run cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConversionError {
    /// A table cannot be built.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A record has no JSON form.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A stream cannot be made.
    #[error(transparent)]
    Stream(#[from] io::Error),
    /// A sample needs its time.
    #[error("the file has no date, and this format needs the time of every sample")]
    NoDate,
}

/// The only file of a run, in the folder itself.
pub(super) fn text_file(run: &Exported<'_>, file: String, text: String) -> Vec<ExportedFile> {
    vec![(run.folder.join(file), text.into_bytes())]
}

#[cfg(test)]
pub(super) mod tests {
    use memtool_profile_model::read_run;

    use super::*;

    pub(in super::super) fn recorded() -> Run {
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/recorded/memory_stream_fixed_250.ndjson");
        read_run(&std::fs::read(path).expect("a fixture")).expect("a run")
    }
}
