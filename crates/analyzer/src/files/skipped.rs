//! A file that could not be used.

use std::fmt::Display;
use std::path::PathBuf;

/// A file that could not be used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub error: String,
}

impl Skipped {
    pub(crate) fn new(path: PathBuf, error: &impl Display) -> Self {
        Self { path, error: error.to_string() }
    }
}
