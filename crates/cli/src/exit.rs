//! The exit codes of the program.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// Findings at or above `--fail-on`, a regression, or an invalid config.
    Findings,
    /// A usage error, or a config that cannot be read.
    Usage,
    /// No input could be read.
    NoInput,
    /// The data is inconclusive, or there is no answer: no config, size or request.
    Inconclusive,
    /// The exit code of a recorded job.
    Job(i32),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Findings => 1,
            Exit::Usage => 2,
            Exit::NoInput => 3,
            Exit::Inconclusive => 4,
            Exit::Job(code) => u8::try_from(code).unwrap_or(u8::MAX),
        })
    }
}
