//! A file that a caller passes in: its path, or its bytes.

use std::path::Path;

use super::input::{Input, Share};
use super::open::STDIN;
use super::skipped::Skipped;

/// How Parquet files begin.
pub(super) const TABLE: &[u8] = b"PAR1";

/// A file, and its bytes where the caller has read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content<'a> {
    /// Where it is from: a path, or any name. A path is opened where there are no bytes; `file:` before it is left out.
    pub uri: &'a str,
    /// Its bytes, packed or not.
    pub bytes: Option<&'a [u8]>,
}

impl<'a> Content<'a> {
    /// As a file to read.
    ///
    /// # Errors
    /// Where it is a table of memtool's own, which is read in pieces from its place.
    pub(super) fn input(self, share: Share, buffer: &'a mut Vec<u8>) -> Result<Input<'a>, Skipped> {
        match self.bytes {
            None => Ok(Input::new(Path::new(local(self.uri)), share, buffer)),
            Some(bytes) if bytes.starts_with(TABLE) => Err(Skipped {
                path: self.uri.to_owned(),
                error:
                    "a Parquet table is read from its path, not from its bytes: hand it over without bytes"
                        .to_owned(),
            }),
            Some(bytes) => Ok(Input::in_memory(Path::new(self.uri), bytes, share, buffer)),
        }
    }
}

/// The path in a URI of this machine; `-` is a file here, and nobody waits for what is piped in.
fn local(uri: &str) -> &str {
    if uri == STDIN {
        return "./-";
    }
    uri.strip_prefix("file://").or_else(|| uri.strip_prefix("file:")).unwrap_or(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_of_this_machine_is_a_path() {
        for uri in ["/a/b.ndjson", "file:/a/b.ndjson", "file:///a/b.ndjson"] {
            assert_eq!(local(uri), "/a/b.ndjson");
        }
        assert_eq!(local("-"), "./-");
        assert_eq!(local("s3://a/b"), "s3://a/b");
    }
}
