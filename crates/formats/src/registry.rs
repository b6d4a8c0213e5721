//! All readers.

use crate::head::Head;
use crate::reader::{Certainty, Reader};
use crate::{con_duct, gnu_time, mprof, psrecord};

/// All readers; of two that are equally sure the first reads a file.
pub const READERS: &[Reader] = &[mprof::READER, psrecord::READER, gnu_time::READER, con_duct::READER];

/// The reader that is surest of a file's beginning.
#[must_use]
pub fn find(head: &Head<'_>) -> Option<&'static Reader> {
    let mut best = (Certainty::No, None);
    for reader in READERS {
        let certainty = (reader.sniff)(head);
        if certainty > best.0 {
            best = (certainty, Some(reader));
        }
    }
    best.1
}
