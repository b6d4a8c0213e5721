//! Unified GC logs of the Java virtual machine (HotSpot, JDK 11 to 25).
//!
//! Every collector; every set of decorations, or none; the program's own lines in between; several
//! runs in one file. A line such as `[0.445s][info][gc] GC(0) Pause Young (Normal) 6M->5M(128M) 41ms`
//! is one collection: the heap in use before it is a sample, the heap after it the baseline.

mod event;
mod line;
mod log;

use memtool_profile_model::{ReadError, Run};

use self::event::{Entry, entry};
use self::line::LogLine;
use self::log::Log;
use crate::head::Head;
use crate::input::Input;
use crate::reader::{Caution, Certainty, Reader};

/// The reader of unified GC logs.
pub(crate) const READER: Reader = Reader {
    name: "jvm-gc",
    tool: "Java (HotSpot), -Xlog:gc",
    versions: "11, 17, 21, 25",
    record: "java -Xlog:gc:file=gc.log:time,uptime,level,tags -jar job.jar",
    tells: "Java heap in use before and after each collection, heap committed, pauses",
    cannot_tell: "memory outside the Java heap: metaspace, code, threads, direct buffers; the process's RSS",
    cautions: CAUTIONS,
    marks: &["GC(", "Using ", "Garbage Collector"],
    sniff,
    read,
};

const CAUTIONS: &[Caution] =
    &[OUTSIDE_HEAP, NO_TIME, BEGINNING_MISSING, HIGHER_INSIDE, ZGC_MAPPINGS, MARK_START, FLOATING_GARBAGE];

const OUTSIDE_HEAP: Caution = Caution {
    code: "outside_heap",
    text: "the log knows the Java heap only: metaspace, code, threads and direct buffers come on top (record RSS \
           beside it, with mprof or memtool record)",
    seen: "11 to 25: RSS 34 to 150 MiB above the largest heap",
};

const NO_TIME: Caution = Caution {
    code: "no_time",
    text: "the log was written without any clock (decorations `none`): rates and durations are not known; \
           -Xlog:gc:file=gc.log:time,uptime,level,tags keeps them",
    seen: "17, -Xlog:gc:file=gc.log:none",
};

const BEGINNING_MISSING: Caution = Caution {
    code: "beginning_missing",
    text: "the log does not begin with the virtual machine's start: it is one of a rotated set, or was cut",
    seen: "17 and 25, filecount=3: parts of a ring begin inside a collection",
};

const HIGHER_INSIDE: Caution = Caution {
    code: "higher_inside",
    text: "inside a collection the heap was larger than before any: the column High says so",
    seen: "17, ZGC, gc*: 370 MiB where 352 stood before",
};

const ZGC_MAPPINGS: Caution = Caution {
    code: "zgc_mappings",
    text: "ZGC without generations maps each page several times: RSS counts the heap up to three times, PSS once",
    seen: "17: RSS 1,206 MiB under -Xmx512m, PSS 523",
};

const MARK_START: Caution = Caution {
    code: "mark_start",
    text: "ZGC writes the heap at the start of marking: the program allocates on while it collects, so the peak \
           is a lower bound",
    seen: "17 and 21",
};

const FLOATING_GARBAGE: Caution = Caution {
    code: "floating_garbage",
    text: "what Shenandoah leaves after a collection still holds garbage of its last cycle: growth of that is \
           no leak by itself",
    seen: "17: 8.1 MiB/s read where 6 leaked",
};

fn sniff(head: &Head<'_>) -> Certainty {
    let known = |line: &str| {
        let line = LogLine::of(line);
        line.text.starts_with("Initializing The Z Garbage Collector")
            || line.text.starts_with("GC(") && line.tags.is_some_and(|tags| tags.starts_with("gc"))
            || matches!(entry(line.text), Entry::Event(_) | Entry::Using(_) | Entry::High(_))
    };
    head.lines().any(known).into()
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut log = Log::new(input.limits);
    while let Some(line) = input.lines.next()? {
        log.take(&line, &mut input.faults);
    }
    log.finish(&input.faults)
}
