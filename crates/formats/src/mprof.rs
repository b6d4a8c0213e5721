//! mprof files of memory_profiler: `MEM MiB time` lines, with the calls of profiled functions.

use memtool_profile_model::number::float;
use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Snapshot, TimeBase};

use crate::head::Head;
use crate::input::Input;
use crate::limits::Limits;
use crate::lines::Line;
use crate::number::{MIB, number, sized};
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
    marks: &["CMDLINE ", "MEM ", "CHLD ", "FUNC "],
    sniff,
    read,
};

const CHILDREN_BESIDE: Caution = Caution {
    code: "children_beside",
    text: "the children's memory stands beside the process's and is not in these figures: record with -C",
    seen: "0.61: -M without -C, where MEM does not rise and fall with its CHLD lines",
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

/// Share of the children's own changes by which the difference of MEM and its children must change more than
/// MEM itself before MEM is taken for the parent alone.
const UNRELATED: f64 = 0.5;

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
    if let Some(sample) = line.strip_prefix("MEM ").and_then(plain_sample) {
        return Some(sample);
    }
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

/// A sample of the usual form, `12.345678 1795976184.1234`.
fn plain_sample(text: &str) -> Option<Record<'static>> {
    let (size, rest) = float(text.as_bytes())?;
    let (seconds, rest) = float(rest.strip_prefix(b" ")?)?;
    rest.is_empty().then_some(Record::Memory { rss: mebibytes(size)?, at: nanos(seconds)? })
}

fn mebibytes(value: f64) -> Option<Mib> {
    sized(value, MIB)
}

/// What tells whether MEM is the sum of the tree or the parent alone, where its children stand beside it.
///
/// A sum is never less than its children, but for what changes in the milliseconds between the two lines; and it
/// rises and falls with them, so that what is left without them changes less.
#[derive(Default)]
struct Relation {
    last: Option<(f64, f64)>,
    /// How much MEM, its children, and their difference changed in all, in MiB.
    changes: [f64; 3],
    with_children: usize,
    below_children: usize,
}

impl Relation {
    fn add(&mut self, memory: f64, children: f64) {
        if let Some((memory_before, children_before)) = self.last.replace((memory, children)) {
            let change = [memory - memory_before, children - children_before];
            let all = [change[0], change[1], change[0] - change[1]];
            self.changes.iter_mut().zip(all).for_each(|(sum, change)| *sum += change.abs());
        }
        self.with_children += usize::from(children > 0.0);
        self.below_children += usize::from(children > memory + ROUNDING_MB);
    }

    fn is_alone(&self) -> bool {
        let [memory, children, difference] = self.changes;
        self.below_children * 2 > self.with_children || difference - memory > UNRELATED * children
    }
}

/// A run that is being read: its samples so far and the one whose children may still follow.
struct Reading {
    trace: Trace,
    pending: Option<(i64, Mib, f64)>,
    relation: Relation,
    /// The largest MEM with its children.
    together_mb: f64,
    has_children: bool,
    ticks: usize,
}

impl Reading {
    fn new(limits: Limits) -> Self {
        let origin = READER.origin(Measure::ProcessRss, Precision::Sampled, TimeBase::Absolute);
        let trace = Trace::new(origin, limits.samples);
        Self {
            trace,
            pending: None,
            relation: Relation::default(),
            together_mb: 0.0,
            has_children: false,
            ticks: 0,
        }
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
        self.has_children = true;
    }

    /// Takes the sample whose children have all been read.
    fn flush(&mut self) {
        let Some((at, rss, children)) = self.pending.take() else { return };
        if self.has_children {
            self.relation.add(rss.get(), children);
        }
        self.together_mb = self.together_mb.max(children + rss.get());
        let children_rss = (children > 0.0).then(|| Mib::new(children));
        let _in_range = self.trace.push(at, Snapshot { children_rss, ..sample(rss) });
    }

    fn finish(mut self, calls: &Calls) -> Option<Run> {
        self.flush();
        let mut run = self.trace.finish()?;
        calls.label(&mut run);
        if self.has_children && self.relation.is_alone() {
            run.snapshots.iter_mut().for_each(|snapshot| snapshot.children_rss = None);
            let text =
                format!("{}; together they held {:.1} MiB at a time", CHILDREN_BESIDE.text, self.together_mb);
            run.warnings.push(CHILDREN_BESIDE.saying(text));
        } else if self.has_children {
            run.origin.iter_mut().for_each(|origin| origin.measure = Measure::TreeRss);
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
    let decimals = || line.text.rsplit_once('.').map_or(0, |(_, decimals)| decimals.len());
    !line.whole && line.text.starts_with(['M', 'C']) && !line.text.starts_with("CMDLINE") && decimals() != 4
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether MEM is the parent alone, of pairs of MEM and the sum of its children.
    fn is_alone(pairs: &[(f64, f64)]) -> bool {
        let mut relation = Relation::default();
        pairs.iter().for_each(|(memory, children)| relation.add(*memory, *children));
        relation.is_alone()
    }

    #[test]
    fn a_sum_rises_and_falls_with_its_children() {
        assert!(!is_alone(&[
            (10.0, 0.0),
            (50.0, 40.0),
            (90.0, 80.0),
            (42.0, 48.0),
            (90.0, 80.0),
            (10.0, 0.0)
        ]));
        assert!(!is_alone(&[(300.0, 100.0), (305.0, 100.0), (310.0, 100.0)]), "children of one size");
    }

    #[test]
    fn a_parent_alone_does_not() {
        assert!(is_alone(&[(10.0, 0.0), (10.0, 40.0), (11.0, 80.0), (11.0, 80.0)]), "below its children");
        assert!(
            is_alone(&[(300.0, 0.0), (300.0, 40.0), (301.0, 80.0), (301.0, 0.0)]),
            "larger than they are"
        );
    }
}
