//! Where the lines of a stream go.

use std::io;
use std::path::Path;

/// Takes the lines of a stream.
pub trait Sink: Send {
    /// Takes whole lines. What cannot be written is counted, never kept for later: a full disk
    /// must not fill the memory too.
    fn write(&mut self, lines: &[u8]) -> Written;

    /// Forces what was taken out to the disk.
    ///
    /// # Errors
    /// The error of the system.
    fn sync(&mut self) -> io::Result<()>;

    /// The file that is written, if it is one.
    fn path(&self) -> Option<&Path> {
        None
    }
}

/// The result of writing some lines.
#[derive(Debug, Default)]
pub struct Written {
    /// Lines that could not be written.
    pub lost: u64,
    /// Lines written earlier that are lost, because the file was removed.
    pub removed: u64,
    /// Why.
    pub problem: Option<io::Error>,
}

impl Written {
    pub(crate) fn failed(lines: &[u8], problem: io::Error) -> Self {
        Self { lost: count(lines), removed: 0, problem: Some(problem) }
    }
}

/// How many lines end in these bytes.
pub(crate) fn count(lines: &[u8]) -> u64 {
    lines.iter().filter(|byte| **byte == b'\n').count() as u64
}
