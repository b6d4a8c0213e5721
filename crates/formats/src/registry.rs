//! All readers.

use crate::head::Head;
use crate::reader::{Certainty, Reader};
use crate::{
    con_duct, dask, duckdb, free, gnu_time, go_gc, heaptrack_print, jvm_gc, massif, memray, mprof, nextflow,
    node_gc, pidstat, prmon, procpath, prometheus, ps, psrecord, psutil, sacct, sadf, sar, scalene,
    snakemake, top, vmstat,
};

/// All readers; of two that are equally sure the first reads a file.
pub const READERS: &[Reader] = &[
    mprof::READER,
    psrecord::READER,
    procpath::READER,
    pidstat::READER,
    top::READER,
    ps::READER,
    gnu_time::READER,
    con_duct::READER,
    prmon::READER,
    psutil::READER,
    sadf::READER,
    sar::READER,
    free::READER,
    vmstat::READER,
    snakemake::READER,
    sacct::READER,
    nextflow::READER,
    dask::READER,
    duckdb::READER,
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
