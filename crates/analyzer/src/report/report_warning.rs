//! Warnings about the figures of a report.

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
    /// Memory is PSS: each page counts once, however many processes share it.
    Proportional {
        /// The largest sum of RSS over the processes, an upper bound.
        summed_mb: f64,
    },
    /// The RSS of several processes is added up.
    SummedRss,
    /// Another file has a figure of the same task.
    SameTask {
        /// The other run.
        other: String,
        /// Its peak.
        other_mb: f64,
        /// This run's peak.
        own_mb: f64,
    },
    /// The text that is kept in a stored report.
    Stored(String),
}

impl ReportWarning {
    /// A name for it that stays.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::File(warning) => warning.code(),
            Self::Proportional { .. } => "proportional",
            Self::SummedRss => "summed_rss",
            Self::SameTask { .. } => "same_task",
            Self::Stored(_) => "stored",
        }
    }
}

impl fmt::Display for ReportWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(warning) => warning.fmt(f),
            Self::Proportional { summed_mb } => write!(
                f,
                "memory is proportional (PSS): shared pages count once; the sum of RSS, an upper bound, reached \
                 {summed_mb:.0} MiB"
            ),
            Self::SummedRss => f.write_str(
                "RSS is summed over the process and its children: an upper bound, since pages that they share count in each",
            ),
            Self::SameTask { other, other_mb, own_mb } => write!(
                f,
                "the same task is in {other}: {other_mb:.0} MiB there, {own_mb:.0} here; each was sampled, so its peak is at \
                 least {:.0} MiB",
                other_mb.max(*own_mb)
            ),
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
