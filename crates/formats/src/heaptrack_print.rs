//! The closing figures of `heaptrack_print`: peak heap, peak RSS, what was leaked.

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Task, TimeBase};

use crate::cursor::Cursor;
use crate::head::Head;
use crate::input::Input;
use crate::number::sized;
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::single;
use crate::traces::told;

/// The reader of heaptrack's text.
pub(crate) const READER: Reader = Reader {
    name: "heaptrack-print",
    tool: "heaptrack_print",
    versions: "1.4",
    record: "heaptrack ./job && heaptrack_print -f heaptrack.job.*.zst > heap.txt",
    tells: "the largest heap, exact; what was never freed; duration",
    cannot_tell: "a course over time (heaptrack_print -M heap.massif has it)",
    cautions: &[LEAKED],
    marks: &["Debuggee command was", "MOST CALLS TO ALLOCATION"],
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

/// The figures so far.
#[derive(Default)]
struct Figures {
    peak: Option<Mib>,
    leaked: Option<Mib>,
    command: Option<String>,
    task: Task,
}

impl Figures {
    /// Takes one of the closing figures; false where it is a size that cannot be read.
    fn take(&mut self, name: &str, value: &str) -> bool {
        match name {
            "peak heap memory consumption" => self.peak = size(value).or(self.peak),
            "total memory leaked" => self.leaked = size(value),
            "total runtime" => self.task.runtime_s = Cursor::new(value).decimal(),
            "Debuggee command was" => {
                self.command = value.split_ascii_whitespace().next().map(str::to_owned);
            }
            _ => {}
        }
        !name.contains("memory") || name.starts_with("temporary") || size(value).is_some()
    }

    fn finish(self) -> Option<Run> {
        let origin = READER.origin(Measure::HeapUsed, Precision::SingleFigure, TimeBase::None);
        let mut run = single(origin, self.peak?, None, self.task);
        run.process.command = self.command;
        let leaked = self.leaked.map(|leaked| format!("{}; here {:.1} MiB", LEAKED.text, leaked.get()));
        run.warnings.extend(leaked.map(|text| LEAKED.saying(text)));
        Some(run)
    }
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut figures = Figures::default();
    while let Some(line) = input.lines.next()? {
        let Some((name, value)) = line.text.split_once(": ") else { continue };
        if !figures.take(name, value) {
            input.faults.expected(line.number, "a size such as 71.38M", value);
        }
    }
    told(figures.finish().into_iter().collect(), &input.faults, "heaptrack text")
}
