//! psrecord's logs: elapsed seconds, CPU and MiB, as text or CSV.

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Snapshot, TimeBase};

use crate::head::Head;
use crate::input::Input;
use crate::number::{MIB, number, sized};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::{Trace, nanos, sample};
use crate::traces::finished;

pub(crate) const READER: Reader = Reader {
    name: "psrecord",
    tool: "psrecord",
    versions: "1.2 to 1.4",
    record: "psrecord --include-children --interval 0.2 --log-format csv --log job.csv \"python job.py\"",
    tells: "memory over time since the start; with children, the shell it runs the job in is in the sum",
    cannot_tell: "when it ran; whether children are in the figures (text form); peaks between samples",
    cautions: &[SHELL_LOGGED],
    marks: &["elapsed_time,", "Elapsed time"],
    sniff,
    read,
};

const SHELL_LOGGED: Caution = Caution {
    code: "shell_logged",
    text: "these are the figures of the shell that psrecord ran the job in, not of the job: record with \
           --include-children",
    seen: "1.4 where /bin/sh is dash: 1.6 MiB flat beside a job of 220 MiB",
};

/// A shell that waits stays below this, and flat.
const SHELL_MB: f64 = 3.0;

const CSV: &str = "elapsed_time,nproc,cpu,mem_real,mem_virtual";

fn sniff(head: &Head<'_>) -> Certainty {
    let first = head.first_line();
    (first.starts_with(CSV)
        || first.starts_with('#') && first.contains("Elapsed time") && first.contains("Real (MB)"))
    .into()
}

/// Where the figures of a row stand.
#[derive(Clone, Copy)]
struct Form {
    separator: char,
    processes: Option<usize>,
    resident: usize,
}

/// The text form has no count of processes, whatever else it logs.
const TEXT: Form = Form { separator: ' ', processes: None, resident: 2 };
const TABLE: Form = Form { separator: ',', processes: Some(1), resident: 3 };

/// One row: time, processes where the form has them, resident and virtual memory.
fn row(line: &str, form: Form) -> Option<(i64, Option<f64>, Mib, Option<Mib>)> {
    let cells = line.split(form.separator).filter(|cell| !cell.is_empty());
    let figures: Vec<f64> = cells.map(number).collect::<Option<_>>()?;
    let processes = form.processes.and_then(|at| figures.get(at).copied());
    let resident = sized(*figures.get(form.resident)?, MIB)?;
    let virtually = sized(*figures.get(form.resident + 1)?, MIB);
    Some((nanos(figures[0])?, processes, resident, virtually))
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let origin = READER.origin(Measure::ProcessRss, Precision::Sampled, TimeBase::Relative);
    let mut trace = Trace::new(origin, input.limits.samples);
    let mut form = TEXT;
    let (mut lowest, mut highest, mut most_processes) = (f64::INFINITY, 0.0_f64, 0.0_f64);
    while let Some(line) = input.lines.next()? {
        if line.text.starts_with("elapsed_time") {
            form = TABLE;
            continue;
        }
        if line.text.trim().is_empty() || line.text.starts_with('#') {
            continue;
        }
        let Some((at, processes, rss, vms)) = row(line.certain(), form) else {
            input.faults.unread(line, "seconds, CPU and two sizes");
            continue;
        };
        most_processes = most_processes.max(processes.unwrap_or(0.0));
        if rss == Mib::ZERO {
            trace.missing();
            continue;
        }
        (lowest, highest) = (lowest.min(rss.get()), highest.max(rss.get()));
        if !trace.push(at, Snapshot { vms, ..sample(rss) }) {
            input.faults.expected(line.number, "seconds from 0", line.text);
        }
    }
    if let (true, Some(origin)) = (most_processes > 1.0, &mut trace.run.origin) {
        origin.measure = Measure::TreeRss;
    }
    if highest < SHELL_MB && highest - lowest < 0.5 && trace.len() > 1 {
        trace.warn(SHELL_LOGGED.warning());
    }
    finished([trace], &input.faults, "psrecord log")
}
