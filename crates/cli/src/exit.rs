//! How the program ends.

use std::process::ExitCode;

/// The promised exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// Findings at or above `--fail-on`, or an invalid config.
    Findings = 1,
    /// Bad use, or a config that cannot be read.
    Usage = 2,
    /// No input could be read.
    NoInput = 3,
    /// A verdict was demanded that the data cannot carry.
    Inconclusive = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
