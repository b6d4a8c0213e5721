//! All readers.

use crate::head::Head;
use crate::reader::{Certainty, Reader};
use crate::{
    con_duct, dask, duckdb, free, gnu_time, mprof, nextflow, pidstat, prmon, procpath, ps, psrecord, psutil,
    sacct, sadf, sar, snakemake, top, vmstat,
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
