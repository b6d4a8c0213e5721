//! mprof files of memory_profiler: `MEM MiB time` lines, with the calls of profiled functions.

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Snapshot, TimeBase};

use crate::head::Head;
use crate::input::Input;
use crate::limits::Limits;
use crate::lines::Line;
use crate::number::{number, sized};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::{Trace, nanos, sample};
use crate::traces::told;

pub(crate) const READER: Reader = Reader {
    name: "mprof",
    tool: "memory_profiler",
    versions: "0.57 to 0.61",
    record: "mprof run -C -o mprof.dat python job.py",
    tells: "memory over time of the process, or of the tree with -C; calls of @profile functions",
    cannot_tell: "whether -C or a PSS backend was used; peaks between samples",
    cautions: &[CHILDREN_BESIDE, LOST_TAIL],
    sniff,
    read,
};

const CHILDREN_BESIDE: Caution = Caution {
    code: "children_beside",
    text: "the children's memory stands beside the process's and is not in these figures: record with -C",
    seen: "0.61: -M without -C, where MEM lies below the sum of its CHLD lines",
};

const LOST_TAIL: Caution = Caution {
    code: "lost_tail",
    text: "mprof writes 51 samples at a time: if it was killed, up to 51 at the end are lost",
    seen: "0.61: SIGKILL left a multiple of 51 samples, or an empty file",
};

/// mprof flushes its file after so many samples.
const SAMPLES_A_FLUSH: usize = 51;

/// Calls that are kept; the others name no operation.
const MOST_CALLS: usize = 100_000;

/// Rounding of MEM and of the CHLD lines beside it, in MiB.
const ROUNDING_MB: f64 = 0.01;

fn sniff(head: &Head<'_>) -> Certainty {
    let is_own = |line: &str| record(line).is_some();
    let own = head.lines().filter(|line| is_own(line)).take(3).count();
    match own {
        0 => head.first_line().starts_with("CMDLINE ").into(),
        _ if is_own(head.first_line()) || head.has_line("CMDLINE ") => Certainty::Yes,
        _ => Certainty::Maybe,
    }
}

/// One line that is a record.
enum Record<'a> {
    Command(&'a str),
    Memory { rss: Mib, at: i64 },
    Child { rss: Mib },
    Call { name: &'a str, from: i64, to: i64 },
}

fn record(line: &str) -> Option<Record<'_>> {
    let (kind, rest) = line.split_once(' ')?;
    let mut words = rest.split_ascii_whitespace();
    let mut figure = || number(words.next()?);
    match kind {
        "MEM" => Some(Record::Memory { rss: mebibytes(figure()?)?, at: nanos(figure()?)? }),
        "CMDLINE" => Some(Record::Command(rest)),
        "CHLD" => {
            figure()?;
            let rss = mebibytes(figure()?)?;
            figure().map(|_| Record::Child { rss })
        }
        "FUNC" => {
            let words: Vec<&str> = rest.split_ascii_whitespace().collect();
            let [name @ .., _, from, _, to, _] = words.as_slice() else { return None };
            let time = |word: &str| number(word).and_then(nanos);
            Some(Record::Call { name: name.first()?, from: time(from)?, to: time(to)? })
        }
        _ => None,
    }
}

fn mebibytes(value: f64) -> Option<Mib> {
    sized(value, 1_048_576.0)
}

/// A run that is being read: its samples so far and the one whose children may still follow.
struct Reading {
    trace: Trace,
    pending: Option<(i64, Mib, f64)>,
    children_mb: Option<f64>,
    beside_mb: f64,
    ticks: usize,
}

impl Reading {
    fn new(limits: Limits) -> Self {
        let origin = READER.origin(Measure::ProcessRss, Precision::Sampled, TimeBase::Absolute);
        let trace = Trace::new(origin, limits.samples);
        Self { trace, pending: None, children_mb: None, beside_mb: 0.0, ticks: 0 }
    }

    fn memory(&mut self, at: i64, rss: Mib) {
        self.flush();
        self.ticks += 1;
        if rss == Mib::ZERO {
            self.trace.missing();
        } else {
            self.pending = Some((at, rss, 0.0));
        }
    }

    fn child(&mut self, rss: Mib) {
        if let Some((_, _, children)) = &mut self.pending {
            *children += rss.get();
        }
        self.children_mb.get_or_insert(0.0);
    }

    /// Takes the sample whose children have all been read.
    fn flush(&mut self) {
        let Some((at, rss, children)) = self.pending.take() else { return };
        if children > rss.get() + ROUNDING_MB {
            self.beside_mb = self.beside_mb.max(children + rss.get());
        }
        let children_rss = (children > 0.0).then(|| Mib::new(children));
        let _in_range = self.trace.push(at, Snapshot { children_rss, ..sample(rss) });
    }

    fn finish(mut self, calls: &Calls) -> Option<Run> {
        self.flush();
        let mut run = self.trace.finish()?;
        calls.label(&mut run);
        if self.beside_mb > 0.0 {
            run.snapshots.iter_mut().for_each(|snapshot| snapshot.children_rss = None);
            let text =
                format!("{}; together they held {:.1} MiB at a time", CHILDREN_BESIDE.text, self.beside_mb);
            run.warnings.push(CHILDREN_BESIDE.saying(text));
        } else if self.children_mb.is_some()
            && let Some(origin) = &mut run.origin
        {
            origin.measure = Measure::TreeRss;
        }
        if self.ticks.is_multiple_of(SAMPLES_A_FLUSH) {
            run.warnings.push(LOST_TAIL.warning());
        }
        Some(run)
    }
}

/// The calls of profiled functions, by which samples are labelled.
#[derive(Default)]
struct Calls(Vec<(i64, i64, String)>);

impl Calls {
    fn add(&mut self, name: &str, from: i64, to: i64) {
        if self.0.len() < MOST_CALLS {
            self.0.push((from, to, name.to_owned()));
        }
    }

    /// Gives each sample the innermost call that it lies in: the one that began last.
    fn label(&self, run: &mut Run) {
        let start = i64::try_from(run.started.as_nanosecond()).unwrap_or(0);
        let mut next = self.0.iter().peekable();
        let mut open: Vec<&(i64, i64, String)> = Vec::new();
        for snapshot in &mut run.snapshots {
            let at = start.saturating_add(snapshot.at.nanos());
            while let Some(call) = next.next_if(|call| call.0 <= at) {
                open.push(call);
            }
            while open.last().is_some_and(|call| call.1 < at) {
                open.pop();
            }
            snapshot.operation = open.last().map(|call| run.operations.intern(&call.2));
        }
    }
}

/// A sample's line that was cut within its time still holds a number, of another time.
fn is_torn(line: Line<'_>) -> bool {
    let decimals = line.text.rsplit_once('.').map_or(0, |(_, decimals)| decimals.len());
    !line.whole && line.text.starts_with(['M', 'C']) && !line.text.starts_with("CMDLINE") && decimals != 4
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut readings = vec![Reading::new(input.limits)];
    let mut calls = Calls::default();
    let mut in_command = false;
    while let Some(line) = input.lines.next()? {
        let Some(reading) = readings.last_mut() else { break };
        let found = if is_torn(line) { None } else { record(line.text) };
        match found {
            Some(Record::Memory { rss, at }) => reading.memory(at, rss),
            Some(Record::Child { rss }) => reading.child(rss),
            Some(Record::Call { name, from, to }) => calls.add(name, from, to),
            Some(Record::Command(command)) => {
                if reading.ticks > 0 && readings.len() < input.limits.runs {
                    readings.push(Reading::new(input.limits));
                }
                name_job(&mut readings, command);
            }
            None if is_torn(line) => input.faults.torn(line.number),
            None if in_command || line.text.trim().is_empty() => continue,
            None => input.faults.expected(line.number, "a MEM, CHLD, FUNC or CMDLINE line", line.text),
        }
        in_command = matches!(found, Some(Record::Command(_)));
    }
    calls.0.sort();
    let runs = readings.into_iter().filter_map(|reading| reading.finish(&calls)).collect();
    told(runs, &input.faults, "mprof file")
}

/// The program that a command line starts, without the interpreter's folder.
fn name_job(readings: &mut [Reading], command: &str) {
    let Some(reading) = readings.last_mut() else { return };
    let program = command.split_ascii_whitespace().next().unwrap_or_default();
    let name = program.rsplit('/').next().unwrap_or_default();
    reading.trace.run.process.command = (!name.is_empty()).then(|| name.to_owned());
}
