//! A file that could not be used.

use std::fmt::Display;
use std::path::Path;

use serde::Serialize;

/// A file that could not be used, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The file.
    pub path: String,
    /// What is wrong with it.
    pub error: String,
}

impl Skipped {
    pub(crate) fn new(path: &Path, error: &impl Display) -> Self {
        Self { path: path.display().to_string(), error: error.to_string() }
    }
}
