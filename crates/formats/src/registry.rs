//! All readers.

use crate::head::Head;
use crate::reader::{Certainty, Reader};

/// All readers; of two that are equally sure the first reads a file.
pub const READERS: &[Reader] = &[
    crate::mprof::READER,
    crate::psrecord::READER,
    crate::pidstat::READER,
    crate::top::READER,
    crate::ps::READER,
    crate::gnu_time::READER,
    crate::con_duct::READER,
    crate::sadf::READER,
    crate::sar::READER,
    crate::free::READER,
    crate::vmstat::READER,
    crate::jvm_gc::READER,
    crate::node_gc::READER,
    crate::go_gc::READER,
    crate::massif::READER,
    crate::heaptrack_print::READER,
    crate::memray::STATS,
    crate::memray::TABLE,
    crate::scalene::READER,
    crate::prometheus::ANSWER,
    crate::prometheus::TEXT,
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
