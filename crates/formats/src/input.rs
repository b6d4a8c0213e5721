//! What a reader reads from.

use std::io::{self, BufRead, Read};

use memtool_profile_model::ReadError;

use crate::faults::Faults;
use crate::limits::Limits;
use crate::lines::Lines;

/// A document that is read in one piece, as most JSON is, may be so long.
const LARGEST_DOCUMENT: u64 = 64 << 20;

/// A file that is being read.
///
/// The parts are apart so that a line can be held while a fault is counted.
pub struct Input<'r> {
    pub(crate) lines: Lines<'r>,
    pub(crate) faults: Faults,
    pub(crate) limits: Limits,
}

impl<'r> Input<'r> {
    pub(crate) fn new(reader: &'r mut dyn BufRead, limits: Limits) -> Self {
        Self { lines: Lines::new(reader), faults: Faults::default(), limits }
    }

    /// What lies ahead, blanks and a byte order mark left out: by it a reader tells forms apart.
    ///
    /// # Errors
    /// Where it cannot be read on.
    pub(crate) fn peek(&mut self) -> io::Result<&[u8]> {
        let ahead = self.lines.reader().fill_buf()?;
        Ok(ahead.strip_prefix(b"\xef\xbb\xbf").unwrap_or(ahead).trim_ascii_start())
    }

    /// All of the file, where it is a document in one piece.
    ///
    /// # Errors
    /// Where it cannot be read on, or is longer than any such document.
    pub(crate) fn document(&mut self) -> Result<Vec<u8>, ReadError> {
        let mut bytes = Vec::new();
        self.lines.reader().take(LARGEST_DOCUMENT + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LARGEST_DOCUMENT {
            let limit = format!("a document of more than {} MiB is not read", LARGEST_DOCUMENT >> 20);
            return Err(io::Error::new(io::ErrorKind::InvalidData, limit).into());
        }
        if bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        Ok(bytes)
    }

    /// The JSON document that the file is.
    ///
    /// # Errors
    /// Where it is no such document; line and column are named.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&mut self) -> Result<T, ReadError> {
        let bytes = self.document()?;
        serde_json::from_slice(&bytes)
            .map_err(|error| ReadError::json(&error, &String::from_utf8_lossy(&bytes), 1))
    }
}
