//! All readers.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::head::Head;
use crate::reader::{Certainty, Reader};
use crate::{
    app_log, atop, con_duct, dask, docker_stats, dstat, duckdb, free, gnu_time, go_gc, heaptrack_print,
    jvm_gc, kubectl_top, massif, memray, mprof, nextflow, node_gc, pidstat, prmon, proc_files, procpath,
    prometheus, ps, psrecord, psutil, sacct, sadf, sar, scalene, snakemake, top, vmstat,
};

/// All readers; of two that are equally sure the first reads a file.
pub const READERS: &[Reader] = &[
    mprof::READER,
    psrecord::READER,
    procpath::READER,
    pidstat::READER,
    top::READER,
    ps::READER,
    proc_files::READER,
    gnu_time::READER,
    con_duct::READER,
    prmon::READER,
    psutil::READER,
    sadf::READER,
    sar::READER,
    free::READER,
    vmstat::READER,
    dstat::READER,
    atop::READER,
    docker_stats::READER,
    kubectl_top::READER,
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
    memray::TEXT,
    memray::TABLE,
    scalene::READER,
    prometheus::ANSWER,
    prometheus::TEXT,
    app_log::READER,
];

/// The marks of all readers, sought in one pass: most files in a folder have none.
struct Marks {
    automaton: AhoCorasick,
    /// Which reader each of its patterns is of.
    owners: Vec<usize>,
}

static MARKS: LazyLock<Option<Marks>> = LazyLock::new(|| {
    let marks =
        READERS.iter().enumerate().flat_map(|(at, reader)| reader.marks.iter().map(move |mark| (at, mark)));
    let (owners, marks): (Vec<usize>, Vec<&str>) = marks.unzip();
    Some(Marks { automaton: AhoCorasick::new(marks).ok()?, owners })
});

/// Of which readers a file may be: those without marks, and those of whose marks it holds one.
fn possible(head: &Head<'_>) -> Vec<bool> {
    let Some(marks) = &*MARKS else { return vec![true; READERS.len()] };
    let mut possible: Vec<bool> = READERS.iter().map(|reader| reader.marks.is_empty()).collect();
    for found in marks.automaton.find_overlapping_iter(head.bytes()) {
        possible[marks.owners[found.pattern().as_usize()]] = true;
    }
    possible
}

/// The reader that is surest of a file's beginning.
#[must_use]
pub fn find(head: &Head<'_>) -> Option<&'static Reader> {
    let mut best = (Certainty::No, None);
    let possible = possible(head);
    for (reader, _) in READERS.iter().zip(possible).filter(|(_, possible)| *possible) {
        let certainty = (reader.sniff)(head);
        if certainty > best.0 {
            best = (certainty, Some(reader));
        }
    }
    best.1
}

/// The reader of what a long log ends with, by its last bytes: only what stands behind other text is looked for.
#[must_use]
pub fn find_at_end(end: &Head<'_>) -> Option<&'static Reader> {
    let known = READERS.iter().filter(|reader| reader.name == gnu_time::READER.name);
    known.into_iter().find(|reader| (reader.sniff)(end) == Certainty::Yes)
}
