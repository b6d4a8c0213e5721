//! The closing figures of `heaptrack_print`: peak heap, peak RSS, what was leaked.

use memtool_profile_model::{Measure, Mib, Origin, Precision, ReadError, Run, Task, TimeBase};

use crate::cursor::Cursor;
use crate::head::Head;
use crate::input::Input;
use crate::number::sized;
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::{Trace, sample};
use crate::traces::finished;

/// The reader of heaptrack's text.
pub(crate) const READER: Reader = Reader {
    name: "heaptrack-print",
    tool: "heaptrack_print 1.4",
    record: "heaptrack ./job && heaptrack_print -f heaptrack.job.*.zst > heap.txt",
    tells: "the largest heap, exact; what was never freed; duration",
    cannot_tell: "a course over time (heaptrack_print -M heap.massif has it)",
    cautions: &[LEAKED],
    sniff,
    read,
};

const LEAKED: Caution = Caution {
    code: "leaked_at_exit",
    text: "\"total memory leaked\" is all that was not freed at the end: memory that is kept on purpose counts",
    seen: "1.4",
};

fn sniff(head: &Head<'_>) -> Certainty {
    (head.has_line("Debuggee command was: ") || head.has_line("MOST CALLS TO ALLOCATION FUNCTIONS")).into()
}

/// A size such as `71.38M`: heaptrack counts in powers of 1000.
fn size(text: &str) -> Option<Mib> {
    let mut cursor = Cursor::new(text.trim());
    let value = cursor.decimal()?;
    let unit = ["B", "K", "M", "G", "T"].iter().position(|unit| cursor.rest() == *unit)?;
    sized(value, 1000_f64.powi(i32::try_from(unit).ok()?))
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut trace = Trace::new(origin(), 1);
    while let Some(line) = input.lines.next()? {
        let Some((name, value)) = line.text.split_once(": ") else { continue };
        if !take(&mut trace, name, value) {
            input.faults.expected(line.number, "a size such as 71.38M", value);
        }
    }
    finished([trace], &input.faults, "heaptrack text")
}

/// Takes one of the closing figures; false where it cannot be read.
fn take(trace: &mut Trace, name: &str, value: &str) -> bool {
    match name {
        "peak heap memory consumption" if trace.len() == 0 => {
            return size(value).is_some_and(|peak| trace.push(0, sample(peak)));
        }
        "total memory leaked" => {
            let Some(leaked) = size(value) else { return false };
            trace.warn(LEAKED.saying(format!("{}; here {:.1} MiB", LEAKED.text, leaked.get())));
        }
        "total runtime" => {
            let runtime_s = Cursor::new(value).decimal();
            trace.run.task = Some(Task { runtime_s, ..Task::default() });
        }
        "Debuggee command was" => {
            trace.run.process.command = value.split_ascii_whitespace().next().map(str::to_owned);
        }
        _ => {}
    }
    true
}

fn origin() -> Origin {
    Origin {
        format: READER.name.into(),
        tool: "heaptrack".into(),
        measure: Measure::HeapUsed,
        precision: Precision::SingleFigure,
        time_base: TimeBase::None,
        ..Origin::default()
    }
}
