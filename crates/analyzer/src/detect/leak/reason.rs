//! Why a leak's verdict is what it is: a code for programs, words for people.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The test that decided the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReasonCode {
    /// The baseline grows and passes every test.
    Growing,
    /// It grows by too little to matter.
    Small,
    /// Its troughs rise and fall.
    NoTrend,
    /// It rose in one step, or in a few.
    LevelShift,
    /// It climbs towards peaks that do not rise.
    LevelPeaks,
    /// The end of the work gave it back.
    Released,
    /// It slows down, or has ended.
    Saturating,
    /// Too few cycles to tell a trend.
    FewCycles,
    /// One ramp, too short to tell it from loading.
    Ramp,
    /// Too few samples, or too short a run.
    Insufficient,
    /// Only mapped files and shared memory grow.
    MappedFiles,
    /// RSS grows and live bytes do not: the allocator keeps what was freed.
    Retention,
    /// RSS grows where no counter of the job looks.
    Unaccounted,
    /// Batch sizes grew with memory.
    LargerBatches,
    /// Memory rose at once at the end: what grew may be results that were put together.
    Joined,
    /// Only collections of a heap's young part show growth.
    YoungOnly,
    /// The job declares what grows.
    Declared,
}

impl ReasonCode {
    /// The code in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Growing => "growing",
            Self::Small => "small",
            Self::NoTrend => "no_trend",
            Self::LevelShift => "level_shift",
            Self::LevelPeaks => "level_peaks",
            Self::Released => "released",
            Self::Saturating => "saturating",
            Self::FewCycles => "few_cycles",
            Self::Ramp => "ramp",
            Self::Insufficient => "insufficient",
            Self::MappedFiles => "mapped_files",
            Self::Retention => "retention",
            Self::Unaccounted => "unaccounted",
            Self::LargerBatches => "larger_batches",
            Self::Joined => "joined",
            Self::YoungOnly => "young_only",
            Self::Declared => "declared",
        }
    }
}

/// A code with its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reason {
    pub(super) code: ReasonCode,
    words: String,
}

impl Reason {
    pub(super) fn new(code: ReasonCode, words: impl Into<String>) -> Self {
        Self { code, words: words.into() }
    }

    /// The same code with more words at the end.
    pub(super) fn and(mut self, more: &str) -> Self {
        self.words.push_str("; ");
        self.words.push_str(more);
        self
    }
}

/// `code: words`, as in output.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.words)
    }
}
