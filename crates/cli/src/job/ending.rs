//! How a job ended.

use std::process::ExitStatus;

use crate::signals;

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// By itself, with a code.
    Code(i32),
    /// By a signal.
    Signal(i32),
}

impl Ending {
    const KILL: i32 = 9;

    pub(crate) fn of(status: ExitStatus) -> Self {
        match (status.code(), signal_of(status)) {
            (Some(code), _) => Self::Code(code),
            (None, Some(signal)) => Self::Signal(signal),
            (None, None) => Self::Code(1),
        }
    }

    /// The exit code of this program: what a shell would report for the job.
    pub(crate) const fn exit_code(self) -> i32 {
        match self {
            Self::Code(code) => code,
            Self::Signal(signal) => 128 + signal,
        }
    }

    /// Whether the kernel's out-of-memory killer may have ended it, or a process that a shell waited for.
    pub(crate) fn may_be_a_kill(self) -> bool {
        self.exit_code() == 128 + Self::KILL
    }

    /// Whether a signal ended it, not a process that it waited for.
    pub(crate) const fn is_signal(self) -> bool {
        matches!(self, Self::Signal(_))
    }

    /// The text for the summary.
    pub(crate) fn words(self) -> String {
        match self {
            Self::Code(code) => format!("exit {code}"),
            Self::Signal(signal) => format!("killed by {}", signals::name(signal)),
        }
    }
}

#[cfg(unix)]
fn signal_of(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal_of(_: ExitStatus) -> Option<i32> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn a_signal_is_reported_as_shells_do() {
        let killed = Ending::of(ExitStatus::from_raw(9));
        assert_eq!((killed.exit_code(), killed.may_be_a_kill()), (137, true));
        assert_eq!(killed.words(), "killed by SIGKILL");
        let ended = Ending::of(ExitStatus::from_raw(7 << 8));
        assert_eq!((ended.exit_code(), ended.words().as_str()), (7, "exit 7"));
    }
}
