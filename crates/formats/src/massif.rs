//! massif files of valgrind, and heaptrack's export in that form.
//!
//! Snapshots of `name=value` lines; the heap is the sum of what was asked for, the allocator's extra
//! and the stacks. The three header lines stand first, or last in heaptrack's.

use memtool_profile_model::{Measure, Offset, Origin, Precision, ReadError, Run, TimeBase};

use crate::head::Head;
use crate::input::Input;
use crate::limits::Limits;
use crate::number::{number, sized};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::{Trace, sample};
use crate::traces::finished;

/// The reader of massif files.
pub(crate) const READER: Reader = Reader {
    name: "massif",
    tool: "valgrind massif, heaptrack_print -M",
    versions: "valgrind 3.19, heaptrack 1.4",
    record: "valgrind --tool=massif --time-unit=ms --massif-out-file=massif.out ./job",
    tells: "heap over time; the peak (massif: within 1 %, heaptrack: of snapshots 10 ms apart)",
    cannot_tell: "mapped memory without --pages-as-heap=yes; seconds, unless --time-unit=ms; RSS",
    cautions: &[NO_SECONDS, PAGES, HEAP_ONLY, BETWEEN],
    marks: &["mem_heap_B="],
    sniff,
    read,
};

const NO_SECONDS: Caution = Caution {
    code: "no_time",
    text: "its clock counts instructions or bytes and no seconds: growth has no rate; --time-unit=ms keeps the time",
    seen: "3.19: time_unit i (the default) and B",
};

const PAGES: Caution = Caution {
    code: "pages_as_heap",
    text: "the figures are all mapped pages, code and data included, used or not",
    seen: "3.19, --pages-as-heap=yes",
};

const HEAP_ONLY: Caution = Caution {
    code: "outside_heap",
    text: "the figures are what malloc and new handed out: mapped files, mmap and the allocator's free memory are \
           not in them",
    seen: "3.19: peak 48 MiB, RSS 89 (valgrind's own included)",
};

const BETWEEN: Caution = Caution {
    code: "peak_between",
    text: "heaptrack's snapshots are 10 ms apart, and a peak between two is in neither: the text of heaptrack_print has it",
    seen: "1.4: 0.1 MiB of a peak of 300",
};

fn sniff(head: &Head<'_>) -> Certainty {
    (head.has_line("#-----------") && head.has_line("snapshot=") && head.has_line("mem_heap_B=")).into()
}

/// The snapshot whose lines are being read.
#[derive(Debug, Clone, Copy, Default)]
struct Block {
    time: Option<f64>,
    bytes: Option<f64>,
}

/// What the header says.
#[derive(Debug, Clone, Default)]
struct Header {
    unit: Option<String>,
    command: Option<String>,
    options: String,
}

impl Header {
    /// Seconds that a unit of the file's clock takes; `None` where it is no time.
    fn seconds(&self) -> Option<f64> {
        match self.unit.as_deref() {
            Some("ms") => Some(1e-3),
            Some("s") => Some(1.0),
            _ => None,
        }
    }

    /// Whether heaptrack wrote the file.
    fn is_heaptrack(&self) -> bool {
        self.options.starts_with("heaptrack")
    }
}

/// A file that is being read. Times are kept in units of the file's clock, a second for each, until
/// the header is known.
struct Reading {
    trace: Trace,
    header: Header,
    block: Option<Block>,
}

impl Reading {
    fn new(limits: Limits) -> Self {
        let origin = Origin { time_base: TimeBase::Relative, ..Origin::default() };
        Self { trace: Trace::new(origin, limits.samples), header: Header::default(), block: None }
    }

    /// Takes a line; an error says what was expected.
    fn take(&mut self, line: &str) -> Result<(), &'static str> {
        match line.split_once(": ") {
            Some(("desc", options)) => options.clone_into(&mut self.header.options),
            Some(("cmd", command)) => self.header.command = Some(command.to_owned()),
            Some(("time_unit", unit)) => self.header.unit = Some(unit.trim().to_owned()),
            _ => return line.split_once('=').map_or(Ok(()), |(name, value)| self.field(name, value)),
        }
        Ok(())
    }

    fn field(&mut self, name: &str, value: &str) -> Result<(), &'static str> {
        match name {
            "snapshot" => {
                let before = self.block.replace(Block::default());
                return if before.is_none() { Ok(()) } else { Err("the end of the snapshot before") };
            }
            "heap_tree" => return self.end_block(),
            "time" | "mem_heap_B" | "mem_heap_extra_B" | "mem_stacks_B" => {}
            _ => return Ok(()),
        }
        let Some(block) = &mut self.block else { return Err("a snapshot before its figures") };
        let value = number(value).filter(|value| *value >= 0.0).ok_or("a number")?;
        if name == "time" {
            block.time = Some(value);
        } else {
            *block.bytes.get_or_insert(0.0) += value;
        }
        Ok(())
    }

    fn end_block(&mut self) -> Result<(), &'static str> {
        let Some(Block { time: Some(time), bytes: Some(bytes) }) = self.block.take() else {
            return Err("a snapshot with its time and sizes");
        };
        let rss = sized(bytes, 1.0).ok_or("a size that can be")?;
        // A nanosecond stands for each thousandth of the file's unit.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a cast saturates, and what is too far is refused"
        )]
        let at = (time * 1e3).round() as i64;
        self.trace.push(at, sample(rss)).then_some(()).ok_or("a time that can be")
    }

    fn finish(self) -> (Trace, Header) {
        (self.trace, self.header)
    }
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut reading = Reading::new(input.limits);
    while let Some(line) = input.lines.next()? {
        // The tree of callers is no part of the series.
        if line.text.starts_with([' ', 'n', '#']) {
            continue;
        }
        if let Err(expected) = reading.take(line.text) {
            input.faults.expected(line.number, expected, line.text);
        }
    }
    let (mut trace, header) = reading.finish();
    describe(&mut trace, &header);
    let mut runs = finished([trace], &input.faults, "massif file")?;
    runs.iter_mut().for_each(|run| set_clock(run, header.seconds()));
    Ok(runs)
}

fn describe(trace: &mut Trace, header: &Header) {
    let tool = if header.is_heaptrack() { "heaptrack" } else { "valgrind massif" };
    let time_base = if header.seconds().is_some() { TimeBase::Relative } else { TimeBase::None };
    let origin = READER.origin(Measure::HeapUsed, Precision::Sampled, time_base);
    trace.run.origin = Some(Origin { tool: tool.into(), ..origin });
    trace.run.process.command = header.command.as_deref().and_then(program);
    if header.seconds().is_none() {
        trace.warn(NO_SECONDS.warning());
    }
    let pages = header.options.contains("--pages-as-heap=yes");
    trace.warn(if pages { PAGES.warning() } else { HEAP_ONLY.warning() });
    if header.is_heaptrack() {
        trace.warn(BETWEEN.warning());
    }
}

/// A command without its arguments.
fn program(command: &str) -> Option<String> {
    command.split_ascii_whitespace().next().map(str::to_owned)
}

/// Turns times in units of the file's clock into seconds, or into places where it counts none.
fn set_clock(run: &mut Run, seconds: Option<f64>) {
    let last = run.snapshots.last().map_or(0, |snapshot| snapshot.at.nanos());
    #[expect(clippy::cast_precision_loss, reason = "places, and nanoseconds of a run")]
    let factor = seconds.map_or(run.snapshots.len() as f64 * 1e9 / (last as f64).max(1.0), |unit| unit * 1e6);
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a cast saturates")]
    let scaled = |at: Offset| Offset::from_nanos((at.nanos() as f64 * factor) as i64);
    run.snapshots.iter_mut().for_each(|snapshot| snapshot.at = scaled(snapshot.at));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshots_of_heaptrack_hold_no_peak_between_them() {
        let warned = |options: &str| {
            let mut trace = Trace::new(Origin::default(), 8);
            describe(&mut trace, &Header { options: options.to_owned(), ..Header::default() });
            trace.run.warnings.contains(&BETWEEN.warning())
        };
        assert!(warned("heaptrack") && !warned("--time-unit=ms"));
    }
}
