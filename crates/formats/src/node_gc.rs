//! `node --trace-gc`: the V8 heap before and after each collection, one run per isolate.
//!
//! `[17999:0x5ecdd80]  91 ms: Scavenge 3.9 (4.0) -> 3.8 (5.2) MB, 5.79 / 0.00 ms …`; sizes are MiB, in
//! parentheses the committed heap; the time counts from the isolate's start. With `--trace-gc-nvp` the
//! same figures stand as `name=value`, in bytes.

use memtool_profile_model::{Measure, Mib, Origin, Precision, ReadError, Run, TimeBase};

use crate::collected::Collected;
use crate::cursor::{Cursor, find};
use crate::head::Head;
use crate::input::Input;
use crate::lines::Line;
use crate::number::{MIB, sized};
use crate::reader::{Caution, Certainty, Reader};
use crate::traces::Traces;

/// The reader of `node --trace-gc`.
pub(crate) const READER: Reader = Reader {
    name: "node-gc",
    tool: "Node.js, --trace-gc (V8)",
    versions: "18 to 26",
    record: "node --trace-gc job.js > gc.txt",
    tells: "V8 heap in use before and after each collection, heap committed, pauses; each worker's apart",
    cannot_tell: "Buffers and other memory outside the V8 heap; the process's RSS",
    cautions: &[OUTSIDE_HEAP, LAST_GCS],
    marks: &[" ms: "],
    sniff,
    read,
};

const OUTSIDE_HEAP: Caution = Caution {
    code: "outside_heap",
    text: "Buffers, ArrayBuffers and native memory are in no line of it: a leak there is not seen (record RSS beside \
           it, with mprof or memtool record)",
    seen: "26: RSS 341 MiB from Buffers beside a heap of 38",
};

const LAST_GCS: Caution = Caution {
    code: "out_of_heap",
    text: "the program ended because its heap was full (\"Last few GCs\"); that block repeats earlier lines, which \
           are counted once",
    seen: "20, --max-old-space-size=64, output and errors in one file",
};

const MILLISECOND: i64 = 1_000_000;

/// A process and the isolate in it.
type Isolate = (u64, u64);

/// A line of an isolate: its key, the milliseconds since its start, and what follows.
fn isolate_line(line: &str) -> Option<(Isolate, u64, &str)> {
    // The program's own output, without a line break, may stand before it.
    let start = if line.starts_with('[') { 0 } else { line[..find(line, ":0x")?].rfind('[')? };
    let mut cursor = Cursor::new(&line[start..]);
    cursor.literal("[")?;
    let pid = cursor.whole()?;
    cursor.literal(":")?;
    // From 24 on a number of the isolate's group may follow.
    let address = cursor.before("]")?.split(':').next()?;
    let isolate = u64::from_str_radix(address.trim_start_matches("0x"), 16).ok()?;
    cursor.blanks();
    let millis = cursor.whole()?;
    cursor.literal(" ms: ")?;
    Some(((pid, isolate), millis, cursor.rest()))
}

/// What a line says of the heap.
enum Entry {
    Collection {
        before: Mib,
        after: Mib,
        committed: Option<Mib>,
        pause_s: Option<f64>,
        forced: bool,
        young: bool,
    },
    /// It is a collection's line, and cannot be read.
    Damaged,
    Other,
}

fn entry(text: &str) -> Entry {
    if text.starts_with("pause=") {
        return nvp(text).unwrap_or(Entry::Damaged);
    }
    match text.split_once(" -> ") {
        Some((left, right)) if left.ends_with(')') => collection(left, right).unwrap_or(Entry::Damaged),
        None if text.starts_with("Scavenge ") || text.contains("Mark-") => Entry::Damaged,
        _ => Entry::Other,
    }
}

/// `Scavenge 3.9 (4.0)` and `3.8 (5.2) MB, pooled: 0.0 MB, 5.79 / 0.00 ms …`.
fn collection(left: &str, right: &str) -> Option<Entry> {
    let (kind_and_used, _) = left.rsplit_once(" (")?;
    let before = mebibytes(kind_and_used.rsplit_once(' ')?.1)?;
    let mut right = Cursor::new(right);
    let after = sized(right.decimal()?, MIB)?;
    right.literal(" (")?;
    let committed = sized(right.decimal()?, MIB)?;
    right.literal(") MB, ")?;
    if right.literal("pooled: ").is_some() {
        right.before(" MB, ")?;
    }
    let pause_s = right.decimal()? / 1000.0;
    right.literal(" / ")?;
    Some(Entry::Collection {
        before,
        after,
        committed: Some(committed),
        pause_s: Some(pause_s),
        forced: right.rest().contains("testing"),
        young: kind_and_used.contains("Scavenge") || kind_and_used.contains("Minor"),
    })
}

fn mebibytes(text: &str) -> Option<Mib> {
    sized(Cursor::new(text).decimal()?, MIB)
}

/// `pause=1.9 mutator=… gc=s … total_size_before=4087808 total_size_after=…`, in bytes; from 24 on the sizes
/// are named `start_object_size` and `end_object_size`, and the committed heap `end_memory_size`.
fn nvp(text: &str) -> Option<Entry> {
    let value = |name: &str| {
        let words = text.split_ascii_whitespace();
        words.filter_map(|word| word.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    let size = |name| sized(Cursor::new(value(name)?).decimal()?, 1.0);
    let pause_s = Cursor::new(value("pause")?).decimal()? / 1000.0;
    let before = size("total_size_before").or_else(|| size("start_object_size"))?;
    let after = size("total_size_after").or_else(|| size("end_object_size"))?;
    let committed = size("end_memory_size");
    // `s` is a scavenge, `mmc` a minor one that marks, `mc` a whole one.
    let young = value("gc").is_some_and(|kind| ["s", "mmc"].contains(&kind));
    Some(Entry::Collection { before, after, committed, pause_s: Some(pause_s), forced: false, young })
}

fn sniff(head: &Head<'_>) -> Certainty {
    let known = |line: &str| {
        isolate_line(line).is_some_and(|(_, _, text)| matches!(entry(text), Entry::Collection { .. }))
    };
    head.lines().any(known).into()
}

fn origin((pid, isolate): Isolate) -> Origin {
    let part = Some(format!("pid {pid}, isolate {isolate:#x}"));
    Origin { part, ..READER.origin(Measure::HeapUsed, Precision::Sampled, TimeBase::Relative) }
}

/// Output that is being read.
struct Reading {
    traces: Traces<Isolate>,
    /// Whether the lines repeat earlier ones.
    repeating: bool,
    out_of_heap: Option<Isolate>,
    last: Option<Isolate>,
}

impl Reading {
    fn take(&mut self, line: &Line<'_>) -> Result<(), &'static str> {
        match line.text.trim_end() {
            "<--- Last few GCs --->" => {
                (self.repeating, self.out_of_heap) = (true, self.last);
            }
            text if text.starts_with("<--- ") => self.repeating = false,
            _ => {}
        }
        let Some((isolate, millis, text)) = isolate_line(line.text).filter(|_| !self.repeating) else {
            return Ok(());
        };
        let (before, after, committed, pause_s, forced, young) = match entry(text) {
            Entry::Collection { before, after, committed, pause_s, forced, young } => {
                (before, after, committed, pause_s, forced, young)
            }
            Entry::Damaged => return Err("a collection with its sizes"),
            Entry::Other => return Ok(()),
        };
        self.last = Some(isolate);
        let at = i64::try_from(millis).unwrap_or(i64::MAX).saturating_mul(MILLISECOND);
        let collected = Collected { at, before, after, committed, pause_s, forced, young };
        let Some(trace) = self.traces.of(isolate, || origin(isolate)) else { return Ok(()) };
        if !collected.sample(trace) {
            return Err("a time that can be");
        }
        collected.record(trace);
        Ok(())
    }
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let traces = Traces::new(input.limits);
    let mut reading = Reading { traces, repeating: false, out_of_heap: None, last: None };
    while let Some(line) = input.lines.next()? {
        if let Err(expected) = reading.take(&line) {
            input.faults.expected(line.number, expected, line.text);
        }
    }
    if let Some(trace) =
        reading.out_of_heap.and_then(|isolate| reading.traces.of(isolate, || origin(isolate)))
    {
        trace.warn(LAST_GCS.warning());
    }
    reading.traces.iter_mut().for_each(|(_, trace)| trace.warn(OUTSIDE_HEAP.warning()));
    reading.traces.finish(&input.faults, "output of node --trace-gc")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_every_version() {
        let plain = "[17999:0x5ecdd80]       91 ms: Scavenge 3.9 (4.0) -> 3.8 (5.2) MB, 5.79 / 0.00 ms  (average mu = 1.000) task;";
        let (isolate, millis, text) = isolate_line(plain).expect("a line");
        assert_eq!((isolate, millis), ((17999, 0x05ec_dd80), 91));
        assert!(matches!(entry(text), Entry::Collection { .. }));
        let glued = format!("progress 50 %{plain}");
        assert_eq!(isolate_line(&glued).map(|(isolate, ..)| isolate), Some(isolate));
        let numbered = "[10088:0x33d0b000:0]       72 ms: pause=0.7 gc=s start_object_size=5242880 end_object_size=4194304 end_memory_size=7340032";
        let (_, _, text) = isolate_line(numbered).expect("a line");
        let Entry::Collection { before, after, committed, .. } = entry(text) else { panic!("{text}") };
        assert_eq!((before, after, committed), (Mib::new(5.0), Mib::new(4.0), Some(Mib::new(7.0))));
    }

    #[test]
    fn other_lines_are_none() {
        for text in ["", "[a]", "end 0x5 -> 0x6", "[17999:0xzz] 91 ms: x", "[1:0x2] ms: x"] {
            assert!(isolate_line(text).is_none(), "{text}");
        }
    }
}
