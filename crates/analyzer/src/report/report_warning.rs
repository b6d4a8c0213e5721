//! What a reader of a report should know before trusting its figures.

use std::fmt;

use memtool_profile_model::Warning;
use serde::{Deserialize, Serialize};

/// A doubt about a report's figures. In JSON it is its text.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(from = "String", into = "String")]
#[non_exhaustive]
pub enum ReportWarning {
    /// Something about the file.
    File(Warning),
    /// The text that is kept in a stored report.
    Stored(String),
}

impl fmt::Display for ReportWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(warning) => warning.fmt(f),
            Self::Stored(text) => f.write_str(text),
        }
    }
}

impl From<String> for ReportWarning {
    fn from(text: String) -> Self {
        Self::Stored(text)
    }
}

impl From<ReportWarning> for String {
    fn from(warning: ReportWarning) -> Self {
        warning.to_string()
    }
}
