//! GC logs of the Java virtual machine (HotSpot): unified ones (JDK 9 to 25), and those of Java 8.
//!
//! Every collector; every set of decorations, or none; the program's own lines in between; several
//! runs in one file. A line such as `[0.445s][info][gc] GC(0) Pause Young (Normal) 6M->5M(128M) 41ms`
//! is one collection: the heap in use before it is a sample, the heap after it the baseline.

mod cautions;
mod event;
mod java8;
mod line;
mod log;

use memtool_profile_model::{ReadError, Run};

use self::cautions::CAUTIONS;
use self::event::{Entry, entry};
use self::java8::Java8;
use self::line::LogLine;
use self::log::Log;
use crate::head::Head;
use crate::input::Input;
use crate::reader::{Certainty, Reader};

/// The reader of GC logs.
pub(crate) const READER: Reader = Reader {
    name: "jvm-gc",
    tool: "Java (HotSpot), -Xlog:gc",
    versions: "8, 11, 17, 21, 25",
    record: "java -Xlog:gc:file=gc.log:time,uptime,level,tags -jar job.jar",
    tells: "Java heap in use before and after each collection, heap committed, pauses",
    cannot_tell: "memory outside the Java heap: metaspace, code, threads, direct buffers; the process's RSS",
    cautions: CAUTIONS,
    marks: &["GC(", "Using ", "Garbage Collector", "[GC", "[Full GC", "CommandLine flags: "],
    sniff,
    read,
};

fn sniff(head: &Head<'_>) -> Certainty {
    let known = |line: &str| {
        let line = LogLine::of(line);
        line.text.starts_with("Initializing The Z Garbage Collector")
            || line.text.starts_with("GC(") && line.tags.is_some_and(|tags| tags.starts_with("gc"))
            || matches!(entry(line.text), Entry::Event(_) | Entry::Using(_) | Entry::High(_))
    };
    head.lines().any(|line| known(line) || java8::is_line(line)).into()
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut log = Log::new(&READER, input.limits);
    let mut java8: Option<Java8> = None;
    while let Some(line) = input.lines.next()? {
        if java8.is_none() && java8::is_line(line.text) {
            java8 = Some(Java8::default());
        }
        match &mut java8 {
            Some(java8) => log.take_entry(&java8.take(line.text), line.number, &mut input.faults),
            None => log.take(&line, &mut input.faults),
        }
    }
    log.finish(&input.faults)
}
