//! All readers.

use crate::head::Head;
use crate::reader::{Certainty, Reader};
use crate::{
    con_duct, gnu_time, go_gc, heaptrack_print, jvm_gc, massif, memray, mprof, node_gc, prometheus, psrecord,
    scalene,
};

/// All readers; of two that are equally sure the first reads a file.
pub const READERS: &[Reader] = &[
    mprof::READER,
    psrecord::READER,
    gnu_time::READER,
    con_duct::READER,
    jvm_gc::READER,
    node_gc::READER,
    go_gc::READER,
    massif::READER,
    heaptrack_print::READER,
    memray::STATS,
    memray::TABLE,
    scalene::READER,
    prometheus::ANSWER,
    prometheus::TEXT,
];

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
