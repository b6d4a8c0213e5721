//! What is to be known of such logs.

use crate::reader::Caution;

pub(super) const CAUTIONS: &[Caution] =
    &[OUTSIDE_HEAP, NO_TIME, BEGINNING_MISSING, HIGHER_INSIDE, ZGC_MAPPINGS, MARK_START, FLOATING_GARBAGE];

pub(super) const OUTSIDE_HEAP: Caution = Caution {
    code: "outside_heap",
    text: "the log knows the Java heap only: metaspace, code, threads and direct buffers come on top (record RSS \
           beside it, with mprof or memtool record)",
    seen: "11 to 25: RSS 34 to 150 MiB above the largest heap",
};

pub(super) const NO_TIME: Caution = Caution {
    code: "no_time",
    text: "the log was written without any clock (decorations `none`): rates and durations are not known; \
           -Xlog:gc:file=gc.log:time,uptime,level,tags keeps them",
    seen: "17, -Xlog:gc:file=gc.log:none",
};

pub(super) const BEGINNING_MISSING: Caution = Caution {
    code: "beginning_missing",
    text: "the log does not begin with the virtual machine's start: it is one of a rotated set, or was cut",
    seen: "17 and 25, filecount=3: parts of a ring begin inside a collection",
};

pub(super) const HIGHER_INSIDE: Caution = Caution {
    code: "higher_inside",
    text: "inside a collection the heap was larger than before any: the column High says so",
    seen: "17, ZGC, gc*: 370 MiB where 352 stood before",
};

pub(super) const ZGC_MAPPINGS: Caution = Caution {
    code: "zgc_mappings",
    text: "ZGC without generations maps each page several times: RSS counts the heap up to three times, PSS once",
    seen: "17: RSS 1,206 MiB under -Xmx512m, PSS 523",
};

pub(super) const MARK_START: Caution = Caution {
    code: "mark_start",
    text: "ZGC writes the heap at the start of marking: the program allocates on while it collects, so the peak \
           is a lower bound",
    seen: "17 and 21",
};

pub(super) const FLOATING_GARBAGE: Caution = Caution {
    code: "floating_garbage",
    text: "what Shenandoah leaves after a collection still holds garbage of its last cycle: growth of that is \
           no leak by itself",
    seen: "17: 8.1 MiB/s read where 6 leaked",
};
