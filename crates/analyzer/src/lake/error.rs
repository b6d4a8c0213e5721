//! Errors of a lake.

use std::io;
use std::path::{Path, PathBuf};

use crate::table::TableError;

/// A lake that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LakeError {
    /// There is no such folder, or it is no lake.
    #[error("{}: expected a lake (a folder with `runs`) or files of runs, found neither; `memtool convert PATH --lake FOLDER` makes a lake", .0.display())]
    NoLake(PathBuf),
    /// A file or folder cannot be read, written or removed.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A table cannot be built or read.
    #[error("{}: {source}", .path.display())]
    Table {
        /// Its file.
        path: PathBuf,
        /// Why.
        source: TableError,
    },
    /// A run has no JSON form.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl LakeError {
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::Io { path, source }
    }

    pub(super) fn table(path: &Path) -> impl FnOnce(TableError) -> Self {
        let path = path.to_owned();
        |source| Self::Table { path, source }
    }
}
