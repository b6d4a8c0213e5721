//! All readers.

use std::io::{self, Read};
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::head::Head;
use crate::reader::{Certainty, Reader};
use crate::{
    app_log, atop, bsd_time, con_duct, container_api, dask, docker_stats, dstat, duckdb, free, gnu_time,
    gnu_time_format, go_gc, heaptrack_print, htcondor, jvm_gc, kubectl_top, lsf, mac_top, massif, memray,
    mprof, nextflow, node_gc, pbs, perf_counters, pidstat, prmon, proc_files, procpath, prometheus, ps,
    psrecord, psutil, sacct, sadf, sar, scalene, snakemake, top, vmstat,
};

/// All readers; of two that are equally sure the first reads a file.
pub const READERS: &[Reader] = &[
    mprof::READER,
    psrecord::READER,
    procpath::READER,
    pidstat::READER,
    top::READER,
    mac_top::READER,
    ps::READER,
    proc_files::READER,
    gnu_time::READER,
    bsd_time::READER,
    con_duct::READER,
    prmon::READER,
    psutil::READER,
    sadf::READER,
    sar::READER,
    free::READER,
    vmstat::READER,
    dstat::READER,
    atop::READER,
    perf_counters::READER,
    docker_stats::READER,
    container_api::READER,
    kubectl_top::READER,
    snakemake::READER,
    sacct::READER,
    pbs::READER,
    lsf::READER,
    htcondor::READER,
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
    gnu_time_format::READER,
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

/// Readers of figures that may stand anywhere in the log of a job.
const EMBEDDED: [&Reader; 4] = [&gnu_time::READER, &bsd_time::READER, &pbs::READER, &lsf::READER];

/// How much of a text is looked at together with what stands before it: longer than all that one job's figures take.
const STEP: usize = Head::BYTES / 2;

/// The reader of what was measured of a job, where that stands somewhere in a long log; `None` where nothing does, or it is no text.
///
/// # Errors
/// Where it cannot be read on.
pub fn find_inside(text: &mut dyn Read) -> io::Result<Option<&'static Reader>> {
    let mut window = Vec::with_capacity(Head::BYTES);
    loop {
        window.drain(..window.len().saturating_sub(STEP));
        let before = window.len();
        text.take(STEP as u64).read_to_end(&mut window)?;
        if window.len() == before || window[before..].contains(&0) {
            return Ok(None);
        }
        let has_mark = |reader: &&&Reader| {
            reader.marks.iter().any(|mark| memchr::memmem::find(&window, mark.as_bytes()).is_some())
        };
        let marked = EMBEDDED.iter().filter(has_mark);
        let head = Head::new(&window);
        if let Some(found) = marked.into_iter().find(|reader| (reader.sniff)(&head) == Certainty::Yes) {
            return Ok(Some(found));
        }
    }
}
