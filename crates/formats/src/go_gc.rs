//! `GODEBUG=gctrace=1`: the Go heap at the start and the end of each collection, and what stays.
//!
//! `gc 5 @0.394s 0%: 0.14+1.9+0.003 ms clock, … ms cpu, 38->38->21 MB, 41 MB goal, … 2 P`; whole MiB. The
//! lines name no process: those of several in one file are told apart by their numbers.

use memtool_profile_model::{Measure, Mib, Origin, Precision, ReadError, Run, TimeBase};

use crate::collected::Collected;
use crate::cursor::Cursor;
use crate::head::Head;
use crate::input::Input;
use crate::number::{MIB, sized};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::nanos;
use crate::traces::Traces;

/// The reader of gctrace.
pub(crate) const READER: Reader = Reader {
    name: "go-gctrace",
    tool: "Go runtime, GODEBUG=gctrace=1",
    versions: "1.19, 1.27",
    record: "GODEBUG=gctrace=1 ./job 2> gc.txt",
    tells: "Go heap at the start and end of each collection, what stays live, pauses",
    cannot_tell: "stacks, runtime and C memory; the process's RSS (3 to 9 % above the heap); which process a line is of",
    cautions: &[OUTSIDE_HEAP, SEVERAL_PROCESSES],
    marks: &["gc "],
    sniff,
    read,
};

const OUTSIDE_HEAP: Caution = Caution {
    code: "outside_heap",
    text: "the trace knows the Go heap only: stacks, the runtime's own and C memory come on top (record RSS beside \
           it, with memtool record)",
    seen: "1.27: RSS 1.03 to 1.09 of the largest heap",
};

const SEVERAL_PROCESSES: Caution = Caution {
    code: "several_processes",
    text: "several processes wrote into this file and the lines do not name them: they were told apart by the \
           numbers of their collections",
    seen: "1.27: two jobs with one stderr",
};

/// Processes whose lines may be mixed at a time.
const MOST_OPEN: usize = 64;

/// One line of the trace.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Cycle {
    number: u64,
    at: i64,
    pause_s: f64,
    start: Mib,
    end: Mib,
    live: Mib,
    /// In MiB; larger than any machine where the collector is off (GOGC=off).
    goal_mb: f64,
    forced: bool,
}

fn cycle(line: &str) -> Option<Cycle> {
    let mut cursor = Cursor::new(line);
    let number = number(&mut cursor)?;
    let at = nanos(cursor.decimal()?)?;
    cursor.literal("s ")?;
    cursor.before("%: ")?;
    let pause_s = pauses(cursor.before(" ms clock, ")?)?;
    cursor.before(" ms cpu, ")?;
    let mut size = |end| {
        let size = sized(cursor.decimal()?, MIB)?;
        cursor.literal(end).map(|()| size)
    };
    let (start, end, live) = (size("->")?, size("->")?, size(" MB, ")?);
    let goal_mb = cursor.decimal()?;
    cursor.literal(" MB goal, ")?;
    let rest = cursor.rest().trim_end();
    let forced = rest.ends_with("(forced)");
    let whole = forced || rest.ends_with(" P") || rest.ends_with(" MB");
    whole.then_some(Cycle { number, at, pause_s, start, end, live, goal_mb, forced })
}

/// `gc 12 @`.
fn number(cursor: &mut Cursor<'_>) -> Option<u64> {
    cursor.literal("gc ")?;
    let number = cursor.whole()?;
    cursor.literal(" @").map(|()| number)
}

/// Seconds that the program stood still, of `stop+concurrent+stop` in milliseconds.
fn pauses(clock: &str) -> Option<f64> {
    let mut phases = clock.split('+').map(|phase| Cursor::new(phase).decimal());
    let (first, _, last) = (phases.next()??, phases.next()??, phases.next()??);
    Some((first + last) / 1000.0)
}

fn sniff(head: &Head<'_>) -> Certainty {
    head.lines().any(|line| cycle(line).is_some()).into()
}

/// A process whose lines are being read: its place, and its last line.
struct Process {
    place: usize,
    last: Cycle,
}

/// The processes that lines may belong to.
#[derive(Default)]
struct Processes {
    open: Vec<Process>,
    begun: usize,
}

impl Processes {
    /// The place of the process that a line is of.
    ///
    /// Its number is one more than that of the process's last line; of several the one whose heap is
    /// nearest to its size. Number 1 is a new process; a gap belongs to the nearest below.
    fn place(&mut self, cycle: &Cycle) -> usize {
        let fits = |process: &&mut Process| {
            cycle.number > process.last.number && cycle.at >= process.last.at && cycle.number > 1
        };
        let distance = |process: &&mut Process| {
            let away = (process.last.goal_mb - cycle.goal_mb).abs();
            (cycle.number - process.last.number, (away * 1024.0) as u64)
        };
        if let Some(process) = self.open.iter_mut().filter(fits).min_by_key(distance) {
            process.last = *cycle;
            return process.place;
        }
        if self.open.len() == MOST_OPEN {
            self.open.remove(0);
        }
        let place = self.begun;
        self.begun += 1;
        self.open.push(Process { place, last: *cycle });
        place
    }
}

fn origin(place: usize) -> Origin {
    let part = (place > 0).then(|| format!("process {}", place + 1));
    Origin { part, ..READER.origin(Measure::HeapUsed, Precision::Sampled, TimeBase::Relative) }
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut traces: Traces<usize> = Traces::new(input.limits);
    let mut processes = Processes::default();
    while let Some(line) = input.lines.next()? {
        let Some(cycle) = cycle(line.text) else {
            if number(&mut Cursor::new(line.text)).is_some() {
                input.faults.expected(line.number, "a collection with its sizes", line.text);
            }
            continue;
        };
        let place = processes.place(&cycle);
        let Some(trace) = traces.of(place, || origin(place)) else { continue };
        if cycle.collected().sample(trace) {
            cycle.collected().record(trace);
        }
    }
    let cautions = if processes.begun > 1 { &[OUTSIDE_HEAP, SEVERAL_PROCESSES][..] } else { &[OUTSIDE_HEAP] };
    for (_, trace) in traces.iter_mut() {
        cautions.iter().for_each(|caution| trace.warn(caution.warning()));
    }
    traces.finish(&input.faults, "gctrace")
}

impl Cycle {
    fn collected(&self) -> Collected {
        let before = if self.end > self.start { self.end } else { self.start };
        Collected {
            at: self.at,
            before,
            after: self.live,
            committed: None,
            pause_s: Some(self.pause_s),
            forced: self.forced,
            young: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_that_is_off_has_no_goal() {
        let line = "gc 2 @0.015s 1%: 0.13+0.13+0.003 ms clock, 0.27+0/0.10/0.090+0.007 ms cpu, 50->51->49 MB, \
                    8532210231537 MB goal, 0 MB stacks, 0 MB globals, 2 P (forced)";
        let cycle = cycle(line).expect("a collection");
        assert_eq!((cycle.start, cycle.end, cycle.live), (Mib::new(50.0), Mib::new(51.0), Mib::new(49.0)));
        assert!(cycle.forced && cycle.goal_mb > 1e12);
    }

    #[test]
    fn what_is_cut_is_none() {
        for line in ["gc 2 @0.015s 1%: 0.13+0.13+0.003 ms clock, 0.27+0 ms cpu, 50->51->4", "gc x @1s", ""] {
            assert_eq!(cycle(line), None, "{line}");
        }
    }
}
