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

    /// All of the file, where it is a document in one piece. `instead` is what to do with a larger one.
    ///
    /// # Errors
    /// Where it cannot be read on, or is larger than can be held in memory.
    pub(crate) fn document(&mut self, instead: &str) -> Result<Vec<u8>, ReadError> {
        let mut bytes = Vec::new();
        self.lines.reader().take(LARGEST_DOCUMENT + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LARGEST_DOCUMENT {
            let mebibytes = LARGEST_DOCUMENT >> 20;
            return Err(ReadError::Refused {
                what: format!("larger than {mebibytes} MiB, and of a form that is read in one piece"),
                advice: instead.to_owned(),
            });
        }
        if bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        Ok(bytes)
    }

    /// The JSON document that the file is. `instead` is what to do with one that is too large.
    ///
    /// # Errors
    /// Where it is no such document; line and column are named. Where it is too large.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&mut self, instead: &str) -> Result<T, ReadError> {
        let bytes = self.document(instead)?;
        serde_json::from_slice(&bytes)
            .map_err(|error| ReadError::json(&error, &String::from_utf8_lossy(&bytes), 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_that_is_too_large_is_refused_with_what_to_do() {
        let mut endless = io::BufReader::new(io::repeat(b' '));
        let error = Input::new(&mut endless, Limits::default())
            .document("print it as a table")
            .expect_err("too large");
        assert_eq!(
            error.to_string(),
            "it is larger than 64 MiB, and of a form that is read in one piece: print it as a table"
        );
    }
}
