//! The limit on file sizes, `RLIMIT_FSIZE`.
//!
//! The kernel ends a process that writes beyond it by `SIGXFSZ`, unless that signal is handled. A
//! recorder must not end its host, nor change its host's signals: it asks first.

use std::io;

/// Bytes that a file of this length may still grow by.
pub(crate) fn room(length: u64) -> u64 {
    limit().saturating_sub(length)
}

/// The error of a write beyond the limit.
pub(crate) fn exceeded() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "the limit on file sizes (RLIMIT_FSIZE) is reached")
}

#[cfg(unix)]
fn limit() -> u64 {
    rustix::process::getrlimit(rustix::process::Resource::Fsize).current.unwrap_or(u64::MAX)
}

#[cfg(not(unix))]
fn limit() -> u64 {
    u64::MAX
}
