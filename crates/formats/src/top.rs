//! Frames of `top -b`.

use memtool_profile_model::{Measure, Precision, ReadError, Run, Snapshot, TimeBase};

use crate::calendar::time_of_day;
use crate::clock::DayClock;
use crate::head::Head;
use crate::input::Input;
use crate::number::{KIB, size};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::sample;
use crate::traces::Traces;

pub(crate) const READER: Reader = Reader {
    name: "top",
    tool: "top",
    versions: "procps 4.0",
    record: "top -b -d 1 -p $PID > top.txt",
    tells: "memory of each process over time",
    cannot_tell: "the date; sizes from 1 GiB on to better than 51 MiB; peaks between frames",
    cautions: &[ROUGH_SIZES, THREADS],
    marks: &["top - "],
    sniff,
    read,
};

const ROUGH_SIZES: Caution = Caution {
    code: "rough_sizes",
    text: "top wrote sizes with a unit and one decimal: those from 1 GiB on are right to 51 MiB only",
    seen: "procps 4.0: 1.1g where RES passes its column",
};

const THREADS: Caution = Caution {
    code: "threads",
    text: "top -H was logged: each row is a thread, and repeats the memory of its process",
    seen: "procps 4.0: `Threads:` in place of `Tasks:` in the frame's head",
};

fn sniff(head: &Head<'_>) -> Certainty {
    (head.lines().any(|line| frame(line).is_some()) && head.lines().any(|line| Columns::of(line).is_some()))
        .into()
}

/// The time of day that a frame's first line holds.
fn frame(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("top - ")?;
    let time = rest.split_ascii_whitespace().next()?;
    time_of_day(time, None).map(|_| time)
}

struct Columns {
    pid: usize,
    res: usize,
    virt: Option<usize>,
    command: usize,
}

impl Columns {
    fn of(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let place = |name: &str| words.iter().position(|word| *word == name);
        Some(Self { pid: place("PID")?, res: place("RES")?, virt: place("VIRT"), command: words.len() - 1 })
    }
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut clock = DayClock::default();
    let mut traces: Traces<u32> = Traces::new(input.limits);
    let (mut at, mut columns): (Option<i64>, Option<Columns>) = (None, None);
    let mut threads = false;
    while let Some(line) = input.lines.next()? {
        if let Some(time) = frame(line.text) {
            at = time_of_day(time, None).and_then(|time| clock.at(time));
            columns = None;
            continue;
        }
        if let Some(found) = Columns::of(line.text) {
            columns = Some(found);
            continue;
        }
        threads |= columns.is_none() && line.text.starts_with("Threads:");
        let (Some(at), Some(columns)) = (at, &columns) else { continue };
        let words: Vec<&str> = line.certain().split_ascii_whitespace().collect();
        if words.is_empty() {
            continue;
        }
        let cell = |place: usize| words.get(place).copied();
        let figures = cell(columns.pid).and_then(|pid| pid.parse::<u32>().ok());
        let figures = figures.zip(cell(columns.res).and_then(|text| size(text, KIB)));
        let Some((pid, rss)) = figures else {
            input.faults.unread(line, "a process and its RES");
            continue;
        };
        // A kernel thread, or a process that has ended, has no memory of its own; `0.0g` is a small one.
        if cell(columns.res) == Some("0") {
            continue;
        }
        let part =
            || READER.part(Measure::ProcessRss, Precision::Sampled, TimeBase::Relative, format!("pid {pid}"));
        let Some(trace) = traces.of(pid, part) else { continue };
        let vms = columns.virt.and_then(cell).and_then(|text| size(text, KIB));
        if !trace.push(at, Snapshot { vms, ..sample(rss) }) {
            input.faults.expected(line.number, "a time", line.text);
        }
        trace.run.process.pid = pid;
        trace.run.process.command = cell(columns.command).map(str::to_owned);
        if cell(columns.res).is_some_and(|text| text.ends_with(['g', 't', 'p'])) {
            trace.warn(ROUGH_SIZES.warning());
        }
    }
    if threads {
        traces.iter_mut().for_each(|(_, trace)| trace.warn(THREADS.warning()));
    }
    traces.finish(&input.faults, "log of top")
}
